"""Reads an amount and the day on which it was spent or paid out."""

from datetime import date

from flask_babel import gettext as _

from app.staff.asking import Form


def read_amount(form: Form, currency: str) -> int:
    """An amount in minor units, above nothing; what is none is said with the others."""
    amount = form.price("amount", "Amount", currency)
    if not amount:
        form.say("amount", _("More than nothing."))
    return amount


def read_date(form: Form, name: str) -> date:
    """A day; what is none is said with the others."""
    typed = form.text(name, "Day", most=10, least=1)
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        day = date.min
    if not 2000 <= day.year < 2200:
        form.say(name, _("A day, such as 2026-11-30."))
        return date(2000, 1, 1)
    return day


def read_day(form: Form, name: str, latest: date) -> date:
    """A day that has come; what is none is said with the others."""
    typed = form.text(name, "Day", most=10, least=1)
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        form.say(name, _("A day, such as %(day)s.", day=f"{latest}"))
        return latest
    if not date(2000, 1, 1) <= day <= latest:
        form.say(name, _("From 2000 on, and no later than %(day)s.", day=f"{latest}"))
    return day
