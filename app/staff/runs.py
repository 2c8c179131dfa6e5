"""Runs at the desk: planned, edited, pressed once."""

from flask import Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.catalogue import runs
from app.catalogue.models import Format, Run
from app.catalogue.runs import RunWords
from app.drops.selling import price_lock
from app.inventory.pressing import press_run
from app.kernel.errors import BadInput, Conflict
from app.reports import countries, desk_releases, desk_runs
from app.staff import deed
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.guard import actor, needs, require
from app.web.colour import parse
from app.web.components import pad
from app.web.drawing.ink import SHELLS
from app.web.house import now, reading, transaction

MANAGER = Role.MANAGER
FORMATS = [
    (Format.CASSETTE, lazy_gettext("Cassette")),
    (Format.VINYL_7, lazy_gettext("7″ record")),
    (Format.VINYL_10, lazy_gettext("10″ record")),
    (Format.VINYL_12, lazy_gettext("12″ record")),
    (Format.USB_ZINE, lazy_gettext("USB-zine")),
    (Format.ZINE, lazy_gettext("Zine")),
    (Format.CD, lazy_gettext("CD")),
    (Format.OTHER, lazy_gettext("Something else")),
]
EMPTY: dict[str, str | int] = {
    "title": "", "slug": "", "format": "cassette", "edition_size": 100, "first_number": 1, "price": "", "weight": "", "hs_code": "",
    "origin": "", "limit_per_fan": "", "body_colour": "bone", "label_colour": "#b3402a",
}  # fmt: skip


@bp.get("/releases/<int:release_id>/runs/new")
@needs(MANAGER)
def run_new(release_id: int) -> ResponseReturnValue:
    """The empty form."""
    return _new(release_id)


@bp.post("/releases/<int:release_id>/runs/new")
@needs(MANAGER)
def run_create(release_id: int) -> ResponseReturnValue:
    """Plan a run; its copies come to be when it is pressed."""
    with reading() as session:
        release = desk_releases.desk(session, release_id)
    require(release.label_id, MANAGER)
    try:
        words = _words(release.currency)
        with transaction() as session:
            run = runs.create(session, release_id, words, now())
            deed.note(session, "run.planned", "run", run.id, release.label_id, copies=run.edition_size)
    except (BadInput, Conflict) as no:
        return _new(release_id, no)
    return redirect(url_for("staff.run", run_id=run.id), 303)


@bp.get("/runs/<int:run_id>")
@needs(MANAGER)
def run(run_id: int) -> ResponseReturnValue:
    """One run: the object, its facts, its copies on a strip, the drops that sell it."""
    page = _page(run_id)
    return render_template("staff/run.html", page=page, formats=dict(FORMATS), origin=_country(page.origin))


@bp.get("/runs/<int:run_id>/edit")
@needs(MANAGER)
def run_edit(run_id: int) -> ResponseReturnValue:
    """The form; what is settled by pressing is shown, not asked."""
    return _edit(run_id)


@bp.post("/runs/<int:run_id>/edit")
@needs(MANAGER)
def run_save(run_id: int) -> ResponseReturnValue:
    """Change a run."""
    try:
        with transaction() as session:
            row = _mine(session, run_id)
            before, lock = row.price, price_lock(session, run_id, now())
            words = _words(row.release.label.currency, row, lock)
            runs.edit(session, run_id, words, lock)
            detail = {"price_before": before, "price": words.price} if words.price != before else {}
            deed.note(session, "run.edited", "run", run_id, row.release.label_id, **detail)
    except (BadInput, Conflict) as no:
        return _edit(run_id, no)
    return redirect(url_for("staff.run", run_id=run_id), 303)


@bp.get("/runs/<int:run_id>/press")
@needs(MANAGER)
def run_press_ask(run_id: int) -> ResponseReturnValue:
    """Say what pressing does, and ask."""
    page = _page(run_id)
    if page.pressed_at is not None:
        raise Conflict("This run is pressed already. Its copies exist; nothing is made twice.")
    made = {"n": page.edition_size, "title": page.release_title, "run": page.title, "last": page.last_number}
    made["first"] = pad(page.first_number, page.last_number)
    return render_template(
        "staff/confirm.html",
        title=_("Press %(n)s copies?", n=page.edition_size),
        sentences=[
            _("%(n)s copies of “%(title)s”, %(run)s, come to be: № %(first)s to %(last)s.", **made),
            _("From then on the format, the numbers and the address stay as they are. This cannot be undone."),
            _("Copies that turn out damaged or missing can be withdrawn one by one."),
        ],
        action=url_for("staff.run_press", run_id=run_id),
        verb=_("Press %(n)s copies", n=page.edition_size),
        back=url_for("staff.run", run_id=run_id),
        tone="loud",
        fields={"copies": page.edition_size, "first": page.first_number},
    )


@bp.post("/runs/<int:run_id>/press")
@needs(MANAGER)
def run_press(run_id: int) -> ResponseReturnValue:
    """Make the copies, once."""
    _page(run_id)
    form = Form()
    made, first = form.whole("copies", "Copies", most=10_000), form.whole("first", "First number", most=100_000)
    form.check()
    with transaction() as session:
        row = _mine(session, run_id)
        press_run(session, run_id, made, first, now(), actor())
        deed.note(session, "run.pressed", "run", run_id, row.release.label_id, copies=made, first=first)
    return redirect(url_for("staff.run", run_id=run_id), 303)


@bp.get("/runs/<int:run_id>/remove")
@needs(MANAGER)
def run_remove_ask(run_id: int) -> ResponseReturnValue:
    """Ask before removing."""
    page = _page(run_id)
    return render_template(
        "staff/confirm.html",
        title=_("Remove this run?"),
        sentences=[_("“%(title)s” was never pressed, so no copy is lost. This cannot be undone.", title=page.title)],
        action=url_for("staff.run_remove", run_id=run_id),
        verb=_("Remove the run"),
        back=url_for("staff.run", run_id=run_id),
        tone="danger",
        fields={},
    )


@bp.post("/runs/<int:run_id>/remove")
@needs(MANAGER)
def run_remove(run_id: int) -> ResponseReturnValue:
    """Remove a run that was never pressed."""
    with transaction() as session:
        row = _mine(session, run_id)
        release_id, label_id = row.release_id, row.release.label_id
        runs.remove(session, run_id)
        deed.note(session, "run.removed", "run", run_id, label_id)
    return redirect(url_for("staff.release", release_id=release_id), 303)


def _mine(session: Session, run_id: int) -> Run:
    row = runs.locked(session, run_id)
    require(row.release.label_id, MANAGER)
    return row


def _page(run_id: int) -> desk_runs.RunDesk:
    with reading() as session:
        page = desk_runs.desk(session, run_id, now())
    require(page.label_id, MANAGER)
    return page


def _words(currency: str, row: Run | None = None, lock: str = "") -> RunWords:
    """What was typed; for a stored run, what is settled is not asked for and stays."""
    form = Form()
    settled = row if row is not None and row.pressed_at is not None else None
    words = RunWords(
        title=form.text("title", "Title", least=1, most=160),
        slug="" if settled else form.text("slug", "Address", most=80),
        format=settled.format if settled else Format(form.one_of("format", "Format", [kind.value for kind in Format])),
        edition_size=settled.edition_size if settled else form.whole("edition_size", "Copies", least=1, most=10_000),
        first_number=settled.first_number if settled else form.whole("first_number", "First number", most=100_000),
        price=row.price if row is not None and lock else form.price("price", "Price", currency),
        weight=form.whole("weight", "Weight", most=100_000),
        hs_code=form.text("hs_code", "Customs code", most=14).replace(".", "").replace(" ", ""),
        origin=form.one_of("origin", "Origin", ("", *countries.EVERY)),
        limit_per_fan=form.maybe_whole("limit_per_fan", "Limit", most=1000),
        body_colour=_colour(form, "body_colour"),
        label_colour=_colour(form, "label_colour"),
    )
    form.check()
    return words


def _colour(form: Form, name: str) -> str:
    typed = form.text(name, "Colour", least=1, most=40).lower()
    try:
        if typed and typed not in SHELLS:
            parse(typed)
    except ValueError:
        form.say(name, "A name from the list, or a colour as #b3402a.")
    return typed


def _country(code: str) -> str:
    return countries.name(code) if code else ""


def _choices() -> dict[str, object]:
    return {"formats": FORMATS, "shells": list(SHELLS), "countries": [("", "–"), *countries.named(list(countries.EVERY))]}


def _new(release_id: int, no: No | None = None) -> Response:
    with reading() as session:
        release = desk_releases.desk(session, release_id)
    require(release.label_id, MANAGER)
    return form_page("staff/run_new.html", no, EMPTY, release=release, page=None, currency=release.currency, **_choices())


def _edit(run_id: int, no: No | None = None) -> Response:
    page = _page(run_id)
    return form_page("staff/run_edit.html", no, page.values, page=page, currency=page.currency, **_choices())
