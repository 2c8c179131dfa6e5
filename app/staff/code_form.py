"""Reads the form of a discount code: what it takes off, of what, when and how often."""

from typing import Any

from flask import request
from flask_babel import gettext as _

from app.catalogue.models import Label
from app.kernel import local_time
from app.kernel.errors import BadInput
from app.kernel.money import Money
from app.orders import codes
from app.orders.making_codes import CodeWords
from app.orders.models import CodeKind, DiscountCode
from app.staff.asking import Form, ids
from app.staff.drop_form import moment

_TYPED = ("code", "percent", "amount", "begins_at", "ends_at", "most_uses", "once_per_fan")
EMPTY: dict[str, Any] = dict.fromkeys(_TYPED, "") | {"kind": CodeKind.PERCENT.value, "for": "every"}


def read(label: Label, stored: DiscountCode | None, *, settled: bool) -> CodeWords:
    """What was typed; what a use has settled is not asked for and stays. BadInput names every field that is wrong."""
    form = Form()
    code, kind, value, once = _kept(stored) if stored and settled else _asked(form, label.currency)
    every = form.one_of("for", _("For"), ["every", "some"]) == "every"
    words = CodeWords(
        code=code,
        kind=kind,
        value=value,
        runs=None if every else _runs(form),
        begins_at=moment(form, "begins_at", _("Begins"), label.time_zone, needed=False),
        ends_at=moment(form, "ends_at", _("Ends"), label.time_zone, needed=False),
        most_uses=form.maybe_whole("most_uses", _("Uses"), most=1_000_000),
        once_per_fan=once,
    )
    form.check()
    return words


def values(code: DiscountCode, label: Label) -> dict[str, Any]:
    """The form of a code as it is stored."""
    return {
        "code": code.code,
        "kind": code.kind.value,
        "percent": code.value if code.kind is CodeKind.PERCENT else "",
        "amount": str(Money(code.value, label.currency).decimal) if code.kind is CodeKind.AMOUNT else "",
        "for": "every" if code.every_run else "some",
        "begins_at": local_time.typed(code.begins_at, label.time_zone),
        "begins_at_which": local_time.fold(code.begins_at, label.time_zone),
        "ends_at": local_time.typed(code.ends_at, label.time_zone),
        "ends_at_which": local_time.fold(code.ends_at, label.time_zone),
        "most_uses": code.most_uses or "",
        "once_per_fan": "1" if code.once_per_fan else "",
    }


def _kept(stored: DiscountCode) -> tuple[str, CodeKind, int, bool]:
    return stored.code, stored.kind, stored.value, stored.once_per_fan


def _asked(form: Form, currency: str) -> tuple[str, CodeKind, int, bool]:
    code = codes.written(form.text("code", _("Code"), most=40, least=1))
    kind = CodeKind(form.one_of("kind", _("Takes off"), [each.value for each in CodeKind]))
    value = 0
    if kind is CodeKind.PERCENT:
        value = form.whole("percent", _("Per cent"), least=1, most=100)
    elif kind is CodeKind.AMOUNT:
        value = form.price("amount", _("Amount"), currency)
    return code, kind, value, form.text("once_per_fan", _("Once"), most=1) == "1"


def _runs(form: Form) -> tuple[int, ...]:
    try:
        return ids("run")
    except BadInput as no:
        form.wrong.update(no.fields)
        return ()


def ticked() -> list[int]:
    """The runs that were ticked in a form that was refused."""
    return [int(value) for value in request.form.getlist("run") if value.isascii() and value.isdigit() and len(value) < 10]
