"""The guide that staff read, at the desk itself."""

from flask import render_template, send_from_directory
from flask.typing import ResponseReturnValue

from app.accounts.roles import Deed
from app.kernel.errors import NotFound
from app.staff.blueprint import bp
from app.staff.guard import needs
from app.web import guide as document


@bp.get("/guide")
@needs(Deed.SELF)
def guide() -> ResponseReturnValue:
    """From signing in to the books."""
    text, headings = document.guide()
    return render_template("staff/guide.html", text=text, headings=headings)


@bp.get("/guide/<picture>")
@needs(Deed.SELF)
def guide_picture(picture: str) -> ResponseReturnValue:
    """One of its pictures."""
    if picture not in document.pictures():
        raise NotFound("There is no such picture in the guide.")
    return send_from_directory(document.PICTURES, picture, max_age=3600)
