"""One thing done to many orders of the list: chosen there, shown as it goes on, and undone where it can be."""

from collections.abc import Sequence

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.kernel.errors import BadInput, NotFound
from app.orders import bulk, tags
from app.orders.models import Bulk, BulkVerb, Order
from app.reports import order_list
from app.reports.bulk_page import bulk_page
from app.staff import asking, bulk_deeds, order_asked
from app.staff.blueprint import bp
from app.staff.guard import again_first, label_ids, needs
from app.staff.order_export import export
from app.staff.packing import AT_ONCE
from app.web import forms
from app.web.house import now, reading, transaction

SLIPS, EXPORT = "slips", "export"
VERBS = (SLIPS, EXPORT, *(verb for verb in BulkVerb if verb is not BulkVerb.PACK))  # packing has its own page


@bp.post("/orders/chosen")
@needs(Deed.PACK)
def orders_chosen() -> ResponseReturnValue:
    """Do one thing with the ticked orders, or with all that match: what is done at once is answered, the rest begins."""
    do = forms.one_of("do", VERBS, label=_("What to do"))
    may = Deed.BOOKS if do == EXPORT else Deed.PACK if do == SLIPS else bulk_deeds.NEEDS[BulkVerb(do)]
    with reading() as session:
        ids = _chosen(session, may)
    if not ids:
        raise BadInput(_("No order is chosen. Tick at least one and try again."))
    if do == SLIPS:
        return _slips(ids)
    if do == EXPORT:
        return again_first() or export(ids)
    with transaction() as session:
        begun = _begin(session, BulkVerb(do), ids)
    bulk_deeds.go_on(begun)
    return redirect(url_for("staff.orders_bulk", bulk_id=begun), 303)


@bp.get("/orders/bulk/<int:bulk_id>")
@needs(Deed.PACK)
def orders_bulk(bulk_id: int) -> ResponseReturnValue:
    """How far it has come."""
    with reading() as session:
        page = bulk_page(session, _mine(session, bulk_id))
    return render_template("staff/bulk.html", page=page)


@bp.post("/orders/bulk/<int:bulk_id>")
@needs(Deed.PACK)
def orders_bulk_on(bulk_id: int) -> ResponseReturnValue:
    """The next slice."""
    with reading() as session:
        _mine(session, bulk_id)
    bulk_deeds.go_on(bulk_id)
    return redirect(url_for("staff.orders_bulk", bulk_id=bulk_id), 303)


@bp.post("/orders/bulk/<int:bulk_id>/undo")
@needs(Deed.PACK)
def orders_bulk_undo(bulk_id: int) -> ResponseReturnValue:
    """Begin to undo what was done; what was refused, or was so before, stays as it is."""
    with transaction() as session:
        found = _mine(session, bulk_id)
        bulk.undo(found, now())
        bulk_deeds.note_deed(session, "orders.bulk_undone", found)
    bulk_deeds.go_on(bulk_id)
    return redirect(url_for("staff.orders_bulk", bulk_id=bulk_id), 303)


def _chosen(session: Session, may: Deed) -> list[int]:
    """The ticked orders, or all that match what stands in the address; NotFound when one of them is none of the person's."""
    if "all" in request.form:
        return order_list.all_ids(session, order_asked.wished(session, may), most=bulk.MOST + 1)
    ids = sorted(set(asking.ids("order")[: bulk.MOST + 1]))
    if len(order_list.owned(session, label_ids(may), ids)) != len(ids):
        raise NotFound(_("One of these orders is not there."))
    return ids


def _slips(ids: Sequence[int]) -> ResponseReturnValue:
    if len(ids) > AT_ONCE:
        raise BadInput(_("Choose at most %(most)s orders: so many slips are printed at once.", most=AT_ONCE))
    return redirect(url_for("staff.packing_slips", order=ids), 303)


def _begin(session: Session, verb: BulkVerb, ids: Sequence[int]) -> int:
    return bulk_deeds.begin(session, verb, ids, _tag_id(session, ids) if verb in {BulkVerb.TAG, BulkVerb.UNTAG} else None)


def _tag_id(session: Session, ids: Sequence[int]) -> int:
    """The tag that was typed, of the one label that the orders belong to."""
    labels = session.scalars(select(Order.label_id).where(Order.id.in_(ids)).distinct()).all()
    if len(labels) != 1:
        raise BadInput(_("Tags belong to one label each. Choose orders of one label."))
    return tags.named(session, labels[0], forms.text("tag", label=_("The tag"), most=tags.LONGEST, least=1)).id


def _mine(session: Session, bulk_id: int) -> Bulk:
    found = bulk_deeds.whose(session, bulk_id)
    if found is None:
        raise NotFound(_("There is no such deed."))
    return found
