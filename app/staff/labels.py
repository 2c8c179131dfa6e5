"""The label at the desk: who it is, its texts, its inks."""

from zoneinfo import available_timezones

from flask import Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.accounts import people
from app.accounts.models import Role
from app.catalogue import labels as verbs
from app.catalogue.labels import LabelWords
from app.kernel.errors import BadInput, Conflict
from app.kernel.money import CURRENCIES
from app.reports import countries, desk_labels
from app.staff import deed
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.guard import label_ids, needs, person, require
from app.staff.label_tabs import tabs_of
from app.web import forms
from app.web.house import now, reading, transaction

OWNER = Role.OWNER


def chosen_label(least: Role) -> int:
    """The label a new thing is made for: the only one, or the form's choice. BadInput; NotFound for another's."""
    mine = label_ids(least)
    if len(mine) == 1:
        return mine[0]
    label_id = forms.number("label", label="Label", most=10**9)
    require(label_id, least)
    return label_id


@bp.get("/labels", endpoint="labels")
@needs(OWNER)
def label_list() -> ResponseReturnValue:
    """All labels one owns; where there is one, straight to it."""
    with reading() as session:
        rows = desk_labels.rows(session, label_ids(OWNER))
    if len(rows) == 1:
        return redirect(url_for("staff.label", label_id=rows[0].id), 303)
    return render_template("staff/labels.html", labels=rows)


@bp.get("/labels/new")
@needs(OWNER)
def label_new() -> ResponseReturnValue:
    """The empty form for another label."""
    return _new()


@bp.post("/labels/new")
@needs(OWNER)
def label_create() -> ResponseReturnValue:
    """Make another label, owned by who makes it."""
    try:
        form = Form()
        slug, words = form.text("slug", "Address", most=80), _words(form)
        with transaction() as session:
            label = verbs.create(session, words, slug, now())
            people.set_role(session, person().id, label.id, OWNER)
            deed.note(session, "label.made", "label", label.id, label.id)
    except (BadInput, Conflict) as no:
        return _new(no)
    return redirect(url_for("staff.label", label_id=label.id), 303)


@bp.get("/labels/<int:label_id>")
@needs(OWNER)
def label(label_id: int) -> ResponseReturnValue:
    """Who the label is."""
    require(label_id, OWNER)
    return _page(label_id)


@bp.post("/labels/<int:label_id>")
@needs(OWNER)
def label_save(label_id: int) -> ResponseReturnValue:
    """Change who the label is."""
    require(label_id, OWNER)
    try:
        with transaction() as session:
            was = verbs.locked(session, label_id).currency
            lock = desk_labels.currency_lock(session, label_id)
            words = _words(Form(), currency=was if lock else None)
            verbs.edit(session, label_id, words, lock)
            detail = {"currency": words.currency} if words.currency != was else {}
            deed.note(session, "label.edited", "label", label_id, label_id, **detail)
    except (BadInput, Conflict) as no:
        return _page(label_id, no)
    return redirect(url_for("staff.label", label_id=label_id), 303)


def _words(form: Form, currency: str | None = None) -> LabelWords:
    """What was typed; a locked currency is not asked for."""
    words = LabelWords(
        name=form.text("name", "Name", least=1, most=80),
        tagline=form.text("tagline", "Tagline", most=160),
        email=form.text("email", "E-mail", least=3, most=254),
        currency=currency or form.one_of("currency", "Currency", CURRENCIES),
        time_zone=form.one_of("time_zone", "Time zone", _zones()),
        country=form.one_of("country", "Country", countries.EVERY),
        packaging_weight=form.whole("packaging_weight", "Packaging", most=10_000),
    )
    form.check()
    return words


def _zones() -> list[str]:
    """Towns, not the abbreviations and historic names beside them."""
    return sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/", "US/")))


def _choices() -> dict[str, list[tuple[str, str]]]:
    return {
        "zones": [(zone, zone.replace("_", " ")) for zone in _zones()],
        "countries": list(countries.named(list(countries.EVERY))),
        "currencies": [(code, code) for code in CURRENCIES],
    }


def _new(no: No | None = None) -> Response:
    values = {"slug": "", "name": "", "tagline": "", "email": person().email, "packaging_weight": 60}
    values |= {"currency": "EUR", "time_zone": "Europe/Berlin", "country": "DE"}
    return form_page("staff/label_new.html", no, values, **_choices(), currency_lock="")


def _page(label_id: int, no: No | None = None) -> Response:
    with reading() as session:
        page = desk_labels.desk(session, label_id)
    return form_page(
        "staff/label.html", no, page.values, page=page, tabs=tabs_of(page), currency_lock=page.currency_lock, **_choices()
    )
