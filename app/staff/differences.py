"""What differs from Stripe's own record and waits for a person, and saying how it was settled."""

from flask import Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.kernel.errors import BadInput, Conflict, NotFound
from app.payments import unresolved
from app.reports.differences_page import DifferenceRow, difference_row, differences_page
from app.staff import deed
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.guard import label_ids, needs, person
from app.web.house import now, reading, transaction


@bp.get("/differences")
@needs(Deed.BOOKS)
def differences() -> ResponseReturnValue:
    """All that wait, oldest first, each with what to do."""
    with reading() as session:
        page = differences_page(session, label_ids(Deed.BOOKS))
    return render_template("staff/differences.html", page=page, may_settle=person().anywhere(Deed.GIVE_BACK))


@bp.get("/differences/<int:difference_id>/settle")
@needs(Deed.GIVE_BACK)
def difference_settle_ask(difference_id: int) -> ResponseReturnValue:
    """Ask how."""
    return _settle(difference_id)


@bp.post("/differences/<int:difference_id>/settle")
@needs(Deed.GIVE_BACK)
def difference_settle(difference_id: int) -> ResponseReturnValue:
    """Take one off the list, with words that say how it was settled."""
    try:
        form = Form()
        how = form.text("how", "How it was settled", most=300, least=1)
        form.check()
        with transaction() as session:
            _found(session, difference_id)
            row = unresolved.settle(session, difference_id, how, person().id, now())
            deed.note(session, "difference.settled", "stripe", row.id, row.label_id, kind=row.kind, about=row.about)
    except (BadInput, Conflict) as no:
        return _settle(difference_id, no)
    return redirect(url_for("staff.differences"), 303)


def _settle(difference_id: int, no: No | None = None) -> Response:
    with reading() as session:
        row = _found(session, difference_id)
    return form_page("staff/difference.html", no, {"how": row.settled_how}, row=row)


def _found(session: Session, difference_id: int) -> DifferenceRow:
    """One that is the business of a label where the person may settle it. NotFound otherwise."""
    row = difference_row(session, label_ids(Deed.GIVE_BACK), difference_id)
    if row is None:
        raise NotFound("There is no such difference.")
    return row
