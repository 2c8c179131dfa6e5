"""Reads the run form; what pressing has settled is not asked for."""

from app.catalogue.formats import WORDS
from app.catalogue.models import Format, Run
from app.catalogue.runs import RunWords
from app.reports import countries
from app.staff.asking import Form
from app.web.colour import parse
from app.web.drawing.ink import SHELLS

FORMATS = [(kind, word[:1].upper() + word[1:]) for kind, word in WORDS.items()]
EMPTY: dict[str, str | int] = {
    "title": "", "slug": "", "format": "cassette", "edition_size": 100, "first_number": 1, "price": "", "weight": "", "hs_code": "",
    "origin": "", "limit_per_fan": "", "body_colour": "bone", "label_colour": "#b3402a",
}  # fmt: skip


def read(currency: str, row: Run | None = None, lock: str = "") -> RunWords:
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


def country(code: str) -> str:
    """What people call a country; empty for none."""
    return countries.name(code) if code else ""


def choices() -> dict[str, object]:
    """What the form's lists offer."""
    return {"formats": FORMATS, "shells": list(SHELLS), "countries": [("", "–"), *countries.named(list(countries.EVERY))]}
