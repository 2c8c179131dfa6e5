"""Reads what staff say of a pre-order: how far it is, what is promised, a note, and how far that may slip."""

from datetime import date

from app.catalogue.making import Step
from app.catalogue.making_changes import Words
from app.catalogue.promises import Promise, of_month
from app.staff.asking import Form

_YEARS = range(2000, 2101)


def read() -> Words:
    """What was typed; BadInput with all that is wrong."""
    form = Form()
    step = Step(form.one_of("step", "How far it is", [each.value for each in Step]))
    on = day(form, "promised_on", "The promise")
    by_month = form.text("by_month", "Only the month", most=1) == "1"
    note = form.text("note", "The note", most=600, lines=True)
    weeks = form.whole("weeks", "Weeks", least=1, most=104)
    form.check()
    promise = of_month(on) if by_month else Promise(on)
    return Words(step, promise, note, weeks)


def day(form: Form, name: str, label: str) -> date:
    """A day as a browser sends it, 2027-03-12; noted as wrong when it is none."""
    typed = form.text(name, label, most=10, least=1)
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        found = None
    if found is None or found.year not in _YEARS:
        form.say(name, "A day, as 2027-03-12.")
        return date.min
    return found
