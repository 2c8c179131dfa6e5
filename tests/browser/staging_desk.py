"""What the gallery has of the desk's own writing: notes, tags, a saved view, and a deed on many orders."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import views
from app.accounts.models import Staff
from app.kernel.db import transaction
from app.orders import bulk, notes, tags
from app.orders.models import BulkVerb, Order
from tests.browser.running import RunningShop

LISTED = "country=outside&fact=unlocked"


def stage_desk(shop: RunningShop, names: dict[str, Any]) -> dict[str, Any]:
    """Write it down as whoever may sign in at the desk."""
    with transaction(shop.db) as session:
        staff_id = session.scalars(select(Staff.id).order_by(Staff.id)).first() or 0
        order = session.get_one(Order, names["order_paid_id"])
        for name in ("gift", "press copy", "signed"):
            tags.put(session, order.id, tags.named(session, order.label_id, name).id)
        notes.write(session, order.id, staff_id, "Moves on the 3rd: ask before it leaves.", shop.now(), on_slip=False)
        notes.write(session, order.id, staff_id, "Signed by Hanne, keep flat.", shop.now(), on_slip=True)
        views.save(session, staff_id, None, "Abroad, not locked", LISTED, shop.now())
        views.save(session, staff_id, order.label_id, "To ask about", "fact=desk-note", shop.now())
        ids = list(session.scalars(select(Order.id).where(Order.label_id == order.label_id).order_by(Order.id).limit(12)))
        done = {verb: _bulk(session, shop, staff_id, ids, verb) for verb in (BulkVerb.LOCK, BulkVerb.PACK)}
        return {"bulk_done": done[BulkVerb.LOCK], "bulk_packed": done[BulkVerb.PACK]}


def _bulk(session: Session, shop: RunningShop, staff_id: int, ids: list[int], verb: BulkVerb) -> int:
    """A deed that is done; every third order stayed as it was."""
    found = bulk.begin(session, staff_id, verb, ids, shop.now(), None)
    for at, order_id in enumerate(ids):
        if at % 3:
            bulk.take(session, found, order_id, shop.now())
        else:
            bulk.refuse(session, found, order_id, "Its parcel is locked, packed or sent already.")
    return found.id
