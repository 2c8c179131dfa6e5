"""Setting up postage: zones and what they cost."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.catalogue.models import Label
from app.fulfilment import customs, tariff
from app.fulfilment.models import PostageZone
from app.fulfilment.postage import EVERYWHERE
from app.kernel.errors import BadInput, NotFound
from app.reports import countries, desk_labels, postage_page, postage_rows
from app.staff import queries
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.deed import note
from app.staff.guard import label_ids, needs, require
from app.web.house import reading, transaction


@bp.get("/postage")
@needs(Deed.MAKE)
def postage() -> ResponseReturnValue:
    """A label's zones and rates, and what they mean for the things it makes."""
    mine = label_ids(Deed.MAKE)
    label_id = queries.row_id("label") or mine[0]
    require(label_id, Deed.MAKE)
    with reading() as session:
        labels = desk_labels.rows(session, mine)
        page = postage_page.postage_page(session, session.get_one(Label, label_id))
    return render_template("staff/postage.html", page=page, labels=labels)


@bp.get("/postage/zones/new")
@needs(Deed.MAKE)
def zone_new() -> ResponseReturnValue:
    """The empty form for a zone."""
    label_id = queries.row_id("label") or label_ids(Deed.MAKE)[0]
    require(label_id, Deed.MAKE)
    return _zone_form(None, {"name": ""}, [], label_id=label_id, zone=None)


@bp.post("/labels/<int:label_id>/postage/zones")
@needs(Deed.MAKE)
def zone_create(label_id: int) -> ResponseReturnValue:
    """A new zone; its rates come next."""
    require(label_id, Deed.MAKE)
    form = Form()
    name, codes = _zone_words(form)
    try:
        form.check()
        with transaction() as session:
            zone = tariff.add_zone(session, label_id, name, codes)
            note(session, "zone.added", "postage_zone", zone.id, label_id)
    except BadInput as no:
        return _zone_form(no, {}, codes, label_id=label_id, zone=None)
    flash(_("The zone is saved. Now say what a parcel costs."))
    return redirect(url_for("staff.zone", zone_id=zone.id), 303)


@bp.get("/postage/zones/<int:zone_id>")
@needs(Deed.MAKE)
def zone(zone_id: int) -> ResponseReturnValue:
    """One zone with its rates, and the form for another rate."""
    return zone_page(zone_id)


@bp.post("/postage/zones/<int:zone_id>")
@needs(Deed.MAKE)
def zone_save(zone_id: int) -> ResponseReturnValue:
    """Another name, or other countries."""
    form = Form()
    name, codes = _zone_words(form)
    try:
        form.check()
        with transaction() as session:
            label_id = zone_label(session, zone_id).id
            tariff.change_zone(session, zone_id, name, codes)
            note(session, "zone.changed", "postage_zone", zone_id, label_id)
    except BadInput as no:
        return zone_page(zone_id, no, codes)
    flash(_("Saved."))
    return redirect(url_for("staff.zone", zone_id=zone_id), 303)


def _zone_words(form: Form) -> tuple[str, list[str]]:
    """The name and the countries: the rest of the world, or those ticked, and all of the union with one tick."""
    name = form.text("name", _("The name"), most=60, least=1)
    where = form.one_of("where", _("Where"), ["rest", "countries"])
    if where == "rest":
        return name, [EVERYWHERE]
    ticked = request.form.getlist("countries")
    if form.text("union", _("The union"), most=1):
        ticked += sorted(customs.UNION)
    if not set(ticked) <= set(countries.EVERY):
        form.say("countries", _("Please choose countries of the list."))
    return name, sorted(set(ticked))


def zone_label(session: Session, zone_id: int) -> Label:
    """The label of a zone, if the person may have to do with it."""
    found = session.get(PostageZone, zone_id)
    if found is None:
        raise NotFound("There is no such postage zone.")
    require(found.label_id, Deed.MAKE)
    return session.get_one(Label, found.label_id)


def zone_page(zone_id: int, no: BadInput | None = None, codes: list[str] | None = None) -> ResponseReturnValue:
    """The page of a zone; after a refused form with its sentences, and the countries as they were ticked."""
    with reading() as session:
        label = zone_label(session, zone_id)
        row = postage_rows.zone_row(session.get_one(PostageZone, zone_id), label.currency)
    chosen = list(row.codes) if codes is None else codes
    return _zone_form(no, {"name": row.name}, chosen, label_id=label.id, zone=row)


def _zone_form(no: No | None, values: dict[str, Any], codes: list[str], **context: Any) -> ResponseReturnValue:
    where = "rest" if EVERYWHERE in codes else "countries"
    return form_page(
        "staff/zone.html",
        no,
        {"where": where, **values},
        codes=codes,
        every=countries.named(list(countries.EVERY)),
        **context,
    )
