"""What a run cost: noted, and struck out where it was noted wrongly."""

from flask import Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.catalogue import costs
from app.catalogue.maker_models import CostKind
from app.catalogue.models import Run
from app.kernel.errors import BadInput, Conflict, NotFound
from app.kernel.local_time import day_in
from app.reports.cost_page import cost_page
from app.staff import deed
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.guard import asks_again, needs, person, require
from app.staff.money_form import read_amount, read_date
from app.web.house import now, reading, transaction


@bp.get("/runs/<int:run_id>/costs")
@needs(Deed.SHARE)
@asks_again
def run_costs(run_id: int) -> ResponseReturnValue:
    """All of them, and the form for another."""
    return _page(run_id)


@bp.post("/runs/<int:run_id>/costs")
@needs(Deed.SHARE)
@asks_again
def run_cost(run_id: int) -> ResponseReturnValue:
    """Note what was spent."""
    try:
        with transaction() as session:
            run = run_of(session, run_id, Deed.SHARE)
            form = Form()
            kind = CostKind(form.one_of("kind", "What for", list(CostKind)))
            amount = read_amount(form, run.release.label.currency)
            day, words = read_date(form, "day"), form.text("words", "Words", most=200)
            form.check()
            cost = costs.spend(session, run_id, kind, amount, day, words, person().id, now())
            about: dict[str, str | int] = {"cost": cost.id, "amount": amount, "for": kind.value, "day": f"{day}"}
            deed.note(session, "run.cost_noted", "run", run_id, run.release.label_id, **about)
    except (BadInput, Conflict) as no:
        return _page(run_id, no)
    flash(_("Noted. It is recouped before makers whose share comes after costs get anything."))
    return redirect(url_for("staff.run_costs", run_id=run_id), 303)


@bp.post("/costs/<int:cost_id>/strike")
@needs(Deed.SHARE)
@asks_again
def cost_strike(cost_id: int) -> ResponseReturnValue:
    """Strike out what was noted wrongly; it stays to be read."""
    with transaction() as session:
        cost = costs.locked(session, cost_id)
        run = run_of(session, cost.run_id, Deed.SHARE)
        if cost.struck_at is None:
            cost.struck_at = now()
            label_id = run.release.label_id
            deed.note(session, "run.cost_struck", "run", run.id, label_id, cost=cost_id, amount=cost.amount)
    return redirect(url_for("staff.run_costs", run_id=run.id), 303)


def run_of(session: Session, run_id: int, may: Deed) -> Run:
    """The run, of a label where the person may do that. NotFound otherwise."""
    run = session.get(Run, run_id)
    if run is None:
        raise NotFound("There is no such run.")
    require(run.release.label_id, may)
    return run


def _page(run_id: int, no: No | None = None) -> Response:
    with reading() as session:
        run_of(session, run_id, Deed.SHARE)
        page = cost_page(session, run_id)
    values = {"kind": CostKind.PRESSING.value, "amount": "", "day": f"{day_in(now(), page.zone)}", "words": ""}
    return form_page("staff/run_costs.html", no, values, page=page, kinds=list(CostKind))
