"""What is done to each order of a bulk deed, and how it is undone: one transaction for each, so that none keeps the others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.checkout import correct
from app.fulfilment import locking, parcels, shipping
from app.fulfilment.models import ParcelState
from app.kernel.errors import Conflict, Refusal, Unavailable
from app.orders import bulk, placing, tags
from app.orders.models import Bulk, BulkOrder, BulkVerb, Order, OrderState, Tag
from app.staff import deed as deed_log
from app.staff.guard import person
from app.staff.order import check_decided, note, note_parcel, order_of
from app.web.house import now, reading, transaction

SLICE = 50  # orders in one request
NEEDS = {
    BulkVerb.LOCK: Deed.CORRECT,
    BulkVerb.CONFIRM: Deed.CORRECT,
    BulkVerb.TAG: Deed.PACK,
    BulkVerb.UNTAG: Deed.PACK,
    BulkVerb.PACK: Deed.PACK,
}


@dataclass(frozen=True)
class Turn:
    """One order's turn in a deed: when it is, and the tag that it is about."""

    deed: Bulk
    at: datetime
    tag: Tag | None


def begin(session: Session, verb: BulkVerb, ids: Sequence[int], tag_id: int | None = None) -> int:
    """Write down what is to be done to which orders, and that it was begun; the deed's id."""
    begun = bulk.begin(session, person().id, verb, ids, now(), tag_id)
    note_deed(session, "orders.bulk_begun", begun)
    return begun.id


def note_deed(session: Session, deed: str, found: Bulk) -> None:
    """In the audit log of each label that the orders are of."""
    for label_id, count in bulk.labels(session, found):
        counted = "parcels" if found.verb is BulkVerb.PACK else "orders"  # of a parcel with several orders one is packed for all
        detail: dict[str, Any] = {"reason": found.verb.value, counted: count}
        deed_log.note(session, deed, "bulk", found.id, label_id, **detail)


def go_on(bulk_id: int) -> None:
    """Give the next slice of orders their turn; where the shop is too busy it is left for the next time."""
    with reading() as session:
        ids = bulk.ahead(session, session.get_one(Bulk, bulk_id), most=SLICE)
    for order_id in ids:
        try:
            _turn(bulk_id, order_id)
        except Unavailable:
            return
        except Refusal as no:
            with transaction() as session:
                bulk.refuse(session, session.get_one(Bulk, bulk_id), order_id, no.detail)


def _turn(bulk_id: int, order_id: int) -> None:
    with transaction() as session:
        deed = session.get_one(Bulk, bulk_id)
        found = order_of(session, order_id, NEEDS[deed.verb])
        turn = Turn(deed, now(), session.get(Tag, deed.tag_id) if deed.tag_id else None)
        if bulk.take(session, deed, order_id, turn.at):
            _DEEDS[deed.verb, deed.undo_at is not None](session, found, turn)


def _lock(session: Session, found: Order, turn: Turn) -> None:
    if found.state is OrderState.CANCELLED:
        raise Conflict(_("It was cancelled."))
    if not locking.lock(session, [found.id], turn.at):
        raise Conflict(_("Its parcel is locked, packed or sent already."))
    note_parcel(session, "order.parcel_locked", found)


def _unlock(session: Session, found: Order, turn: Turn) -> None:
    if not locking.unlock(session, [found.id], turn.at):
        raise Conflict(_("Its parcel is not locked any more: it was opened, packed or sent meanwhile."))
    note_parcel(session, "order.parcel_unlocked", found)


def _tag(session: Session, found: Order, turn: Turn) -> None:
    if turn.tag is None or not tags.put(session, found.id, turn.tag.id):
        raise Conflict(_("It has this tag already."))
    note(session, "order.tagged", found, reason=turn.tag.name)


def _untag(session: Session, found: Order, turn: Turn) -> None:
    if turn.tag is None or not tags.take_off(session, found.id, turn.tag.id):
        raise Conflict(_("It has not got this tag."))
    note(session, "order.untagged", found, reason=turn.tag.name)


def _confirm(session: Session, found: Order, turn: Turn) -> None:
    if not correct.send_again(session, found.id, turn.at):
        raise Conflict(_("A confirmation is waiting to be sent already."))
    note(session, "order.confirmation_sent_again", found)


def _pack(session: Session, found: Order, turn: Turn) -> None:
    check_decided(session, found)
    shipping.pack(session, found.id, turn.at)
    note_parcel(session, "order.packed", found)


def _unpack(session: Session, found: Order, turn: Turn) -> None:
    placing.locked(session, found.id)  # before its parcel, as whoever packs and ships does
    parcel = parcels.locked(session, found.id)
    if parcel.state is ParcelState.SENT:
        raise Conflict(_("It has left already: what is shipped stays shipped."))
    if parcel.state is not ParcelState.PACKED:
        raise Conflict(_("It is not packed any more: it was opened meanwhile."))
    if parcel.packed_at != session.get_one(BulkOrder, (turn.deed.id, found.id)).done_at:
        raise Conflict(_("It was opened and packed again meanwhile."))
    shipping.unpack(session, found.id, turn.at)
    note_parcel(session, "order.unpacked", found)


# What is done, and (where the second is true) what undoes it.
_DEEDS: dict[tuple[BulkVerb, bool], Callable[[Session, Order, Turn], None]] = {
    (BulkVerb.LOCK, False): _lock,
    (BulkVerb.LOCK, True): _unlock,
    (BulkVerb.TAG, False): _tag,
    (BulkVerb.TAG, True): _untag,
    (BulkVerb.UNTAG, False): _untag,
    (BulkVerb.UNTAG, True): _tag,
    (BulkVerb.CONFIRM, False): _confirm,
    (BulkVerb.PACK, False): _pack,
    (BulkVerb.PACK, True): _unpack,
}


def whose(session: Session, bulk_id: int) -> Bulk | None:
    """The deed, if the person who is signed in began it."""
    found = session.get(Bulk, bulk_id)
    return found if found is not None and found.staff_id == person().id else None
