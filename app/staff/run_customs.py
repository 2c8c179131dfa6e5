"""What customs sees in a copy of a run, and the second thing in it that is counted apart."""

from typing import Any

from flask import Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.roles import Deed
from app.catalogue.models import Run
from app.fulfilment import customs_things, second_things
from app.fulfilment.customs_things import Copies, Second
from app.fulfilment.posting import Thing
from app.kernel.errors import BadInput
from app.kernel.money import Money
from app.staff import deed
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.guard import needs
from app.staff.runs import mine, page_of
from app.web.house import reading, transaction


@bp.get("/runs/<int:run_id>/customs")
@needs(Deed.MAKE)
def run_customs(run_id: int) -> ResponseReturnValue:
    """What stands on a customs form for one copy, and the form for its second thing."""
    return _page(run_id)


@bp.post("/runs/<int:run_id>/customs")
@needs(Deed.MAKE)
def run_customs_save(run_id: int) -> ResponseReturnValue:
    """Say what else is in each copy; all fields empty say that there is nothing."""
    currency = page_of(run_id).currency
    try:
        second = _read(currency)
        with transaction() as session:
            run = mine(session, run_id)
            second_things.say(session, run, second)
            deed.note(session, "run.second_thing", "run", run_id, run.release.label_id, hs_code=second.hs_code if second else None)
    except BadInput as no:
        return _page(run_id, no)
    flash(_("Kept. Customs forms and the count of duties say so from now on."))
    return redirect(url_for("staff.run_customs", run_id=run_id), 303)


def _read(currency: str) -> Second | None:
    form = Form()
    if not any(form.text(name, name, most=80) for name in ("what", "hs_code", "price", "weight")):
        return None
    second = Second(
        what=form.text("what", "What it is", most=50, least=1),
        hs_code=form.text("hs_code", "Customs code", most=14, least=6).replace(".", "").replace(" ", ""),
        price=form.price("price", "Its share of the price", currency),
        weight=form.whole("weight", "Its share of the weight", most=100_000),
    )
    form.check()
    return second


def _page(run_id: int, no: No | None = None) -> Response:
    page = page_of(run_id)
    with reading() as session:
        run, seconds = session.get_one(Run, run_id), second_things.of_runs(session, [run_id])
        seen = _seen(run, page.currency, seconds)
    values = _values(seconds.get(run_id), page.currency)
    return form_page("staff/run_customs.html", no, values, page=page, seen=seen, currency=page.currency)


def _seen(run: Run, currency: str, seconds: dict[int, Second]) -> tuple[Thing, ...]:
    """One copy as a customs form lists it."""
    copy = Copies(run.id, run.format, run.title, 1, Money(run.price, currency), run.weight, run.hs_code, run.origin, "")
    return customs_things.things(copy, seconds)


def _values(second: Second | None, currency: str) -> dict[str, Any]:
    if second is None:
        return dict.fromkeys(("what", "hs_code", "price", "weight"), "")
    price = str(Money(second.price, currency).decimal)
    return {"what": second.what, "hs_code": second.hs_code, "price": price, "weight": second.weight}
