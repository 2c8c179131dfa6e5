"""A copy by its number for somebody: set aside until a time, or given away as an order with nothing to pay."""

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.catalogue.models import Run
from app.checkout import aside
from app.inventory import desk_holds
from app.inventory.desk_holds import Asked
from app.inventory.models import Copy, DeskHold
from app.kernel.errors import BadInput, CannotPostThere, Conflict
from app.kernel.local_time import typed
from app.orders.models import Order
from app.payments.facts import Address
from app.reports import copy_page, countries
from app.staff import order as orders
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.deed import note
from app.staff.drop_form import moment
from app.staff.guard import actor, needs, person
from app.staff.stock import copy_of
from app.web import address_form
from app.web.house import now, reading, transaction


@bp.get("/copies/<int:copy_id>/aside")
@needs(Deed.MAKE)
def copy_aside_ask(copy_id: int) -> ResponseReturnValue:
    """For whom, why, until when?"""
    return _aside(copy_id)


@bp.post("/copies/<int:copy_id>/aside")
@needs(Deed.MAKE)
def copy_aside(copy_id: int) -> ResponseReturnValue:
    """Hold it for somebody."""
    try:
        form = Form()
        asked = _asked(form, form.text("for_whom", "For whom", most=120, least=1))
        with transaction() as session:
            found, label_id = copy_of(session, copy_id, Deed.MAKE)
            until = moment(form, "until", "Until", _zone(session, found), needed=True)
            form.check()
            hold = aside.hold_copy(session, copy_id, asked, until or now(), now())
            note(session, "copy.set_aside", "copy", copy_id, label_id, number=found.number, hold=hold.id, reason=asked.reason)
    except (BadInput, Conflict) as no:
        return _aside(copy_id, no)
    flash(_("It is set aside."))
    return redirect(url_for("staff.copy", copy_id=copy_id), 303)


@bp.post("/copies/<int:copy_id>/aside/end")
@needs(Deed.MAKE)
def copy_aside_end(copy_id: int) -> ResponseReturnValue:
    """Put it back on sale."""
    with transaction() as session:
        found, label_id = copy_of(session, copy_id, Deed.MAKE)
        aside.put_back(session, found.hold_id or 0, actor(), now())
        note(session, "copy.aside_ended", "copy", copy_id, label_id, number=found.number)
    flash(_("It is on sale again."))
    return redirect(url_for("staff.copy", copy_id=copy_id), 303)


@bp.get("/copies/<int:copy_id>/give")
@needs(Deed.MAKE)
def copy_give_ask(copy_id: int) -> ResponseReturnValue:
    """To whom, and why?"""
    return _give(copy_id)


@bp.post("/copies/<int:copy_id>/give")
@needs(Deed.MAKE)
def copy_give(copy_id: int) -> ResponseReturnValue:
    """Make the order: one that is set aside is given from there, a free one is taken with it."""
    try:
        form = Form()
        email = form.text("email", "The e-mail address", most=254)
        asked = _asked(form, request.form.get("name", "").strip()[:120] or "somebody")
        country = form.one_of("country", "The country", countries.EVERY)
        form.check()
        to = address_form.read(country)
        with transaction() as session:
            order = _given(session, copy_id, asked, to, email)
    except (BadInput, Conflict, CannotPostThere) as no:
        return _give(copy_id, no)
    flash(_("It is given: order № %(number)s, nothing to pay.", number=order.reference))
    return redirect(url_for("staff.order", order_id=order.id), 303)


def _given(session: Session, copy_id: int, asked: Asked, to: Address, email: str) -> Order:
    found, label_id = copy_of(session, copy_id, Deed.MAKE)
    known = desk_holds.of_copy(session, found)
    hold_id = known.hold_id if known else aside.hold_copy(session, copy_id, asked, now() + aside.AT_ONCE, now()).id
    order = session.get_one(Order, aside.give(session, hold_id, to, email, now()))
    note(session, "copy.given", "copy", copy_id, label_id, number=found.number, order=order.id, reason=asked.reason)
    orders.note(session, "order.given", order, reason=asked.reason)
    return order


def _asked(form: Form, for_whom: str) -> Asked:
    return Asked(for_whom, form.text("reason", "The reason", most=200, least=1), person().id, actor())


def _zone(session: Session, copy: Copy) -> str:
    return session.get_one(Run, copy.run_id).release.label.time_zone


def _aside(copy_id: int, no: No | None = None) -> Response:
    with reading() as session:
        found, _label_id = copy_of(session, copy_id, Deed.MAKE)
        page = copy_page.copy_page(session, found)
        tomorrow = typed(now() + aside.TOMORROW, page.head.zone)
    return form_page("staff/copy_aside.html", no, {"for_whom": "", "reason": "", "until": tomorrow}, page=page)


def _give(copy_id: int, no: No | None = None) -> Response:
    with reading() as session:
        found, _label_id = copy_of(session, copy_id, Deed.MAKE)
        page = copy_page.copy_page(session, found)
        known: DeskHold | None = desk_holds.of_copy(session, found)
        country = session.get_one(Run, found.run_id).release.label.country
    empty = dict.fromkeys(("line1", "line2", "postal_code", "city", "region", "email"), "")
    values = {**empty, "country": country, "name": known.for_whom if known else "", "reason": known.reason if known else ""}
    return form_page("staff/copy_give.html", no, values, page=page, countries=countries.named(list(countries.EVERY)))
