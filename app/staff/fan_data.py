"""What is held about a fan, at the desk and on their behalf: read, taken along as a file, and erased."""

import json

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.roles import Deed
from app.checkout.details import normalise
from app.drops.models import Drop
from app.inventory.models import Hold
from app.kernel.errors import Conflict, NotFound
from app.orders.models import Order
from app.privacy import erasures
from app.privacy.persons import Person
from app.reports import fan_data as report
from app.reports.kept_words import sentences
from app.staff import deed
from app.staff.blueprint import bp
from app.staff.guard import asks_again, needs, person, require
from app.web.house import house, now, reading, transaction


@bp.get("/fans/<int:hold_id>/data")
@needs(Deed.FANS)
def fan_data(hold_id: int) -> ResponseReturnValue:
    """How much is held, what would stay, and two buttons."""
    with reading() as session:
        share = report.fan_data(session, house().tokens, _fan(session, hold_id), now())
    kept = sentences(share.stays, share.label.zone)
    return render_template("staff/fan_data.html", share=share, kept=kept, hold_id=hold_id, begins=now() + erasures.GRACE)


@bp.post("/fans/<int:hold_id>/data.json")
@needs(Deed.FANS)
@asks_again
def fan_data_file(hold_id: int) -> Response:
    """All of it as a file, to be sent to them."""
    with transaction() as session:
        fan = _fan(session, hold_id)
        share = report.fan_data(session, house().tokens, fan, now())
        deed.note(session, "fan.exported", "hold", hold_id, fan.label_id, orders=len(share.orders))
    text = json.dumps({"made_at": now().isoformat(), "labels": [share.file]}, ensure_ascii=False, indent=2)
    answer = Response(text, content_type="application/json; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="data-of-fan-{hold_id}.json"'
    return answer


@bp.post("/fans/<int:hold_id>/erase")
@needs(Deed.FANS)
@asks_again
def fan_erase(hold_id: int) -> ResponseReturnValue:
    """They asked the label, not the page: they are told by mail, and can take it back."""
    with transaction() as session:
        fan = _fan(session, hold_id)
        erasure = erasures.ask(session, house().tokens, fan, now(), person().id)
        deed.note(session, "fan.erasure_asked", "erasure", erasure.id, fan.label_id, hold=hold_id)
    flash(_("They are erased in a week. A mail tells them, with a link to take it back."))
    return redirect(url_for("staff.fan_data", hold_id=hold_id), 303)


def _fan(session: Session, hold_id: int) -> Person:
    """Who made this hold, by the address of its order or its own. NotFound for another label's; Conflict where there is none."""
    hold = session.get(Hold, hold_id)
    if hold is None:
        raise NotFound("There is no such fan.")
    label_id = session.get_one(Drop, hold.drop_id).label_id
    require(label_id, Deed.FANS)
    order = session.scalar(select(Order).where(Order.hold_id == hold_id))
    email = order.email if order is not None and order.email else hold.email
    if not email:
        raise Conflict("No address is known here: none was given, or it is erased already.")
    written, key = normalise(email)  # what was given away has no key of its own
    return Person(label_id, written.lower(), key)
