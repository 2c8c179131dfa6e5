"""What an address of the books asks for: a label, a period, and of it one run, country or kind."""

from dataclasses import dataclass
from datetime import date

from flask import request
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.catalogue.models import Label
from app.kernel.errors import BadInput
from app.reports.book_period import Period, Span, of_span
from app.reports.book_wish import Kind, Wish
from app.staff import queries
from app.staff.guard import label_ids, require
from app.web.house import now

LONGEST = 366 * 20  # days


@dataclass(frozen=True)
class Asked:
    """What an address asks for, with the label's currency."""

    label: Label
    period: Period
    wish: Wish

    def links(self) -> dict[str, str | int]:
        """What each link of a page carries on: a period by its days, so that a link means the same tomorrow."""
        return {"label": self.label.id, "from": f"{self.period.first}", "to": f"{self.period.last}"}


def asked_for(session: Session) -> Asked:
    """What the request asks for. BadInput for what is no period, NotFound for another label."""
    mine = label_ids(Deed.BOOKS)
    label_id = queries.row_id("label") or mine[0]
    require(label_id, Deed.BOOKS)
    label = session.get_one(Label, label_id)
    period = period_in(label.time_zone)
    return Asked(label, period, Wish(label_id, period, queries.row_id("run"), country(), queries.choice("kind", Kind)))


def country() -> str | None:
    """A country by its two letters; "" asks for what was sold without an address. BadInput for what is none."""
    typed = request.args.get("country")
    if typed and not (len(typed) == 2 and typed.isascii() and typed.isalpha() and typed.isupper()):
        raise BadInput("There is no such country. Please go back and choose one.")
    return typed


def dates() -> bool:
    """Does the address name days?"""
    return bool(request.args.get("from") or request.args.get("to"))


def period_in(zone: str) -> Period:
    """The days from and to, or what one word says; this month when nothing is asked for."""
    if (span := queries.choice("span", Span)) is not None or not dates():
        return of_span(span or Span.THIS_MONTH, now(), zone)
    first, last = _day("from"), _day("to")
    if last < first:
        raise BadInput("The period ends before it begins. Please choose a later last day.")
    if (last - first).days > LONGEST:
        raise BadInput("That is longer than any books. Please choose at most twenty years.")
    return Period(first, last, zone)


def _day(name: str) -> date:
    try:
        day = date.fromisoformat(request.args.get(name, ""))
    except ValueError as fault:
        raise BadInput("Please give both days of the period, such as 2026-11-01 and 2026-11-30.") from fault
    if not 2000 <= day.year < 2200:
        raise BadInput("That is not a year that a shop works in.")
    return day
