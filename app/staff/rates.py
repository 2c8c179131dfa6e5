"""Setting up what a parcel costs within a zone: rates are offered, changed and retired, never deleted."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.catalogue.models import Label
from app.fulfilment import tariff
from app.fulfilment.carriers import TRACKING
from app.fulfilment.models import PostageRate, PostageZone
from app.fulfilment.tariff import Terms
from app.kernel.errors import BadInput, Conflict, NotFound
from app.kernel.money import Money
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.deed import note
from app.staff.guard import needs
from app.staff.postage import zone_label
from app.web.house import now, reading, transaction


@bp.get("/postage/zones/<int:zone_id>/rates/new")
@needs(Deed.MAKE)
def rate_new(zone_id: int) -> ResponseReturnValue:
    """The empty form for another way to post."""
    return _form(zone_id, None, {}, None)


@bp.post("/postage/zones/<int:zone_id>/rates")
@needs(Deed.MAKE)
def rate_create(zone_id: int) -> ResponseReturnValue:
    """Another way to post within a zone."""
    with reading() as session:
        label = zone_label(session, zone_id)
    form = Form()
    terms = _terms(form, label.currency)
    try:
        form.check()
        with transaction() as session:
            rate = tariff.add_rate(session, zone_id, terms)
            note(session, "rate.added", "postage_rate", rate.id, label.id, amount=rate.amount)
    except BadInput as no:
        return _form(zone_id, None, {}, no)
    flash(_("%(name)s is offered from now on.", name=rate.name))
    return redirect(url_for("staff.zone", zone_id=zone_id), 303)


@bp.get("/postage/rates/<int:rate_id>")
@needs(Deed.MAKE)
def rate(rate_id: int) -> ResponseReturnValue:
    """The form of one rate."""
    return _rate_form(rate_id, None)


@bp.post("/postage/rates/<int:rate_id>")
@needs(Deed.MAKE)
def rate_save(rate_id: int) -> ResponseReturnValue:
    """Other terms; a rate that fans have chosen already gives way to a new one."""
    with reading() as session:
        before, label = _rate_of(session, rate_id)
    form = Form()
    terms = _terms(form, label.currency)
    try:
        form.check()
        with transaction() as session:
            after = tariff.change_rate(session, rate_id, terms, now())
            note(session, "rate.changed", "postage_rate", rate_id, label.id, amount=after.amount, became=after.id)
    except (BadInput, Conflict) as no:
        return _rate_form(rate_id, no)
    renewed = _("Saved as a new rate. Open payments keep the old one; fans who have not paid yet are shown the new total first.")
    flash(_("Saved.") if after.id == rate_id else renewed)
    return redirect(url_for("staff.zone", zone_id=before.zone_id), 303)


@bp.post("/postage/rates/<int:rate_id>/retire")
@needs(Deed.MAKE)
def rate_retire(rate_id: int) -> ResponseReturnValue:
    """Offer a rate no longer."""
    with transaction() as session:
        found, label = _rate_of(session, rate_id)
        tariff.retire_rate(session, rate_id, now())
        note(session, "rate.retired", "postage_rate", rate_id, label.id)
    flash(_("%(name)s is no longer offered.", name=found.name))
    return redirect(url_for("staff.zone", zone_id=found.zone_id), 303)


def _terms(form: Form, currency: str) -> Terms:
    return Terms(
        name=form.text("name", _("The name"), most=60, least=1),
        carrier=form.text("carrier", _("The carrier"), most=40),
        amount=form.price("amount", _("The amount"), currency),
        max_weight=form.whole("max_weight", _("The weight"), least=1, most=100_000),
        tracked=form.text("tracked", _("Tracked"), most=1) == "1",
        days=form.text("days", _("The days"), most=40),
    )


def _rate_of(session: Session, rate_id: int) -> tuple[PostageRate, Label]:
    found = session.get(PostageRate, rate_id)
    if found is None:
        raise NotFound("There is no such postage rate.")
    return found, zone_label(session, found.zone_id)


def _rate_form(rate_id: int, no: No | None) -> ResponseReturnValue:
    with reading() as session:
        found, label = _rate_of(session, rate_id)
    values = {
        "name": found.name,
        "carrier": found.carrier,
        "amount": str(Money(found.amount, label.currency).decimal),
        "max_weight": found.max_weight,
        "tracked": "1" if found.tracked else "",
        "days": found.days,
    }
    return _form(found.zone_id, found, values, no)


def _form(zone_id: int, rate: PostageRate | None, values: dict[str, Any], no: No | None) -> ResponseReturnValue:
    """The form of a rate, or of a new one; an unticked box is not sent, so a refused form says itself that it is not ticked."""
    with reading() as session:
        currency = zone_label(session, zone_id).currency
        zone_name = session.get_one(PostageZone, zone_id).name
    shown = {**values, "tracked": request.form.get("tracked", "")} if no else values
    context = {"zone_id": zone_id, "zone_name": zone_name, "currency": currency, "carriers": list(TRACKING)}
    return form_page("staff/rate.html", no, shown, rate=rate, **context)
