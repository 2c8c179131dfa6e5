"""What came from the plant, at the desk: who is owed a copy, and the forms for what came, each with a look before it is done."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.catalogue import runs
from app.catalogue.models import Run
from app.checkout import delivery as verbs
from app.checkout import delivery_plan, next_issue
from app.kernel.errors import BadInput, Conflict
from app.reports.delivery_page import DeliveryPage, delivery_page
from app.staff import deed, delivery_form
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.guard import actor, asks_again, needs, person, require
from app.web.house import now, reading, transaction


@bp.get("/runs/<int:run_id>/delivery")
@needs(Deed.SEE)
def run_delivery(run_id: int) -> ResponseReturnValue:
    """Every copy that was sold and did not come, where it stands, and the forms for what came."""
    return delivery_answer(run_id)


@bp.post("/runs/<int:run_id>/delivery")
@needs(Deed.GIVE_BACK)
@asks_again
def run_delivery_do(run_id: int) -> ResponseReturnValue:
    """First the look at what it means, with nothing done; then, with its sign, the deed."""
    page = look(run_id, Deed.GIVE_BACK)
    try:
        said = delivery_form.read()
        if "shown" not in request.form:
            with reading() as session:
                plan = delivery_plan.outlook(session, run_id, said)
            fields = delivery_form.as_typed()
            return render_template(
                "staff/delivery_check.html", page=page, plan=plan, said=said, fields=fields, by=said.answer_by(now())
            )
        with transaction() as session:
            label_id = mine(session, run_id, Deed.GIVE_BACK).release.label_id
            made = verbs.deliver(session, run_id, said, request.form["shown"], now(), actor())
            missing = made.expected - made.came
            deed.note(session, "run.delivered", "run", run_id, label_id, copies=made.came, missing=missing, reason=said.words)
    except (BadInput, Conflict) as no:
        return delivery_answer(run_id, no)
    flash(_("Noted. Whose copy did not come is written to, who bought first comes first."))
    return redirect(url_for("staff.run_delivery", run_id=run_id), 303)


@bp.post("/runs/<int:run_id>/next-issue")
@needs(Deed.GIVE_BACK)
@asks_again
def run_next_issue(run_id: int) -> ResponseReturnValue:
    """The next issue has come: first the look, then the deed."""
    page = look(run_id, Deed.GIVE_BACK)
    form = Form()
    try:
        came = form.whole("next_came", "How many came", least=1, most=10_000)
        form.check()
        if "shown" not in request.form:
            with reading() as session:
                plan = next_issue.outlook(session, run_id, came)
            return render_template("staff/next_issue_check.html", page=page, plan=plan, came=came)
        with transaction() as session:
            label_id = mine(session, run_id, Deed.GIVE_BACK).release.label_id
            done = next_issue.arrive(session, run_id, came, request.form["shown"], now(), actor())
            served = len(done.served)
            deed.note(session, "run.next_issue_came", "run", run_id, label_id, copies=came, served=served, reserve=done.reserve)
    except (BadInput, Conflict) as no:
        return delivery_answer(run_id, no)
    flash(_("Noted: %(n)s orders can be packed as soon as nothing else of them is missing. Their fans are told.", n=served))
    return redirect(url_for("staff.run_delivery", run_id=run_id), 303)


def delivery_answer(run_id: int, no: No | None = None) -> Response:
    """The page, after a refused form with its sentences."""
    page = look(run_id, Deed.SEE)
    may = person().may
    values = {**delivery_form.EMPTY, "missing": page.not_scanned, "next_came": "", "more": "", "reason": ""}
    if no is not None:  # a box that was not ticked is not sent
        values["reserve"] = ""
    manages, owns = may(page.label_id, Deed.GIVE_BACK), may(page.label_id, Deed.LABEL)
    return form_page("staff/delivery.html", no, values, page=page, may_manage=manages, may_enlarge=owns)


def look(run_id: int, may: Deed) -> DeliveryPage:
    """The run's read model, if it belongs to a label where the person may; NotFound, or Conflict before it is pressed."""
    with reading() as session:
        page = delivery_page(session, run_id)
    require(page.label_id, may)
    if not page.pressed:
        raise Conflict(_("This run is not pressed yet: its copies do not exist, so none can be missing."))
    return page


def mine(session: Session, run_id: int, may: Deed) -> Run:
    """The run, locked, if it belongs to a label where the person may; NotFound otherwise."""
    row = runs.locked(session, run_id)
    require(row.release.label_id, may)
    return row
