"""How the label speaks and prints: its texts in Markdown and its two inks, each tried before it is kept."""

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.catalogue import labels as verbs
from app.catalogue import logos, media
from app.catalogue.media import Upload
from app.kernel.errors import BadInput, NotFound
from app.reports import desk_labels
from app.staff import deed
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.guard import accepts, needs, require
from app.staff.label_tabs import TEXTS, tabs_of
from app.staff.media import UPLOAD, content_of, kept_or_gone, put_away
from app.web.colour import as_hex, parse, to_hex
from app.web.house import house, now, reading, transaction
from app.web.theme import DAY, NIGHT, Stock, fill_on, ink_on, problems, text_on


@bp.get("/labels/<int:label_id>/texts/<which>")
@needs(Deed.LABEL)
def label_text(label_id: int, which: str) -> ResponseReturnValue:
    """One of the label's texts, with how it will look."""
    require(label_id, Deed.LABEL)
    return _text_page(label_id, which)


@bp.post("/labels/<int:label_id>/texts/<which>")
@needs(Deed.LABEL)
@accepts(512 * 1024)
def label_text_save(label_id: int, which: str) -> ResponseReturnValue:
    """Keep a text, or (asked with `preview`) only show how it would look."""
    require(label_id, Deed.LABEL)
    try:
        form = Form()
        text = form.text("text", "The text", most=verbs.LONGEST_TEXT, lines=True)
        form.check()
        if "preview" in request.form:
            return _text_page(label_id, which, tried=text)
        with transaction() as session:
            verbs.write_text(session, label_id, which, text)
            deed.note(session, "label.text_written", "label", label_id, label_id, text=which)
    except BadInput as no:
        return _text_page(label_id, which, no)
    return redirect(url_for("staff.label_text", label_id=label_id, which=which), 303)


@bp.get("/labels/<int:label_id>/inks")
@needs(Deed.LABEL)
def label_inks(label_id: int) -> ResponseReturnValue:
    """The two inks, and how they print on paper and by night."""
    require(label_id, Deed.LABEL)
    return _inks_page(label_id)


@bp.post("/labels/<int:label_id>/inks")
@needs(Deed.LABEL)
@accepts(UPLOAD)
def label_inks_save(label_id: int) -> ResponseReturnValue:
    """Keep two inks that can be read, and a logo where one was chosen; or (asked with `preview`) only show the inks."""
    require(label_id, Deed.LABEL)
    try:
        loud, quiet = read_inks()
        if "preview" in request.form:
            return _inks_page(label_id, tried=(loud, quiet))
        keep_look(label_id, loud, quiet)
    except BadInput as no:
        return _inks_page(label_id, no)
    return redirect(url_for("staff.label_inks", label_id=label_id), 303)


@bp.post("/labels/<int:label_id>/logo/remove")
@needs(Deed.LABEL)
def label_logo_remove(label_id: int) -> ResponseReturnValue:
    """Take the logo down; the name stands there instead."""
    require(label_id, Deed.LABEL)
    with transaction() as session:
        old = logos.show(session, label_id, None)
        deed.note(session, "label.logo_removed", "label", label_id, label_id)
    put_away(old)
    return redirect(url_for("staff.label_inks", label_id=label_id), 303)


def keep_look(label_id: int, loud: str, quiet: str) -> None:
    """Both in one transaction; BadInput (on `logo`) for what is no picture."""
    content = content_of("logo")
    upload = media.image(content, "logo") if content else None
    with kept_or_gone(upload), transaction() as session:
        verbs.ink(session, label_id, loud, quiet)
        deed.note(session, "label.inked", "label", label_id, label_id, loud=loud, quiet=quiet)
        old = _put_up(session, label_id, upload) if upload else None
    put_away(old)


def _put_up(session: Session, label_id: int, upload: Upload) -> str | None:
    picture = media.keep(session, label_id, upload, house().settings.media_dir, now())
    deed.note(session, "label.logo_set", "label", label_id, label_id)
    return logos.show(session, label_id, picture)


def read_inks() -> tuple[str, str]:
    """Two inks that can be read; BadInput with what is wrong."""
    form = Form()
    loud, quiet = form.text("loud", "Loud ink", least=1, most=60), form.text("quiet", "Quiet ink", least=1, most=60)
    form.check()
    for sentence in problems(loud, quiet):
        form.say("quiet" if "quiet" in sentence else "loud", sentence)
    form.check()
    return loud, quiet


def _text_page(label_id: int, which: str, no: No | None = None, tried: str | None = None) -> Response:
    with reading() as session:
        page = desk_labels.desk(session, label_id)
    if which not in page.texts:
        raise NotFound("A label has no such text.")
    text = page.texts[which] if tried is None else tried
    name, hint = TEXTS[which]
    return form_page(
        "staff/label_text.html",
        no,
        {"text": text},
        page=page,
        tabs=tabs_of(page),
        which=which,
        name=name,
        hint=hint,
        tried=tried is not None,
    )


def _inks_page(label_id: int, no: No | None = None, tried: tuple[str, str] | None = None) -> Response:
    with reading() as session:
        page = desk_labels.desk(session, label_id)
        picture = logos.of(session, label_id)
        logo = media.small(picture.file) if picture else None
    loud, quiet = tried or (str(page.values["ink_loud"]), str(page.values["ink_quiet"]))
    swatches = [] if problems(loud, quiet) else [swatch(loud, quiet, stock) for stock in (DAY, NIGHT)]
    return form_page(
        "staff/label_inks.html",
        no,
        {"loud": as_hex(loud), "quiet": as_hex(quiet)},
        page=page,
        tabs=tabs_of(page),
        swatches=swatches,
        tried=tried is not None,
        logo=logo,
    )


def swatch(loud: str, quiet: str, stock: Stock) -> dict[str, str]:
    """What two inks become on this stock, as `#rrggbb` by name; ValueError when one is not a colour."""
    found = {"paper": to_hex(stock.paper), "ink": to_hex(stock.ink), "night": "1" if stock is NIGHT else ""}
    for name, text in (("loud", loud), ("quiet", quiet)):
        fill = fill_on(parse(text), stock)
        found |= {name: to_hex(ink_on(parse(text), stock)), f"{name}_fill": to_hex(fill), f"{name}_on": to_hex(text_on(fill))}
    return found
