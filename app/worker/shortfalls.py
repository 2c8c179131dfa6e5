"""What a worker does about copies that did not come: reminds, goes on without an answer, gives money back."""

from datetime import datetime

from app.checkout import shortfall_answers, shortfall_refund, shortfalls_due
from app.checkout.house import House
from app.kernel.db import reading, transaction
from app.kernel.errors import Refusal


def look(house: House, now: datetime) -> None:
    """Each in a transaction of its own; mostly nothing is due, which is seen without the write lock."""
    with reading(house.db) as session:
        found = shortfalls_due.due(session, now)
    for shortfall_id in found.over:
        with transaction(house.db) as session:
            shortfall_answers.unanswered(session, shortfall_id, now)
    if found.again:
        with transaction(house.db) as session:
            shortfalls_due.try_again(session, found.again, now)
    for order_id, ids in found.remind.items():
        with transaction(house.db) as session:
            shortfalls_due.remind(session, order_id, ids, now)


def give_back(house: House, shortfall_id: int) -> None:
    """Begin the refund that a fan chose, or was told of, once it is due; what stands against it is shown at the desk."""
    try:
        with transaction(house.db) as session:
            shortfall_refund.give_back(session, shortfall_id, house.clock.now())
    except Refusal as no:
        with transaction(house.db) as session:
            shortfall_refund.note_trouble(session, shortfall_id, no.detail)
