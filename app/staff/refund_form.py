"""Reads the forms about money that goes back and copies that come back."""

from collections.abc import Iterable

from flask import request

from app.checkout.parts import Choice, Plan
from app.payments.models import Fate
from app.reports.refund_page import RefundPage
from app.staff.asking import Form

WHOLE, PARTS, AMOUNT = "whole", "parts", "amount"
_FATES = {fate.value: fate for fate in (Fate.KEPT, Fate.PUT_BACK, Fate.WITHDRAWN)}
MOST_COPIES = 100  # of one order


def plan(form: Form, page: RefundPage) -> Plan:
    """What was chosen; BadInput comes from `form.check`."""
    what = form.one_of("what", "What goes back", (WHOLE, PARTS, AMOUNT))
    sent = form.one_of("sent", "Whether it had left", ("0", "1")) == "1"
    mishaps = form.maybe_whole("mishaps", "What had happened", least=0) or 0
    if what == AMOUNT:
        return Plan(amount=form.price("amount", "The amount", page.left.currency), sent=sent, mishaps=mishaps)
    if what == WHOLE:
        return Plan(copies(form, (each.id for each in page.copies), list(_FATES)), whole=True, sent=sent, mishaps=mishaps)
    ticked = [each.id for each in page.copies if request.form.get(f"copy-{each.id}") == "1"]
    if not ticked and request.form.get("with_postage") != "1":
        form.say("what", "Tick a copy or the postage.")
    postage = request.form.get("with_postage") == "1"
    return Plan(copies(form, ticked, list(_FATES)), postage=postage, sent=sent, mishaps=mishaps)


def copies(form: Form, ids: Iterable[int], fates: list[str]) -> dict[int, Choice]:
    """What becomes of each copy; who withdraws one says why."""
    words = form.text("words", "Why they are withdrawn", most=200)
    chosen = {id_: Fate(form.one_of(f"fate-{id_}", "What becomes of the copy", fates)) for id_ in ids}
    if Fate.WITHDRAWN in chosen.values() and not words:
        form.say("words", "Say why the copies are withdrawn: it stands in their history.")
    return {id_: Choice(fate, words if fate is Fate.WITHDRAWN else "") for id_, fate in chosen.items()}
