"""Asks for the reason that fans will read, and leads back to where the deed was begun: the drop's page or drop day."""

from collections.abc import Sequence

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.reports.desk_drops import DropDesk
from app.staff.asking import Form, No, form_page


def posted() -> str:
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
