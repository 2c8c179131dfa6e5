"""Reads what staff typed about a delivery, and gives it back as the hidden fields of the second look."""

from flask import request

from app.checkout.delivery_plan import Said
from app.inventory import numbers_typed
from app.inventory.delivery_models import Unanswered
from app.staff.asking import Form

MOST_DAYS = 90
EMPTY = {"came": "", "missing": "", "reserve": "1", "unanswered": "", "days": 14, "promise": "", "words": ""}
FIELDS = ("came", "missing", "reserve", "unanswered", "days", "promise", "words")


def read() -> Said:
    """What was said. BadInput."""
    form = Form()
    came = form.maybe_whole("came", "How many came", least=0, most=20_000)
    typed = form.text("missing", "The missing numbers", most=5000, lines=True)
    unanswered = form.one_of("unanswered", "Without an answer", list(Unanswered))
    days = form.whole("days", "Days to answer", least=1, most=MOST_DAYS)
    promise = form.text("promise", "When the next issue comes", most=120)
    words = form.text("words", "What happened", most=200)
    if (came is None) == (not typed):
        form.say("came", "Say either how many came, or which numbers are missing.")
    missing: tuple[int, ...] = ()
    try:
        missing = numbers_typed.read(typed)
    except ValueError as part:
        form.say("missing", f"“{str(part)[:40]}” is no number. Write them like 12, 40-43.")
    form.check()
    return Said(came, missing, "reserve" in request.form, Unanswered(unanswered), days, promise.rstrip("."), words)


def as_typed() -> dict[str, str]:
    """The fields as they came, for the form of the second look."""
    return {name: request.form[name] for name in FIELDS if name in request.form}
