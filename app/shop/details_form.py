"""Reads the form that says who buys and where to; a field that was not sent stays as it was."""

from collections.abc import Callable
from typing import TypeVar

from flask import request

from app.checkout.details import Details
from app.kernel import typos
from app.kernel.errors import BadInput
from app.reports.hold_form import HoldForm
from app.web import forms

T = TypeVar("T")


def read(form: HoldForm) -> Details:
    """The details in this request; BadInput names every field that is wrong."""
    wrong: dict[str, str] = {}
    details = Details(
        email=_read(wrong, "email", form.email, _email),
        country=_read(wrong, "country", form.country, lambda: forms.one_of("country", form.countries, label="The country")),
        rate_id=_read(wrong, "postage", form.rate_id, lambda: forms.number("postage", label="The postage", default=0) or None),
        note=_read(wrong, "note", form.note, lambda: forms.text("note", label="The note", most=500, lines=True)),
        code=_read(wrong, "code", form.code, lambda: forms.text("code", label="The code", most=40)),
    )
    if wrong:
        raise BadInput("Something on this form needs another look. Nothing was changed.", wrong)
    return details


def _email() -> str:
    """What was typed; or the suggestion, if its button was pressed and it is one for what stands in the field now."""
    typed = forms.text("email", label="The e-mail address", most=254)
    meant = typos.meant(typed)
    return meant if meant and request.form.get("instead") == meant else typed


def _read(wrong: dict[str, str], name: str, kept: T, parse: Callable[[], T]) -> T:
    if name not in request.form:
        return kept
    try:
        return parse()
    except BadInput as refusal:
        wrong.update(refusal.fields)
        return kept
