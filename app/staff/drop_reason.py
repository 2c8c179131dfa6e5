"""Deeds that give fans a reason: asked for, done and noted, and back to where it was begun, the drop's page or drop day."""

from collections.abc import Callable, Sequence
from datetime import datetime

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.drops.models import Drop
from app.kernel.errors import BadInput, Conflict
from app.reports.desk_drops import DropDesk
from app.staff import deed
from app.staff.asking import Form, No, form_page
from app.staff.drops import mine
from app.web.house import now, transaction

Verb = Callable[[Session, int, str, datetime], Drop]


def do(drop_id: int, verb: Verb, what: str, ask_again: Callable[[int, No], Response]) -> ResponseReturnValue:
    """Do it with the reason that was typed; a refused form is asked again."""
    try:
        reason = _posted()
        with transaction() as session:
            row = mine(session, drop_id)
            verb(session, drop_id, reason, now())
            deed.note(session, what, "drop", drop_id, row.label_id, reason=reason)
    except (BadInput, Conflict) as no:
        return ask_again(drop_id, no)
    return back(drop_id)


def _posted() -> str:
    """The reason that was typed, perhaps none. BadInput when it is too long or cannot be printed."""
    form = Form()
    reason = form.text("reason", "The reason", most=300)
    form.check()
    return reason


def ask(
    page: DropDesk, no: No | None, reason: str, *, title: str, here: str, sentences: Sequence[str], verb: str, tone: str
) -> Response:
    """The page that asks; `here` is what the deed is called, `reason` what stands in the field."""
    asked = {"title": title, "here": here, "sentences": sentences, "verb": verb, "tone": tone}
    return form_page("staff/drop_reason.html", no, {"reason": reason}, page=page, back=came_from(page.id), **asked)


def back(drop_id: int) -> ResponseReturnValue:
    """To where the deed was begun."""
    return redirect(came_from(drop_id), 303)


def came_from(drop_id: int) -> str:
    """Drop day, if the link there was followed; otherwise the drop's page."""
    return url_for("staff.day" if request.args.get("from") == "day" else "staff.drop", drop_id=drop_id)
