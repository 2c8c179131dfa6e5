"""The label's books: sums of a period, and the lines behind each of them."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.accounts.roles import Deed
from app.reports import book_trace, desk_labels
from app.reports import books as book_sums
from app.reports.book_period import Span
from app.staff import queries
from app.staff.blueprint import bp
from app.staff.book_asked import asked_for, dates
from app.staff.guard import label_ids, needs
from app.web.house import reading


@bp.get("/books")
@needs(Deed.BOOKS)
def books() -> ResponseReturnValue:
    """What was sold and what went back, by run, country and day."""
    with reading() as session:
        asked = asked_for(session)
        page = book_sums.books(session, asked.label, asked.period)
        labels = desk_labels.rows(session, label_ids(Deed.BOOKS))
    chosen = queries.choice("span", Span) or (None if dates() else Span.THIS_MONTH)
    spans = [(span, span is chosen) for span in Span]
    return render_template("staff/books.html", page=page, labels=labels, links=asked.links(), spans=spans)


@bp.get("/books/lines")
@needs(Deed.BOOKS)
def book_lines() -> ResponseReturnValue:
    """The lines behind one figure."""
    at = queries.page()
    with reading() as session:
        asked = asked_for(session)
        page = book_trace.trace(session, asked.wish, asked.label.currency, at)
        run = book_trace.run_name(session, asked.wish) if asked.wish.run_id is not None else ""
    only = {name: request.args[name] for name in ("run", "country", "kind") if name in request.args}
    pages = -(-page.total // book_trace.PAGE)
    return render_template(
        "staff/book_lines.html",
        page=page,
        asked=asked,
        run=run,
        links=asked.links() | only,
        at=at,
        pages=pages,
        each=book_trace.PAGE,
    )
