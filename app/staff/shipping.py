"""Parcels leave: one with its tracking number, or many at once, where a wrong one does not keep the others."""

from dataclasses import dataclass

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.roles import Deed
from app.fulfilment import carriers, together
from app.fulfilment import shipping as parcels
from app.kernel.errors import BadInput, Refusal
from app.reports import order_list, order_rows
from app.reports.order_list import Wish
from app.reports.order_rows import OrderRow
from app.reports.order_stage import Stage
from app.staff import asking, queries
from app.staff.blueprint import bp
from app.staff.guard import actor, label_ids, needs
from app.staff.order import check_decided, note_parcel, order_answer, order_of
from app.staff.packing import AT_ONCE
from app.web import forms
from app.web.house import now, reading, transaction

SHIPPABLE = {Stage.TO_PACK, Stage.PACKED}


@dataclass(frozen=True)
class Typed:
    """What stood in one row of the form, and what is wrong with it, if anything is."""

    carrier: str
    tracking: str
    error: str


@bp.get("/packing/ship")
@needs(Deed.PACK)
def shipping() -> ResponseReturnValue:
    """The form for many: the chosen orders, or all that are packed, ticked on demand."""
    ids = queries.row_ids("order", most=AT_ONCE)
    return _page(ids, typed={}, status=200, every=not ids and request.args.get("tick") == "all")


@bp.post("/packing/ship")
@needs(Deed.PACK)
def shipping_many() -> ResponseReturnValue:
    """Ship each ticked order in a transaction of its own; the page comes back with those that could not go, and why.

    Who only ticks all, or none, finds what was typed still there.
    """
    if "tick" in request.form:
        return _page([], typed=_all_typed(), status=200, every=request.form["tick"] == "all")
    sent, typed = [], {}
    for id_ in _chosen():
        carrier, tracking = f"carrier-{id_}", f"tracking-{id_}"
        try:
            sent.append(send_off(id_, typed_carrier(carrier), _tracking(tracking)))
        except Refusal as no:
            typed[id_] = Typed(_as_typed(carrier), _as_typed(tracking), no.detail)
    if sent:
        flash(_("Shipped: %(numbers)s. Their fans are told by mail.", numbers=", ".join(f"№ {each}" for each in sent)))
    if not typed:
        return redirect(url_for("staff.shipping"), 303)
    return _page(list(typed), typed=typed, status=422)


@bp.post("/orders/<int:order_id>/ship")
@needs(Deed.PACK)
def ship(order_id: int) -> ResponseReturnValue:
    """Ship one order."""
    try:
        carrier, tracking = typed_carrier("carrier"), _tracking("tracking")
    except BadInput as no:
        return order_answer(order_id, no)
    send_off(order_id, carrier, tracking)
    flash(_("Shipped. The fan is told by mail."))
    return redirect(url_for("staff.order", order_id=order_id), 303)


def _chosen() -> list[int]:
    """The ticked orders, and those with a tracking number beside them: nobody types one for a parcel that stays."""
    typed = [
        name.removeprefix("tracking-") for name, value in request.form.items() if name.startswith("tracking-") and value.strip()
    ]
    ids = [*asking.ids("order"), *(int(id_) for id_ in typed if _is_id(id_))]
    if not ids:
        raise BadInput("No order is chosen. Tick at least one, or type its tracking number.")
    return one_each(sorted(set(ids))[:AT_ONCE])


def one_each(ids: list[int]) -> list[int]:
    """Each parcel once, however many orders are in it."""
    with reading() as session:
        return together.one_each(session, ids)


def typed_carrier(field: str) -> str:
    """A carrier of the list, or another one by name."""
    return forms.text(field, label="The carrier", most=40) or forms.text("other", label="The carrier", most=40, least=1)


def _tracking(field: str) -> str:
    return forms.text(field, label="The tracking number", most=80)


def send_off(order_id: int, carrier: str, tracking: str) -> str:
    """One parcel leaves; the numbers of the orders in it."""
    with transaction() as session:
        found = order_of(session, order_id, Deed.PACK)
        check_decided(session, found)
        parcels.ship(session, order_id, carrier, tracking, now(), actor())
        note_parcel(session, "order.shipped", found, carrier=carrier)
        return " + ".join(each.reference for each in together.orders(session, order_id))


def _as_typed(field: str) -> str:
    try:
        return forms.text(field, label="", most=80)
    except BadInput:
        return ""


def _all_typed() -> dict[int, Typed]:
    ids = (name.removeprefix("tracking-") for name in request.form if name.startswith("tracking-"))
    return {int(id_): Typed(_as_typed(f"carrier-{id_}"), _as_typed(f"tracking-{id_}"), "") for id_ in ids if _is_id(id_)}


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _page(ids: list[int], *, typed: dict[int, Typed], status: int, every: bool = False) -> Response:
    """The form; each row begins with the carrier of the rate that was paid for, or with whom the last parcel went."""
    mine = label_ids(Deed.PACK)
    with reading() as session:
        wanted = order_list.owned(session, mine, ids) if ids else order_list.to_pack(session, mine, Stage.PACKED, limit=AT_ONCE)
        rows = order_rows.rows(session, together.one_each(session, wanted))
        stages = order_list.stage_counts(session, Wish(tuple(mine)))
        last = order_list.last_carrier(session, mine)
    choices = carriers.choices(*(row.postage.carrier for row in rows), last)
    wrong = {id_: each.error for id_, each in typed.items() if each.error}
    lost = [error for id_, error in wrong.items() if id_ not in {row.id for row in rows}]
    body = render_template(
        "staff/shipping.html",
        rows=rows,
        ticked={row.id for row in rows if (ids or every) and _may_go(row)},
        orders=len(wanted),
        typed=typed,
        wrong=len(wrong),
        lost=lost,
        every=None if ids else every,
        begin={row.id: typed[row.id].carrier if row.id in typed else row.postage.carrier or last or choices[0] for row in rows},
        other=_as_typed("other") if typed else "",
        carriers=choices,
        stages=stages,
    )
    return Response(body, status)


def _may_go(row: OrderRow) -> bool:
    return row.stage in SHIPPABLE and row.awaits is None
