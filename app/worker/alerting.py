"""Looks for what needs a person, and delivers what is to be said of it."""

from datetime import datetime

import structlog

from app import alerts
from app.alerts.checks import Check
from app.checkout.house import House
from app.kernel import alerts as book
from app.kernel import webhook as post
from app.kernel.alerts import Found
from app.kernel.db import reading, transaction
from app.kernel.outbox import Leased
from app.worker.bench import Bench

log = structlog.get_logger()


def look(house: House, now: datetime) -> None:
    """Run every check; write down what began and what is over, and that it is to be told."""
    with reading(house.db) as session:
        known = [Found(each.cause, each.what, each.label_id, each.path) for each in book.are_open(session)]
    found = [each for check in alerts.CHECKS for each in _found(house, check, known, now)]
    if not found and not known:
        return
    with transaction(house.db) as session:
        for over, changed in enumerate(book.note(session, found, now)):  # what began, then what is over
            for alert in changed:
                alerts.tell(session, house.settings, alert, now, over=bool(over))


def mail(bench: Bench, job: Leased) -> None:
    """Send one mail about an alert."""
    with reading(bench.house.db) as session:
        letter = alerts.letter(session, bench.house.settings, job.payload)
    if letter is not None:
        bench.mailer.send(letter, bench.house.clock.now())
        _told(bench.house, job)


def webhook(bench: Bench, job: Leased) -> None:
    """Say one thing to the webhook's address; nothing when there is none any more."""
    url = bench.house.settings.alert_webhook_url
    with reading(bench.house.db) as session:
        body = alerts.body(session, bench.house.settings, job.payload)
    if url is not None and body is not None:
        post.post(url.get_secret_value(), job.key, body)
        _told(bench.house, job)


def _found(house: House, check: Check, known: list[Found], now: datetime) -> list[Found]:
    """What a check finds; one that cannot look says that nothing has changed, and keeps no other from looking."""
    try:
        with reading(house.db) as session:
            return list(check.find(session, house.settings, now))
    except Exception:
        log.exception("alert check", check=check.id)
        return [each for each in known if each.cause.partition("/")[0] == check.id]


def _told(house: House, job: Leased) -> None:
    with transaction(house.db) as session:
        book.told(session, job.payload["alert"], house.clock.now())
