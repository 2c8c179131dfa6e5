"""Pack by scanning: a copy and then its parcel, or the parcel and then each copy; a wrong one is refused loudly."""

from dataclasses import dataclass
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.fulfilment import scanning, shipping, waiting
from app.fulfilment.scanning import WrongParcel
from app.kernel.errors import Refusal
from app.orders.models import Order
from app.reports import order_list, scan_page
from app.reports.order_list import Wish
from app.staff import queries, scan_codes
from app.staff.blueprint import bp
from app.staff.guard import actor, label_ids, needs
from app.staff.order import check_decided, note, note_parcel, order_of
from app.web import forms
from app.web.headers import permissions
from app.web.house import now, reading, transaction


@dataclass(frozen=True)
class Hand:
    """What was scanned and waits for its other half: a copy, or the order whose parcel is being filled."""

    copy: int | None = None
    parcel: int | None = None


@bp.get("/packing/scan")
@needs(Deed.PACK)
def scan() -> ResponseReturnValue:
    """Where codes are scanned; what the last one did stands in the address, so that reloading does nothing twice."""
    return page(Hand(queries.row_id("copy"), queries.row_id("parcel")))


@bp.post("/packing/scan")
@needs(Deed.PACK)
def scan_code() -> ResponseReturnValue:
    """Take a code; a pair that belongs together is noted at once."""
    hand = Hand()
    try:
        hand = Hand(_half("copy"), _half("parcel"))
        code = forms.text("code", label="The code", most=300, least=1)
        with transaction() as session:
            follows = _scanned(session, code, hand)
    except Refusal as no:
        return page(hand, no)
    return redirect(url_for("staff.scan", **follows), 303)


@bp.post("/packing/scan/undo")
@needs(Deed.PACK)
def scan_undo() -> ResponseReturnValue:
    """Undo the last scan: the copy is not in the parcel, and the parcel not packed."""
    copy_id, order_id = forms.number("copy", label="The copy"), forms.number("order", label="The order")
    with transaction() as session:
        found = order_of(session, order_id, Deed.PACK)
        undone = scanning.take_out(session, order_id, copy_id, now())
        if undone:
            note(session, "order.scan_undone", found)
    return redirect(url_for("staff.scan", parcel=order_id, undone=copy_id if undone else None), 303)


def _half(name: str) -> int | None:
    return forms.number(name, label="What was scanned before", default=0) or None


def _scanned(session: Session, code: str, hand: Hand) -> dict[str, Any]:
    """Do what the code asks for: with its other half put the copy in, without it wait; what the next address says."""
    meant = scan_codes.read(session, code)
    copy_id, order_id = meant.copy_id or hand.copy, meant.order_id or hand.parcel
    found = order_of(session, order_id or _owner(session, copy_id or 0), Deed.PACK)
    _check(session, found)
    if copy_id and order_id:
        return _put(session, found, copy_id)
    return {"copy": copy_id} if copy_id else {"parcel": order_id}


def _check(session: Session, found: Order) -> None:
    """The reasons why nothing may go into a parcel."""
    check_decided(session, found)
    shipping.check_paid(session, found)
    waiting.check_here(session, found.id)


def _owner(session: Session, copy_id: int) -> int:
    belongs = scanning.owner_of(session, copy_id)
    if belongs is None:
        raise WrongParcel(copy=copy_id, belongs=None)
    return belongs


def _put(session: Session, found: Order, copy_id: int) -> dict[str, Any]:
    put = scanning.put_in(session, found.id, copy_id, now(), actor())
    if put.packed:
        note_parcel(session, "order.packed", found)
    follows = {"done": copy_id, "into": found.id}
    return follows | ({"again": 1} if put.again else {}) | ({"parcel": found.id} if put.left else {})


def page(hand: Hand, no: Refusal | None = None) -> Response:
    """The page with what is in hand; after a refusal in big words, with its status."""
    done, into, undone, sent = (queries.row_id(name) for name in ("done", "into", "undone", "sent"))
    with reading() as session:
        copies = {id_: _copy(session, id_) for id_ in (hand.copy, done, undone) if id_}
        parcels = {id_: scan_page.scan_parcel(session, order_of(session, id_, Deed.PACK)) for id_ in (hand.parcel, into) if id_}
        full = parcels.get(into or 0)
        leaves = scan_page.leaves(session, order_of(session, full.order_id, Deed.PACK)) if full and full.packed else None
        left = scan_page.has_left(session, order_of(session, sent, Deed.PACK)) if sent else None
        stages = order_list.stage_counts(session, Wish(tuple(label_ids(Deed.PACK))))
        stop = _why(session, no) if no is not None else ""
    body = render_template(
        "staff/scan.html",
        stages=stages,
        copy=copies.get(hand.copy or 0),
        parcel=parcels.get(hand.parcel or 0),
        done=copies.get(done or 0),
        into=parcels.get(into or 0),
        undone=copies.get(undone or 0),
        leaves=leaves,
        left=left,
        again="again" in request.args,
        no=no,
        stop=stop,
    )
    answer = Response(body, no.status if no else 200)
    answer.headers["Permissions-Policy"] = permissions(camera=True)
    return answer


def _copy(session: Session, copy_id: int) -> scan_page.ScanCopy | None:
    found = scan_page.scan_copy(session, copy_id)
    return found if found is not None and found.label_id in label_ids(Deed.PACK) else None


def _why(session: Session, no: Refusal) -> str:
    """The refusal's sentence; of a copy in the wrong place also where it belongs."""
    copy = scan_page.scan_copy(session, int(str(no.context["copy"]))) if isinstance(no, WrongParcel) else None
    if copy is None:
        return no.detail
    if copy.order_id is None:
        states = {"available": _("it is free"), "held": _("a fan holds it and has not paid"), "withdrawn": _("it is withdrawn")}
        return str(_("%(copy)s belongs into no parcel: %(why)s.", copy=copy.name, why=states.get(copy.state, copy.state)))
    right = order_of(session, copy.order_id, Deed.PACK)
    return str(_("%(copy)s belongs into parcel № %(number)s, %(name)s.", copy=copy.name, number=right.reference, name=right.name))
