"""What an address of the orders' list asks for; everything stands in it, so that a link is the view."""

from datetime import date, datetime, time, timedelta
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from flask import request, url_for
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.kernel.errors import BadInput
from app.reports.order_choices import choices
from app.reports.order_filters import OUTSIDE, Fact, Filters
from app.reports.order_list import Wish
from app.reports.order_stage import Stage
from app.staff import queries
from app.staff.guard import label_ids

NAMES = ("stage", "drop", "q", "run", "country", "tag", "postage", "from", "to", "fact")  # what a list's links carry on
LONGEST = 1500  # signs of all of them


def wish(may: Deed, zone: str) -> Wish:
    """The orders that the address asks for, of the labels where the person may do that; days are those of the zone."""
    return Wish(
        label_ids=tuple(label_ids(may)),
        stage=queries.choice("stage", Stage),
        drop_id=queries.row_id("drop"),
        typed=queries.typed(),
        before=queries.row_id("before"),
        after=queries.row_id("after"),
        filters=_filters(ZoneInfo(zone)),
    )


def wished(session: Session, may: Deed) -> Wish:
    """The same, where no page is made that offers choices."""
    return wish(may, choices(session, label_ids(may)).zone)


def kept() -> str:
    """What narrows the list, as it stands behind the question mark: page and empty fields left out, in one sequence."""
    return written([(name, value) for name in NAMES for value in request.args.getlist(name)])


def written(pairs: list[tuple[str, str]]) -> str:
    """Such a text of names and values; what is no filter is left out. BadInput for far too much."""
    found = urlencode([(name, value) for known in NAMES for name, value in pairs if name == known and value])
    if len(found) > LONGEST:
        raise BadInput("That is too long to look for. Please leave a filter out.")
    return found


def address(text: str) -> str:
    """Where the list is that such a text stands for."""
    return url_for("staff.orders") + ("?" + text if text else "")


def read(text: str) -> dict[str, list[str]]:
    """Its values by name, for `url_for`."""
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(text):
        found.setdefault(name, []).append(value)
    return found


def _filters(zone: ZoneInfo) -> Filters:
    first, last = _day("from"), _day("to")
    return Filters(
        run_id=queries.row_id("run"),
        country=_country(),
        tag_id=queries.row_id("tag"),
        postage=queries.typed("postage"),
        since=_begins(first, zone) if first else None,
        until=_begins(last + timedelta(days=1), zone) if last else None,
        facts=_facts(),
    )


def _country() -> str:
    typed = request.args.get("country", "")
    if typed and typed != OUTSIDE and not (len(typed) == 2 and typed.isascii() and typed.isalpha() and typed.isupper()):
        raise BadInput("There is no such country. Please go back and choose one.")
    return typed


def _facts() -> tuple[Fact, ...]:
    try:
        return tuple(dict.fromkeys(Fact(value) for value in request.args.getlist("fact") if value))
    except ValueError as fault:
        raise BadInput("There is no such list. Please go back and choose one.") from fault


def _day(name: str) -> date | None:
    typed = request.args.get(name, "")
    if not typed:
        return None
    try:
        day = date.fromisoformat(typed)
    except ValueError as fault:
        raise BadInput("Please give a day such as 2026-11-30.") from fault
    if not 2000 <= day.year < 2200:
        raise BadInput("That is not a year that a shop works in.")
    return day


def _begins(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
