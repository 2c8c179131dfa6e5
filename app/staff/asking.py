"""The desk's forms: every field is read before anything is refused, and a refused form comes back as it was typed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from flask import Response, make_response, render_template, request
from flask_login import current_user

from app.kernel import money
from app.kernel.errors import BadInput, Refusal
from app.staff import typed
from app.staff.guard import visit
from app.web import forms
from app.web.errors import wants_json

T = TypeVar("T")
No = Refusal


class Form:
    """Reads the fields of one post; `check` refuses with all that was wrong at once."""

    def __init__(self) -> None:
        self.wrong: dict[str, str] = {}
        self.called: dict[str, str] = {}

    def text(self, name: str, label: str, *, most: int = 200, least: int = 0, lines: bool = False) -> str:
        """A trimmed text; one that must be there has `least=1`."""
        return self._read(name, label, lambda: forms.text(name, label=label, most=most, least=least, lines=lines), "")

    def whole(self, name: str, label: str, *, least: int = 0, most: int = 10**9) -> int:
        """A whole number."""
        return self._read(name, label, lambda: forms.number(name, label=label, least=least, most=most), least)

    def maybe_whole(self, name: str, label: str, *, least: int = 1, most: int = 10**9) -> int | None:
        """A whole number, or None for an empty field."""
        return self.whole(name, label, least=least, most=most) if self.text(name, label, most=20) else None

    def one_of(self, name: str, label: str, choices: Sequence[str]) -> str:
        """A value that must be among the choices."""
        return self._read(name, label, lambda: forms.one_of(name, choices, label=label), choices[0] if choices else "")

    def price(self, name: str, label: str, currency: str) -> int:
        """An amount typed in major units, as minor units of the currency; never below zero."""
        text = self.text(name, label, most=20, least=1)
        try:
            amount = money.parse(text, currency).amount
        except ValueError:
            amount = -1
        if amount < 0 and name not in self.wrong:
            example = money.Money(24 * 10 ** money.digits(currency), currency).decimal
            self.wrong[name] = f"An amount in {currency}, such as {example}, without a sign for thousands."
        return max(amount, 0)

    def say(self, name: str, sentence: str) -> None:
        """Note that a field is wrong."""
        self.wrong.setdefault(name, sentence)

    def check(self) -> None:
        """BadInput when anything was wrong, with what the fields are called."""
        if self.wrong:
            raise BadInput("", self.wrong, called=self.called)

    def _read(self, name: str, label: str, read: Callable[[], T], otherwise: T) -> T:
        self.called[name] = label
        try:
            return read()
        except BadInput as no:
            self.wrong.update({name: sentence for name, sentence in no.fields.items() if name not in self.wrong})
            return otherwise


def ids(name: str) -> tuple[int, ...]:
    """All values of a repeated field as row ids; BadInput when one is none."""
    return tuple(forms.whole(value, name=name, label="The choice") for value in request.form.getlist(name))


def form_page(template: str, no: No | None, values: Mapping[str, Any], **context: Any) -> Response:
    """A page with a form: as stored, or (after a refusal, or once they have said who they are) as typed.

    A refusal brings its sentences and its status.
    """
    if no is not None and wants_json():
        raise no
    errors = no.fields if isinstance(no, BadInput) else {}
    shown = {**values, **request.form.to_dict()} if no else dict(values)
    if no is None and typed.cookie() in request.cookies and current_user.is_authenticated:
        shown = typed.refilled(values, visit().session_id)
    said = no.detail if no is not None and not errors else ""
    called = no.context.get("called", {}) if no is not None else {}
    page = render_template(template, values=shown, errors=errors, called=called, said=said, **context)
    return make_response(page, no.status if no else 200)
