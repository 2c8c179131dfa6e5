"""What a maker was given: noted, and struck out where it was noted wrongly."""

from flask import Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.roles import Deed
from app.catalogue import makers
from app.catalogue.maker_models import Payout
from app.catalogue.models import Label
from app.kernel.errors import BadInput, Conflict
from app.kernel.local_time import day_in
from app.kernel.money import Money
from app.reports.maker_page import owed_today
from app.staff import deed
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.guard import asks_again, needs, person, require
from app.staff.makers import maker_of
from app.staff.money_form import read_amount, read_day
from app.web.house import now, reading, transaction


@bp.get("/makers/<int:maker_id>/payouts")
@needs(Deed.SHARE)
@asks_again
def maker_payouts(maker_id: int) -> ResponseReturnValue:
    """All of them, and the form for another."""
    return _page(maker_id)


@bp.post("/makers/<int:maker_id>/payouts")
@needs(Deed.SHARE)
@asks_again
def maker_pay(maker_id: int) -> ResponseReturnValue:
    """Note that they were given money; Runout moves none."""
    try:
        with transaction() as session:
            maker = makers.locked(session, maker_id)
            require(maker.label_id, Deed.SHARE)
            label = session.get_one(Label, maker.label_id)
            form = Form()
            amount, day = read_amount(form, label.currency), read_day(form, "day", day_in(now(), label.time_zone))
            words = form.text("words", "Words", most=200)
            form.check()
            payout = makers.pay_out(session, maker, amount, day, words, person().id, now())
            about: dict[str, str | int] = {"payout": payout.id, "amount": amount, "currency": label.currency, "day": f"{day}"}
            deed.note(session, "maker.paid_out", "maker", maker_id, maker.label_id, **about)
    except (BadInput, Conflict) as no:
        return _page(maker_id, no)
    flash(_("Noted. The statement says so from now on."))
    return redirect(url_for("staff.maker_payouts", maker_id=maker_id), 303)


@bp.post("/payouts/<int:payout_id>/strike")
@needs(Deed.SHARE)
@asks_again
def payout_strike(payout_id: int) -> ResponseReturnValue:
    """Strike out what was noted wrongly; it stays to be read."""
    with transaction() as session:
        payout = makers.payout(session, payout_id)
        maker = maker_of(session, payout.maker_id, Deed.SHARE)
        if payout.struck_at is None:
            payout.struck_at = now()
            deed.note(session, "maker.payout_struck", "maker", maker.id, maker.label_id, payout=payout_id, amount=payout.amount)
    return redirect(url_for("staff.maker_payouts", maker_id=maker.id), 303)


def _page(maker_id: int, no: No | None = None) -> Response:
    with reading() as session:
        maker = maker_of(session, maker_id, Deed.SHARE)
        label = session.get_one(Label, maker.label_id)
        today = day_in(now(), label.time_zone)
        owed = owed_today(session, maker, today, label.time_zone)
        mine = select(Payout).where(Payout.maker_id == maker_id).order_by(Payout.paid_on.desc(), Payout.id.desc())
        rows = [(row, Money(row.amount, label.currency)) for row in session.scalars(mine)]
    values = {"amount": owed.decimal if owed.amount > 0 else "", "day": f"{today}", "words": ""}
    return form_page(
        "staff/maker_payouts.html", no, values, maker=maker, rows=rows, owed=owed, currency=label.currency, today=today
    )
