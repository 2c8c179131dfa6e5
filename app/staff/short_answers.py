"""Staff answer for a fan whose copy did not come, as they were told by letter or telephone; the note stays with it."""

from enum import StrEnum

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.checkout import shortfall_answers, shortfall_choice
from app.checkout.shortfall_choice import Answer
from app.inventory.delivery_models import Shortfall
from app.kernel.errors import BadInput, Conflict, NotFound
from app.orders.models import Order, OrderLine
from app.staff import order
from app.staff.asking import Form
from app.staff.blueprint import bp
from app.staff.delivery import delivery_answer
from app.staff.guard import actor, asks_again, needs, require
from app.web.house import now, transaction


class Say(StrEnum):
    """What may be said at the desk: a fan's answers, and that the copy came after all."""

    REFUND = "refund"
    WAIT = "wait"
    OTHER = "other"
    UNDO = "undo"
    CAME = "came"


@bp.post("/shortfalls/<int:shortfall_id>/answer")
@needs(Deed.GIVE_BACK)
@asks_again
def short_answer(shortfall_id: int) -> ResponseReturnValue:
    """Answer for a fan; another number is the one that is free for them now."""
    with transaction() as session:
        run_id = _run_of(session, shortfall_id)
    form = Form()
    try:
        say = Say(form.one_of("say", "The answer", list(Say)))
        words = form.text("note", "How you know", most=200, least=1)
        form.check()
        with transaction() as session:
            _run_of(session, shortfall_id)
            if say is Say.CAME:
                row = shortfall_answers.came_after_all(session, shortfall_id, now(), actor(), words)
            else:
                number = _free(session, shortfall_id) if say is Say.OTHER else None
                row = shortfall_answers.answer(session, shortfall_id, Answer(say), now(), actor(), number=number, words=words)
            found = _order_of(session, row)
            order.note(session, "order.short_answered", found, missing=shortfall_id, answer=say.value, reason=words)
    except (BadInput, Conflict) as no:
        return delivery_answer(run_id, no)
    flash(_("Noted, and the fan is told."))
    return redirect(url_for("staff.run_delivery", run_id=run_id), 303)


def _free(session: Session, shortfall_id: int) -> int | None:
    row = session.get_one(Shortfall, shortfall_id)
    return shortfall_choice.other_number(session, row, _order_of(session, row)) if row.closed_at is None else None


def _order_of(session: Session, row: Shortfall) -> Order:
    return session.get_one(Order, session.get_one(OrderLine, row.order_line_id).order_id)


def _run_of(session: Session, shortfall_id: int) -> int:
    """The run, if the row is of an order of a label where the person may; NotFound otherwise."""
    row = session.get(Shortfall, shortfall_id)
    if row is None:
        raise NotFound("There is no such copy that did not come.")
    require(_order_of(session, row).label_id, Deed.GIVE_BACK)
    return row.delivery.run_id
