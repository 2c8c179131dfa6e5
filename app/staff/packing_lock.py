"""The pack lock at the desk: the parcels of a drop, of some orders, or of all that are to be packed; and one opened again."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from app.accounts.roles import Deed
from app.drops.models import Drop
from app.fulfilment import locking, together
from app.kernel.errors import Conflict, NotFound
from app.orders.models import Order, OrderState
from app.reports.open_parcels import open_parcels
from app.staff import asking
from app.staff.blueprint import bp
from app.staff.guard import label_ids, needs, require
from app.staff.order import note, note_parcel, order_of
from app.web.house import now, reading, transaction


@bp.post("/packing/lock")
@needs(Deed.CORRECT)
def packing_lock() -> ResponseReturnValue:
    """Lock the chosen parcels; all that are to be packed when none is chosen."""
    with reading() as session:
        ids = list(asking.ids("order")) or open_parcels(session, label_ids(Deed.CORRECT))
    _lock(ids)
    return redirect(url_for("staff.packing"), 303)


@bp.get("/drops/<int:drop_id>/lock-parcels")
@needs(Deed.CORRECT)
def drop_lock_parcels(drop_id: int) -> ResponseReturnValue:
    """Say what it means, and ask; back to the drop where nothing is to lock."""
    ids = _of_drop(drop_id)
    if not ids:
        flash(_("Nothing to lock: what is paid of this drop is locked, packed or sent already."))
        return redirect(url_for("staff.drop", drop_id=drop_id), 303)
    return render_template(
        "staff/confirm.html",
        title=ngettext("Lock one parcel for packing?", "Lock %(num)s parcels for packing?", len(ids)),
        sentences=[
            _("Their fans can no longer correct the address or cancel by themselves; you still can."),
            _("Lock them before you print slips, so that what is printed stays true. It can be undone parcel by parcel."),
        ],
        action=url_for("staff.drop_lock_parcels_do", drop_id=drop_id),
        verb=_("Lock them"),
        back=url_for("staff.drop", drop_id=drop_id),
        tone="loud",
        fields={},
    )


@bp.post("/drops/<int:drop_id>/lock-parcels")
@needs(Deed.CORRECT)
def drop_lock_parcels_do(drop_id: int) -> ResponseReturnValue:
    """Lock the parcels of a drop."""
    _lock(_of_drop(drop_id))
    return redirect(url_for("staff.packing"), 303)


@bp.post("/orders/<int:order_id>/unlock")
@needs(Deed.CORRECT)
def order_unlock(order_id: int) -> ResponseReturnValue:
    """Open one parcel again, so that its fan can correct the address."""
    with transaction() as session:
        found = order_of(session, order_id, Deed.CORRECT)
        if not locking.unlock(session, [order_id], now()):
            raise Conflict(_("This parcel is not locked."))
        note_parcel(session, "order.parcel_unlocked", found)
    flash(_("Open again: the fan can correct the address."))
    return redirect(url_for("staff.order", order_id=order_id), 303)


def _lock(ids: Sequence[int]) -> None:
    with transaction() as session:
        found = {order.id: order for order in session.scalars(select(Order).where(Order.id.in_(ids)))}
        if not found.keys() >= set(ids):
            raise NotFound("There is no such order.")
        for label_id in {order.label_id for order in found.values()}:
            require(label_id, Deed.CORRECT)
        locked = locking.lock(session, [id_ for id_, order in found.items() if order.state is OrderState.PLACED], now())
        for id_ in locked:
            note(session, "order.parcel_locked", session.get_one(Order, id_))
        parcels = len(together.one_each(session, locked))
    flash(ngettext("One parcel is locked for packing.", "%(num)s parcels are locked for packing.", parcels))


def _of_drop(drop_id: int) -> list[int]:
    with reading() as session:
        drop = session.get(Drop, drop_id)
        if drop is None:
            raise NotFound("There is no such drop.")
        require(drop.label_id, Deed.CORRECT)
        return open_parcels(session, [drop.label_id], drop_id)
