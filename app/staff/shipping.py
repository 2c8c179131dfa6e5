"""Parcels leave: one with its tracking number, or many at once, where a wrong one does not keep the others."""

from dataclasses import dataclass

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.models import Role
from app.fulfilment import shipping as parcels
from app.fulfilment.carriers import TRACKING
from app.kernel.errors import BadInput, Refusal
from app.reports import order_list, order_rows
from app.reports.order_list import Wish
from app.reports.order_rows import OrderRow
from app.reports.order_stage import Stage
from app.staff import asking, queries
from app.staff.blueprint import bp
from app.staff.guard import actor, label_ids, needs
from app.staff.order import note, order_answer, order_of
from app.staff.packing import AT_ONCE
from app.web import forms
from app.web.house import now, reading, transaction

SHIPPABLE = {Stage.TO_PACK, Stage.PACKED}


@dataclass(frozen=True)
class Typed:
    """What stood in one row of the form, and what is wrong with it."""

    tracking: str
    error: str


@bp.get("/packing/ship")
@needs(Role.PACKER)
def shipping() -> ResponseReturnValue:
    """The form for many: the chosen orders, or all that are packed."""
    return _page(queries.row_ids("order", most=AT_ONCE), carrier="", typed={}, status=200)


@bp.post("/packing/ship")
@needs(Role.PACKER)
def shipping_many() -> ResponseReturnValue:
    """Ship each ticked order in a transaction of its own; the page comes back with those that could not go, and why."""
    ids = _chosen()
    carrier = _carrier()
    sent, typed = [], {}
    for id_ in ids:
        field = f"tracking-{id_}"
        try:
            sent.append(_ship(id_, carrier, forms.text(field, label="The tracking number", most=80)))
        except Refusal as no:
            typed[id_] = Typed(_as_typed(field), no.detail)
    if sent:
        flash(_("Shipped: %(numbers)s. Their fans are told by mail.", numbers=", ".join(f"№ {each}" for each in sent)))
    if not typed:
        return redirect(url_for("staff.packing"), 303)
    return _page(list(typed), carrier=carrier, typed=typed, status=422)


@bp.post("/orders/<int:order_id>/ship")
@needs(Role.PACKER)
def ship(order_id: int) -> ResponseReturnValue:
    """Ship one order."""
    try:
        carrier, tracking = _carrier(), forms.text("tracking", label="The tracking number", most=80)
    except BadInput as no:
        return order_answer(order_id, no)
    _ship(order_id, carrier, tracking)
    flash(_("Shipped. The fan is told by mail."))
    return redirect(url_for("staff.order", order_id=order_id), 303)


def _chosen() -> list[int]:
    """The ticked orders, and those with a tracking number beside them: nobody types one for a parcel that stays."""
    typed = [
        name.removeprefix("tracking-") for name, value in request.form.items() if name.startswith("tracking-") and value.strip()
    ]
    ids = [*asking.ids("order"), *(int(id_) for id_ in typed if id_.isascii() and id_.isdigit() and len(id_) < 10)]
    if not ids:
        raise BadInput("No order is chosen. Tick at least one, or type its tracking number.")
    return sorted(set(ids))[:AT_ONCE]


def _carrier() -> str:
    """A carrier of the list, or another one by name."""
    chosen = forms.one_of("carrier", ["", *TRACKING], label="The carrier")
    return chosen or forms.text("other", label="The carrier", most=40, least=1)


def _ship(order_id: int, carrier: str, tracking: str) -> str:
    """One order leaves; its number."""
    with transaction() as session:
        found = order_of(session, order_id, Role.PACKER)
        parcels.ship(session, order_id, carrier, tracking, now(), actor())
        note(session, "order.shipped", found, carrier=carrier)
        return found.reference


def _as_typed(field: str) -> str:
    try:
        return forms.text(field, label="The tracking number", most=80)
    except BadInput:
        return ""


def _page(ids: list[int], *, carrier: str, typed: dict[int, Typed], status: int) -> Response:
    mine = label_ids(Role.PACKER)
    with reading() as session:
        wanted = order_list.owned(session, mine, ids) if ids else order_list.to_pack(session, mine, Stage.PACKED, limit=AT_ONCE)
        rows = order_rows.rows(session, wanted)
        stages = order_list.stage_counts(session, Wish(tuple(mine)))
        carrier = carrier or order_list.last_carrier(session, mine) or next(iter(TRACKING))
    lost = [each.error for id_, each in typed.items() if id_ not in {row.id for row in rows}]
    body = render_template(
        "staff/shipping.html",
        rows=rows,
        ticked={row.id for row in rows if ids and _may_go(row)},
        typed=typed,
        lost=lost,
        carrier=carrier,
        carriers=list(TRACKING),
        stages=stages,
    )
    return Response(body, status)


def _may_go(row: OrderRow) -> bool:
    return row.stage in SHIPPABLE
