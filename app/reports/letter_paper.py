"""Prints a letter's two halves, text and HTML, from the templates in templates/mail; knows nothing of the web."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from app.inventory.numbers import numbered, padded
from app.kernel.mail import Letter
from app.kernel.money import Money
from app.reports.run_names import said
from app.reports.yours import Yours

_INK = "#d03106"  # where a label's ink is not written in a way that mail programs read
_ROW = 25  # copies in one line of a mail's strip
_DRAWN = 300  # bigger runs are told in words: some mail programs cut long letters
_SIGNS = {"a": "·", "h": "▒", "s": "█", "w": "_"}


def letter(template: str, key: str, to: str, subject: str, **values: Any) -> Letter:
    """A letter from `mail/<template>.txt` and `.html`."""
    text = _PRESS.get_template(f"{template}.txt").render(subject=subject, **values)
    html = _PRESS.get_template(f"{template}.html").render(subject=subject, **values)
    name, reply_to = _sender(values)
    return Letter(key, to, subject, re.sub(r"\n{3,}", "\n\n", text).strip() + "\n", html, name, reply_to)


def _sender(values: Mapping[str, Any]) -> tuple[str, str]:
    """The label that a letter speaks for, and where answers to it go; the address it is sent from is the shop's.

    Letters to people at the desk are the shop's own.
    """
    page = values.get("page")
    label, write_to = (page.label, page.write_to) if page is not None else (values.get("label"), values.get("write_to", ""))
    return (label.name, write_to) if label is not None and write_to else ("", "")


def strip_rows(each: Yours) -> list[list[str]]:
    """A run's strip for a mail: rows of one letter per copy, `y` where it is theirs; empty for runs too big to be drawn."""
    if not each.copies or len(each.copies) > _DRAWN:
        return []
    mine = {number - each.first for number in each.numbers}
    letters = ["y" if at in mine else letter for at, letter in enumerate(each.copies)]
    return [letters[start : start + _ROW] for start in range(0, len(letters), _ROW)]


def alike(row: Sequence[str]) -> list[tuple[str, int]]:
    """A row as letters and how often each comes in a row: a letter's HTML is put together from fewer and longer pieces."""
    return [(letter, len(list(group))) for letter, group in groupby(row)]


def strip_lines(each: Yours) -> list[str]:
    """The same in signs, for the text."""
    return ["".join("◆" if letter == "y" else _SIGNS[letter] for letter in row) for row in strip_rows(each)]


def counted(each: Yours) -> str:
    """Where the copies of a run are, in words: `14 free · 31 held · 155 sold of 200`."""
    words = (("a", "free"), ("h", "held"), ("s", "sold"), ("w", "withdrawn"))
    said = [f"{each.copies.count(letter)} {word}" for letter, word in words if letter in each.copies]
    return f"{' · '.join(said)} of {len(each.copies)}"


def copies(mine: Sequence[Yours]) -> str:
    """Somebody's copies in a line: `№ 017/100`, and with what each run is called where there are several."""
    return numbered(mine[0].numbers, mine[0].last) if len(mine) == 1 else said(mine)


def works(mine: Sequence[Yours]) -> str:
    """What the copies are of: `Night Bus`, `Night Bus and Slow Lift`, `Night Bus and 2 more`."""
    first, *more = dict.fromkeys(each.work for each in mine)
    return f"{first} and {more[0] if len(more) == 1 else f'{len(more)} more'}" if more else first


def ink(colour: str) -> str:
    """A label's ink where it is a plain hex colour, else ours."""
    return colour if re.fullmatch(r"#[0-9a-fA-F]{6}", colour) else _INK


def at(moment: datetime, zone: str) -> str:
    """`Friday 27 November, 20:00 in Berlin`."""
    there = format_datetime(moment, "EEEE d MMMM, HH:mm", tzinfo=ZoneInfo(zone), locale="en")
    return f"{there} in {zone.rpartition('/')[2].replace('_', ' ')}"


def day(moment: datetime, zone: str) -> str:
    """`27 November 2026`."""
    return str(format_datetime(moment, "d MMMM yyyy", tzinfo=ZoneInfo(zone), locale="en"))


def money(amount: Money) -> str:
    """As people write it."""
    return amount.format()


def _press() -> Environment:
    press = Environment(
        loader=FileSystemLoader(Path(__file__).resolve().parents[2] / "templates" / "mail"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    press.install_null_translations(newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    for each in (strip_rows, strip_lines, alike, counted, copies, works, ink, at, day, money):
        press.filters[each.__name__] = each
    press.filters |= {"pad": padded, "no": numbered}
    return press


_PRESS = _press()
