"""Packing: what to take from the shelves, slips to print, and parcels marked as packed."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.roles import Deed
from app.fulfilment import shipping, together
from app.fulfilment.slips import Paper
from app.kernel.errors import BadInput, NotFound
from app.orders.models import BulkVerb
from app.reports import order_list, order_rows, packing_page
from app.reports.open_parcels import open_parcels
from app.reports.order_list import Wish
from app.staff import asking, bulk_deeds
from app.staff.blueprint import bp
from app.staff.guard import label_ids, needs, person
from app.staff.order import check_decided, note_parcel, order_of
from app.web import forms
from app.web.house import now, reading, transaction

AT_ONCE = 100  # orders on the table, and in one batch
DEEDS = ("pack", "slips", "ship")


@bp.get("/packing")
@needs(Deed.PACK)
def packing() -> ResponseReturnValue:
    """The orders to pack, oldest first, and the pick list for all of them; printed, the pick list alone."""
    mine = label_ids(Deed.PACK)
    with reading() as session:
        rows = order_rows.rows(session, order_list.to_pack(session, mine, limit=AT_ONCE))
        stages = order_list.stage_counts(session, Wish(tuple(mine)))
        unlocked = len(open_parcels(session, label_ids(Deed.CORRECT)))
    picks = packing_page.pick_list([row for row in rows if row.awaits is None])
    ticked = request.args.get("tick") == "all"
    return render_template(
        "staff/packing.html",
        rows=rows,
        picks=picks,
        stages=stages,
        open_parcels=unlocked,
        may_lock=person().anywhere(Deed.CORRECT),
        papers=list(Paper),
        now=now(),
        all=ticked,
    )


@bp.post("/packing/chosen")
@needs(Deed.PACK)
def packing_chosen() -> ResponseReturnValue:
    """Do one thing with the chosen orders: pack them, print their slips, or go on to ship them."""
    ids, deed = asking.ids("order")[:AT_ONCE], forms.one_of("do", DEEDS, label="What to do")
    if not ids:
        raise BadInput("No order is chosen. Tick at least one and try again.")
    if deed == "slips":
        return redirect(url_for("staff.packing_slips", order=ids, paper=request.form.get("paper") or None), 303)
    if deed == "ship":
        return redirect(url_for("staff.shipping", order=ids), 303)
    with transaction() as session:
        mine = order_list.owned(session, label_ids(Deed.PACK), ids)
        if len(mine) != len(set(ids)):
            raise NotFound(_("One of these orders is not there."))
        begun = bulk_deeds.begin(session, BulkVerb.PACK, together.one_each(session, mine))
    bulk_deeds.go_on(begun)
    return redirect(url_for("staff.orders_bulk", bulk_id=begun), 303)


@bp.post("/orders/<int:order_id>/pack")
@needs(Deed.PACK)
def order_pack(order_id: int) -> ResponseReturnValue:
    """Mark one parcel as packed."""
    with transaction() as session:
        found = order_of(session, order_id, Deed.PACK)
        check_decided(session, found)
        shipping.pack(session, order_id, now())
        note_parcel(session, "order.packed", found)
    flash(_("Packed."))
    return redirect(url_for("staff.order", order_id=order_id), 303)


@bp.post("/orders/<int:order_id>/unpack")
@needs(Deed.PACK)
def order_unpack(order_id: int) -> ResponseReturnValue:
    """Undo packed."""
    with transaction() as session:
        found = order_of(session, order_id, Deed.PACK)
        shipping.unpack(session, order_id, now())
        note_parcel(session, "order.unpacked", found)
    flash(_("Open again, it stands among the orders to pack."))
    return redirect(url_for("staff.order", order_id=order_id), 303)
