"""The demo's pre-order: a 7″ whose plant cut it again, so that its promise has slipped once and its fans may cancel free."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.catalogue import making_changes
from app.catalogue.making import Step
from app.catalogue.making_changes import TELL, Words
from app.catalogue.promises import of_month
from app.checkout import telling
from app.checkout.house import House
from app.kernel import outbox
from app.kernel.db import transaction

RUN = "northern-sidings-7"
BEGUN, PRESSED = timedelta(days=24), timedelta(days=3)
PROMISED, SLIPPED = timedelta(days=45), timedelta(days=75)  # ahead of today, and by so much
HUM = "The first test pressing hums on side B. We wait for the second before we say yes."
AGAIN = "Side B is cut again, and the plant has a place for us only in spring. We are sorry. It will be quiet."


def begin(session: Session, run_id: int, actor: str, now: datetime) -> None:
    """What was said before anybody bought it."""
    promise = of_month((now + PROMISED).date())
    making_changes.say(session, run_id, Words(Step.FILES_IN, promise), now - BEGUN, actor)
    making_changes.say(session, run_id, Words(Step.TEST_PRESS, promise, HUM), now - PRESSED, actor)
    _tell(session, run_id, now - PRESSED)


def slip(house: House, run_id: int, actor: str, now: datetime) -> None:
    """It comes later than they were promised, and they were told."""
    with transaction(house.db) as session:
        promise = of_month((now + PROMISED + SLIPPED).date())
        making_changes.say(session, run_id, Words(Step.TEST_PRESS, promise, AGAIN), now - making_changes.PATIENCE, actor)
        _tell(session, run_id, now)


def _tell(session: Session, run_id: int, now: datetime) -> None:
    """What the worker does ten minutes later."""
    wave = telling.begin(session, run_id)
    if wave is not None:
        telling.tell(session, wave, wave.fans, now)
        telling.end(session, wave)
    outbox.no_more(session, TELL, str(run_id), now)
