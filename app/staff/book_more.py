"""Two more pages of the books, and their files: what Stripe kept, and how fast runs sold."""

from collections.abc import Sequence

from flask import render_template
from flask.typing import ResponseReturnValue

from app.accounts.roles import Deed
from app.reports import book_fees, book_more_sheets, desk_labels, run_names, sell_through, sheets
from app.reports.book_period import Span
from app.reports.sheets import Sheet
from app.staff import queries
from app.staff.blueprint import bp
from app.staff.book_asked import asked_for, dates
from app.staff.book_files import XLSX, download
from app.staff.guard import label_ids, needs
from app.web.house import now, reading


@bp.get("/books/fees", endpoint="book_fees")
@needs(Deed.BOOKS)
def fees() -> ResponseReturnValue:
    """What Stripe kept, by month and run, and each fee; of one run's orders where asked."""
    at = queries.page()
    with reading() as session:
        asked = asked_for(session)
        run_id = asked.wish.run_id
        page = book_fees.fee_page(session, asked.label, asked.period, run_id, at)
        run = run_names.names(session, [run_id]).get(run_id, "") if run_id and any(run_id == each for each, *_ in page.runs) else ""
        labels = desk_labels.rows(session, label_ids(Deed.BOOKS))
    chosen = queries.choice("span", Span) or (None if dates() else Span.THIS_MONTH)
    return render_template(
        "staff/book_fees.html",
        page=page,
        asked=asked,
        run=run,
        labels=labels,
        links=asked.links(),
        only={"run": run_id} if run_id else {},
        at=at,
        pages=-(-page.total // book_fees.PAGE),
        spans=[(span, span is chosen) for span in Span],
    )


@bp.get("/books/fees.csv")
@needs(Deed.BOOKS)
def book_fees_csv() -> ResponseReturnValue:
    """Each fee of a period."""
    with reading() as session:
        asked = asked_for(session)
        sheet = book_more_sheets.of_fees(book_fees.every(session, asked.label, asked.period))
        return download(
            lambda out: sheets.write_csv(sheet, out),
            f"fees-{asked.period.first}-{asked.period.last}.csv",
            "text/csv",
        )


@bp.get("/books/fees.xlsx")
@needs(Deed.BOOKS)
def book_fees_workbook() -> ResponseReturnValue:
    """The same as a workbook, with the sums."""
    with reading() as session:
        asked = asked_for(session)
        page = book_fees.fee_page(session, asked.label, asked.period, None, 1)
        every = book_more_sheets.of_fees(book_fees.every(session, asked.label, asked.period))
        tables: Sequence[Sheet] = [book_more_sheets.of_fee_months(page), book_more_sheets.of_fee_runs(page), every]
        name = f"fees-{asked.period.first}-{asked.period.last}.xlsx"
        return download(lambda out: sheets.write_xlsx(tables, out), name, XLSX)


@bp.get("/books/sell-through", endpoint="book_sell_through")
@needs(Deed.BOOKS)
def sold_through() -> ResponseReturnValue:
    """How fast each run sold, and one of them as a curve."""
    run_id = queries.row_id("run")
    with reading() as session:
        asked = asked_for(session)
        runs = sell_through.sell_through(session, asked.label.id, now())
        labels = desk_labels.rows(session, label_ids(Deed.BOOKS))
    chosen = next((run for run in runs if run.run_id == run_id), None) or next((run for run in runs[::-1] if run.steps), None)
    points = chosen.curve(now()) if chosen else []
    context = {"runs": runs, "chosen": chosen, "points": points, "labels": labels, "label": asked.label}
    return render_template("staff/book_sell_through.html", **context)


@bp.get("/books/sell-through.csv")
@needs(Deed.BOOKS)
def book_sell_through_csv() -> ResponseReturnValue:
    """Each run, with what had sold at each mark."""
    with reading() as session:
        asked = asked_for(session)
        sheet = book_more_sheets.of_sell_through(sell_through.sell_through(session, asked.label.id, now()))
        return download(lambda out: sheets.write_csv(sheet, out), "sell-through.csv", "text/csv")
