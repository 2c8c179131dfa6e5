"""VAT in the books: a quarter at a time, each figure leading to its lines, and both as files."""

from dataclasses import dataclass
from enum import StrEnum

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.catalogue.models import Label
from app.kernel.errors import BadInput
from app.orders.vat_models import TaxedAs
from app.reports import desk_labels, sheets, vat_book, vat_quarter, vat_threshold, vat_trace
from app.reports.vat_lines import VatWish
from app.reports.vat_quarter import Quarter
from app.staff import queries
from app.staff.blueprint import bp
from app.staff.book_files import XLSX, download
from app.staff.guard import label_ids, needs, require
from app.web.house import now, reading

SHOWN = 5  # quarters to choose from


class Table(StrEnum):
    """What there is as CSV."""

    BOOK = "book"
    LINES = "lines"


@dataclass(frozen=True)
class Asked:
    """Which label's quarter an address asks for, and which lines of it."""

    label: Label
    quarter: Quarter
    wish: VatWish

    def links(self) -> dict[str, str | int]:
        """What each link of a page carries on."""
        return {"label": self.label.id, "quarter": self.quarter.key}


@bp.get("/books/vat")
@needs(Deed.BOOKS)
def book_vat() -> ResponseReturnValue:
    """One quarter by return, country and rate."""
    with reading() as session:
        asked = _asked(session)
        page = vat_book.vat_book(session, asked.label, asked.quarter)
        labels = desk_labels.rows(session, label_ids(Deed.BOOKS))
        abroad = vat_threshold.threshold(session, asked.label, now())
    quarters = [vat_quarter.of_moment(now(), asked.label.time_zone)]
    while len(quarters) < SHOWN:
        quarters.append(quarters[-1].before())
    return render_template("staff/book_vat.html", page=page, labels=labels, links=asked.links(), quarters=quarters, abroad=abroad)


@bp.get("/books/vat/lines")
@needs(Deed.BOOKS)
def book_vat_lines() -> ResponseReturnValue:
    """The lines behind one figure."""
    at = queries.page()
    with reading() as session:
        asked = _asked(session)
        page = vat_trace.trace(session, asked.wish, asked.label.currency, at)
    only = {name: request.args[name] for name in ("as", "country", "rate", "of") if name in request.args}
    return render_template(
        "staff/book_vat_lines.html",
        page=page,
        asked=asked,
        links=asked.links() | only,
        at=at,
        pages=-(-page.total // vat_trace.PAGE),
        each=vat_trace.PAGE,
    )


@bp.get("/books/vat.csv")
@needs(Deed.BOOKS)
def book_vat_csv() -> ResponseReturnValue:
    """The quarter, or its lines."""
    table = queries.choice("table", Table) or Table.BOOK
    with reading() as session:
        asked = _asked(session)
        if table is Table.LINES:
            sheet = vat_trace.of_lines(vat_trace.every(session, asked.wish, asked.label.currency))
        else:
            sheet = vat_trace.of_book(vat_book.vat_book(session, asked.label, asked.quarter))
        name = f"vat-{table}-{asked.quarter.key}.csv"
        return download(lambda out: sheets.write_csv(sheet, out), name, "text/csv")


@bp.get("/books/vat.xlsx")
@needs(Deed.BOOKS)
def book_vat_workbook() -> ResponseReturnValue:
    """The quarter and its lines, a sheet each."""
    with reading() as session:
        asked = _asked(session)
        book = vat_trace.of_book(vat_book.vat_book(session, asked.label, asked.quarter))
        every = [book, vat_trace.of_lines(vat_trace.every(session, asked.wish, asked.label.currency))]
        return download(lambda out: sheets.write_xlsx(every, out), f"vat-{asked.quarter.key}.xlsx", XLSX)


def _asked(session: Session) -> Asked:
    """What the request asks for; this quarter when none is named. BadInput for what is none."""
    label_id = queries.row_id("label") or label_ids(Deed.BOOKS)[0]
    require(label_id, Deed.BOOKS)
    label = session.get_one(Label, label_id)
    quarter = _quarter("quarter", label.time_zone) or vat_quarter.of_moment(now(), label.time_zone)
    wish = VatWish(
        label_id,
        quarter.period,
        taxed_as=queries.choice("as", TaxedAs),
        country=queries.country() or None,
        rate=_rate(),
        corrects=_quarter("of", label.time_zone),
    )
    return Asked(label, quarter, wish)


def _quarter(name: str, zone: str) -> Quarter | None:
    typed = request.args.get(name, "")
    found = vat_quarter.of_key(typed, zone)
    if typed and found is None:
        raise BadInput("Please name a quarter such as 2026-4.")
    return found


def _rate() -> int | None:
    typed = request.args.get("rate", "")
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 5):
        raise BadInput("A rate is named in basis points, such as 1900.")
    return int(typed)
