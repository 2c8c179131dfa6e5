"""Prints a drop page; the public site and the desk's preview use the same words and the same template."""

from flask import render_template

from app.reports.drop_sheet import DropPage
from app.web.colophon import colophon


def render_drop(page: DropPage) -> str:
    """The whole HTML page, the same for everybody. In a preview its forms lead nowhere and it does not change by itself."""
    pictures = (liner.sleeve.picture for liner in page.liners)
    cover = next((picture for picture in pictures if picture), None)
    return render_template("shop/drop.html", page=page, state=page.state.value, cover=cover, **colophon(page.label))
