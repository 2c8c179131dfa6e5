"""Postage while a label is set up: somewhere to begin, to be corrected and kept in one go."""

from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.roles import Deed
from app.catalogue.models import Label
from app.fulfilment import starting_tariff, tariff
from app.fulfilment.models import PostageZone
from app.fulfilment.starting_tariff import Start
from app.fulfilment.tariff import Terms
from app.kernel.errors import BadInput
from app.reports import countries
from app.staff import deed
from app.staff.asking import Form, No
from app.staff.blueprint import bp
from app.staff.guard import needs
from app.staff.setup_steps import at_hand, go_on, step_page
from app.web.house import reading, transaction


@bp.get("/setup/postage")
@needs(Deed.LABEL)
def setup_postage() -> ResponseReturnValue:
    """Zones to begin with; or those that are there already."""
    return _page()


@bp.post("/setup/postage")
@needs(Deed.LABEL)
def setup_postage_save() -> ResponseReturnValue:
    """Make the zones that were ticked, each with its rate; what is there already stays as it is."""
    label_id, country, currency, there = _known()
    if there:
        return go_on("postage")
    try:
        chosen = _read(starting_tariff.starts(country, currency), currency)
        with transaction() as session:
            for start, name, terms in chosen:
                zone = tariff.add_zone(session, label_id, name, start.countries)
                rate = tariff.add_rate(session, zone.id, terms)
                deed.note(session, "zone.added", "postage_zone", zone.id, label_id)
                deed.note(session, "rate.added", "postage_rate", rate.id, label_id)
    except BadInput as no:
        return _page(no)
    return go_on("postage")


def _read(starts: tuple[Start, ...], currency: str) -> list[tuple[Start, str, Terms]]:
    form, found = Form(), []
    for start in starts:
        if request.form.get(f"{start.key}_on") != "1":
            continue
        amount = form.price(f"{start.key}_price", "Price", currency)
        grams = form.whole(f"{start.key}_grams", "Up to, grams", least=1, most=100_000)
        found.append((start, _name(start), Terms(_("Parcel, tracked"), "", amount, grams, tracked=True, days="")))
    if not found:
        form.say("home_on", _("Tick at least one: without postage nothing can be sold."))
    form.check()
    return found


def _name(start: Start) -> str:
    names: dict[str, str] = {"home": countries.name(start.countries[0]), "europe": _("Europe"), "world": _("Everywhere else")}
    return names[start.key]


def _known() -> tuple[int, str, str, list[str]]:
    """The label, where it posts from, what it sells in, and the zones that it has."""
    label_id = at_hand().label_id
    with reading() as session:
        label = session.get_one(Label, label_id)
        zones = session.scalars(select(PostageZone.name).where(PostageZone.label_id == label_id).order_by(PostageZone.id))
        return label_id, label.country, label.currency, list(zones)


def _page(no: No | None = None) -> Response:
    _label_id, country, currency, there = _known()
    starts = starting_tariff.starts(country, currency)
    rows: list[dict[str, Any]] = [{"key": start.key, "name": _name(start), "many": len(start.countries)} for start in starts]
    values = {f"{start.key}_price": str(start.amount) for start in starts}
    values |= {f"{start.key}_grams": str(start.max_weight) for start in starts}
    ticked = {start.key for start in starts if no is None or request.form.get(f"{start.key}_on") == "1"}
    return step_page("postage", no, values, rows=rows, ticked=ticked, currency=currency, there=there)
