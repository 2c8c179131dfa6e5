"""A maker's statement of a period: the page, the lines behind it, and both as files for the maker."""

import io
from itertools import islice

from flask import Response, render_template, send_file
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.catalogue.maker_models import Maker
from app.catalogue.models import Label
from app.reports import maker_lines, maker_page, maker_paper, maker_sheet, sheets
from app.reports.book_period import Period, Span
from app.staff import queries
from app.staff.blueprint import bp
from app.staff.book_asked import dates, period_in
from app.staff.book_files import download
from app.staff.guard import needs, require
from app.staff.makers import maker_of
from app.web.house import house, reading

PAGE = 100
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/makers/<int:maker_id>")
@needs(Deed.BOOKS)
def maker(maker_id: int) -> ResponseReturnValue:
    """What each run brought them, what they were given, and what is still owed."""
    with reading() as session:
        found, period = _asked(session, maker_id)
        page = maker_page.statement(session, found, period)
    chosen = queries.choice("span", Span) or (None if dates() else Span.THIS_MONTH)
    spans = [(span, span is chosen) for span in Span]
    may = require(page.label_id, Deed.BOOKS).may(page.label_id, Deed.SHARE)
    return render_template("staff/maker.html", page=page, spans=spans, links=_links(period), may=may)


@bp.get("/makers/<int:maker_id>/lines", endpoint="maker_lines")
@needs(Deed.BOOKS)
def statement_lines(maker_id: int) -> ResponseReturnValue:
    """The lines behind it, of one run where asked."""
    at, run_id = queries.page(), queries.row_id("run")
    with reading() as session:
        found, period = _asked(session, maker_id)
        every = maker_lines.lines(session, found, period, run_id)
        shown = list(islice(every, (at - 1) * PAGE, at * PAGE))
        more = next(every, None) is not None
    links = _links(period) | ({"run": run_id} if run_id else {})
    return render_template(
        "staff/maker_lines.html", lines=shown, more=more, at=at, maker=found, period=period, links=links, narrow=_links(period)
    )


@bp.get("/makers/<int:maker_id>/statement.pdf")
@needs(Deed.BOOKS)
def maker_statement_pdf(maker_id: int) -> ResponseReturnValue:
    """The statement with its lines, on A4."""
    with reading() as session:
        found, period = _asked(session, maker_id)
        page = maker_page.statement(session, found, period)
        paper = maker_paper.pdf(page, maker_lines.lines(session, found, period), house().settings.fallback_fonts)
    return send_file(io.BytesIO(paper), "application/pdf", download_name=f"{_name(maker_id, period)}.pdf")


@bp.get("/makers/<int:maker_id>/statement.csv")
@needs(Deed.BOOKS)
def maker_statement_csv(maker_id: int) -> ResponseReturnValue:
    """The lines, the payouts and what was owed before, a row each: they add up to what is owed."""
    with reading() as session:
        found, period = _asked(session, maker_id)
        sheet = maker_sheet.of(maker_page.statement(session, found, period), maker_lines.lines(session, found, period))
        return download(lambda out: sheets.write_csv(sheet, out), f"{_name(maker_id, period)}.csv", "text/csv")


@bp.get("/makers/<int:maker_id>/statement.xlsx")
@needs(Deed.BOOKS)
def maker_statement_xlsx(maker_id: int) -> Response:
    """The same as a workbook."""
    with reading() as session:
        found, period = _asked(session, maker_id)
        sheet = maker_sheet.of(maker_page.statement(session, found, period), maker_lines.lines(session, found, period))
        return download(lambda out: sheets.write_xlsx([sheet], out), f"{_name(maker_id, period)}.xlsx", _XLSX)


def _asked(session: Session, maker_id: int) -> tuple[Maker, Period]:
    found = maker_of(session, maker_id, Deed.BOOKS)
    return found, period_in(session.get_one(Label, found.label_id).time_zone)


def _links(period: Period) -> dict[str, str | int]:
    """What each link carries on: the period by its days, so that it means the same tomorrow."""
    return {"from": f"{period.first}", "to": f"{period.last}"}


def _name(maker_id: int, period: Period) -> str:
    return f"statement-{maker_id}-{period.first}-{period.last}"
