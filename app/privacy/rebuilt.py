"""Goes on with an erasure whose person nobody knew after a restore, once an order of theirs is made again from Stripe's record."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.accounts.models import AuditEntry
from app.inventory.models import Hold
from app.kernel.tokens import Tokens
from app.orders.models import Order
from app.privacy import erasures
from app.privacy.erasing import STRAYS
from app.privacy.models import ErasedRow, Erasure, ErasureOrigin, ErasureState
from app.privacy.persons import Person

_REBUILT = "order.rebuilt"


def found(session: Session, tokens: Tokens, now: datetime) -> list[tuple[int, Person]]:
    """The erasures out of the record that are over, as nothing was known of the person, and who they are about after all."""
    return list(dict(_pairs(session, tokens, now)).items())


def go_on(session: Session, erasure_id: int, person: Person, now: datetime) -> None:
    """Have one go on, unless it does already."""
    erasure = erasures.locked(session, erasure_id)
    if erasure.state is ErasureState.DONE:
        begun = session.scalar(select(ErasedRow.ref).where(ErasedRow.erasure_id == erasure_id).limit(1)) is not None
        erasures.reopen(erasure, person, now, begun=begun)
        session.flush()


def _pairs(session: Session, tokens: Tokens, now: datetime) -> Iterator[tuple[int, Person]]:
    lately = (AuditEntry.entity == "order", AuditEntry.deed == _REBUILT, AuditEntry.at > now - STRAYS)
    made = select(Order, Hold.created_at).join(Hold, Hold.id == Order.hold_id).where(Order.email != "")
    for order, began in session.execute(made.where(Order.id.in_(select(AuditEntry.entity_id).where(*lately)))):
        person = Person(order.label_id, order.email.lower(), order.email_key)
        mine = (Erasure.label_id == person.label_id, Erasure.digest.in_(person.digests(tokens)))
        waits = exists().where(*mine, Erasure.state == ErasureState.WAITING)
        over = (Erasure.origin == ErasureOrigin.RECORD, Erasure.state == ErasureState.DONE, Erasure.asked_at >= began)
        last = session.scalar(select(Erasure.id).where(*mine, *over).order_by(Erasure.id.desc()).limit(1))
        if last is not None and not session.scalar(select(waits)):
            yield last, person
