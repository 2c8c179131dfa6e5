"""Makes the checks that ask somebody else: each asks first, outside any transaction, and then writes down what it found."""

import secrets
import time
from collections.abc import Callable

from flask import current_app
from sqlalchemy import select

from app.catalogue.models import Label
from app.kernel import checkups, heartbeat
from app.kernel.checkups import Line, State
from app.payments import clock_check, endpoint_check, key_check
from app.payments.gateway import StripeRefused, StripeTrouble
from app.web.house import house, now, reading, transaction

WAIT, STEP = 3.0, 0.1  # seconds that a page waits for Stripe's message, and between two looks
_MOST_MEDIA = 200e6  # bytes; a larger shop's backup is made by its timer, as a page would wait too long


def stripe() -> None:
    """The key, what it may do, and the account."""
    try:
        lines = key_check.check_key(house().gateway, live=house().settings.live)
        if lines[0].state is not State.BAD:
            lines += key_check.check_account(house().gateway, _currencies())
    except StripeTrouble as trouble:
        lines = [key_check.away(trouble)]
    _keep("stripe", lines)


def webhook() -> None:
    """The endpoint, and a message of Stripe's own, for which the page waits a moment."""
    url = f"{house().settings.base_url}/webhooks/stripe"
    facts: dict[str, str] = {}
    try:
        lines = endpoint_check.check_endpoint(house().gateway, url)
        currency = _currencies()[0]
        try:
            key = f"check-{secrets.token_hex(12)}"
            made = endpoint_check.ask_for_message(house().gateway, currency, house().settings.base_url, key, house().clock.now())
            facts = {"made": made}
        except StripeRefused as no:
            lines.append(endpoint_check.refused(no, currency))
    except StripeTrouble as trouble:
        lines = [key_check.away(trouble)]
    _keep("webhook", lines, **facts)
    if facts:
        _wait_for(facts["made"])


def clock() -> None:
    """The machine's clock against Stripe's."""
    try:
        line = clock_check.check_clock(house().gateway, house().clock.machine)
    except StripeTrouble as trouble:
        line = key_check.away(trouble)
    _keep("clock", [line])


def backup() -> None:
    """Make one, of a shop that is small enough to wait for it."""
    settings = house().settings
    if settings.backup_dir is None:
        return
    size = sum(each.stat().st_size for each in settings.media_dir.rglob("*") if each.is_file())
    if size > _MOST_MEDIA:
        big = "The shop's pictures and files are too large for a page to wait for."
        _keep("backup", [Line(State.BAD, big, "Make a backup on the server.", "flask --app wsgi backup")])
        return
    trouble: str | None = current_app.extensions["runout_backup"](house().clock.now())
    if trouble:
        _keep("backup", [Line(State.BAD, f"No backup could be made: {trouble}", "Mend that, and try again.")])
        return
    with transaction() as session:
        heartbeat.beat(session, heartbeat.BACKUP, now())
        checkups.keep(session, "backup", [], now())


MADE: dict[str, Callable[[], None]] = {"stripe": stripe, "webhook": webhook, "clock": clock, "backup": backup}
TOGETHER = ("stripe", "webhook", "clock")  # what one press checks: nothing of it needs a person, or much time


def _keep(name: str, lines: list[Line], **facts: str) -> None:
    with transaction() as session:
        checkups.keep(session, name, lines, house().clock.now(), **facts)


def _wait_for(session_id: str) -> None:
    """Until the message came, or for a moment: then the page says that it is on its way."""
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        with reading() as session:
            if endpoint_check.came(session, session_id):
                return
        time.sleep(STEP)  # nothing wakes us: the message comes to whichever process is free


def _currencies() -> list[str]:
    """What the labels here sell in."""
    with reading() as session:
        return sorted(set(session.scalars(select(Label.currency)))) or ["EUR"]
