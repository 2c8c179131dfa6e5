"""What a worker does for each kind of job in the outbox."""

import random
from collections.abc import Callable
from dataclasses import replace

import structlog
from sqlalchemy import and_

from app import alerts
from app.accounts import invitations, moving, notices
from app.catalogue import making_changes
from app.checkout import (
    aftermath,
    asking,
    breaker,
    capture,
    fees,
    follow,
    give_back,
    lapse,
    latecomers,
    lookout,
    money_back,
    one_parcel,
    reconcile,
    send,
    settle,
    shared_postage,
    shortfall_answers,
    shortfall_letters,
    sync,
)
from app.drops import reminders
from app.fulfilment import shipping
from app.kernel import outbox
from app.kernel.db import reading, transaction
from app.kernel.errors import Refusal
from app.kernel.mail import MailTrouble
from app.kernel.outbox import Leased
from app.kernel.webhook import WebhookTrouble
from app.payments import outages
from app.payments.gateway import StripeAway, StripeBusy, StripeTrouble
from app.privacy import data_links, erasures
from app.reports import letters
from app.worker import alerting, preorders, shortfalls
from app.worker.bench import Bench
from app.worker.hands import Outcome

log = structlog.get_logger()


def _mail(bench: Bench, job: Leased) -> None:
    with reading(bench.house.db) as session:
        letter = letters.write(session, job.kind, job.payload, bench.house.settings.base_url, bench.house.tokens)
    if letter is not None:
        bench.mailer.send(letter, bench.house.clock.now())


def _sync(bench: Bench, job: Leased) -> None:
    house, about = bench.house, job.payload
    unless = about.get("unless_captured", False)
    sync.sync(house.db, house.gateway, house.clock, about["attempt"], about.get("session"), unless_captured=unless)


def _share_postage(bench: Bench, job: Leased) -> None:
    with transaction(bench.house.db) as session:
        shared_postage.give_back(session, job.payload["order"], bench.house.clock.now())


JOBS: dict[str, Callable[[Bench, Leased], object]] = {
    send.SEND: lambda b, j: send.send(b.house.db, b.house.gateway, b.house.clock, j.payload["attempt"]),
    sync.SYNC: _sync,
    settle.CAPTURE: lambda b, j: capture.capture(b.house.db, b.house.gateway, b.house.clock, j.payload["payment"]),
    settle.VOID: lambda b, j: capture.void(b.house.db, b.house.gateway, b.house.clock, j.payload["payment"]),
    lapse.LAPSE: lambda b, j: lapse.lapse(b.house.db, b.house.gateway, b.house.clock, j.payload["hold"]),
    breaker.PROBE: lambda b, _: breaker.probe(b.house.gateway),
    money_back.REFUND: lambda b, j: give_back.give_back(b.house.db, b.house.gateway, b.house.clock, j.payload["refund"]),
    sync.FOLLOW_UP: lambda b, j: aftermath.follow_up(
        b.house.db, b.house.gateway, b.house.clock, j.payload["attempt"], j.payload["cause"]
    ),
    reconcile.RECONCILE: lambda b, _: reconcile.nightly(b.house.db, b.house.gateway, b.house.clock, b.house.shop),
    shortfall_answers.GIVE_BACK: lambda b, j: shortfalls.give_back(b.house, j.payload["shortfall"]),
    shortfall_letters.SHORT: _mail,
    fees.FEES: lambda b, _: fees.ask(b.house.db, b.house.gateway, b.house.clock),
    lookout.LOOK: lambda b, _: lookout.look(b.house.db, b.house.gateway, b.house.clock),
    making_changes.TELL: preorders.tell,
    latecomers.TELL_LATE: preorders.tell_late,
    asking.ASK: preorders.ask,
    one_parcel.POSTAGE: _share_postage,
    follow.CONFIRM: _mail,
    follow.NOT_CHARGED: _mail,
    money_back.REFUNDED: _mail,
    money_back.CANCELLED: _mail,
    shipping.SHIPPED: _mail,
    making_changes.TOLD: _mail,
    asking.STILL_THERE: _mail,
    letters.LINK: _mail,
    reminders.CONFIRM_ADDRESS: _mail,
    reminders.REMIND: _mail,
    notices.NOTICE: _mail,
    invitations.MAIL: _mail,
    moving.MAIL: _mail,
    moving.TOLD: _mail,
    data_links.MAIL: _mail,
    erasures.ASKED: _mail,
    erasures.PARTLY: _mail,
    erasures.ERASED: _mail,
    alerts.MAIL: alerting.mail,
    alerts.WEBHOOK: alerting.webhook,
}


# Not even taken while Stripe is away. Lapsing is: a hold that never went to Stripe ends without it.
NEEDS_STRIPE = (
    send.SEND,
    sync.SYNC,
    settle.CAPTURE,
    settle.VOID,
    money_back.REFUND,
    sync.FOLLOW_UP,
    lookout.LOOK,
    reconcile.RECONCILE,
    fees.FEES,
)


# Whoever is at the other end of these, a fan's money or copies wait for them, or fans for a word: they are never given up.
_FANS = {shortfall_answers.GIVE_BACK, one_parcel.POSTAGE, making_changes.TELL, latecomers.TELL_LATE, asking.ASK}
PATIENT = frozenset({*NEEDS_STRIPE, lapse.LAPSE, *_FANS})


# The jobs that make no sense right now, as a condition on their rows.
LEFT = and_(outbox.of_kinds(NEEDS_STRIPE), outages.running())


def do(bench: Bench, job: Leased) -> Outcome:
    """Do one job; how it went."""
    return replace(_try(bench, job), patient=job.kind in PATIENT)


def _try(bench: Bench, job: Leased) -> Outcome:
    try:
        JOBS[job.kind](bench, job)
    except StripeBusy as trouble:
        return Outcome(str(trouble), retry_in=_patience(trouble))
    except StripeTrouble as trouble:
        return Outcome(str(trouble))
    except (MailTrouble, WebhookTrouble) as trouble:
        return Outcome(str(trouble), final=trouble.final)
    except Refusal as refusal:
        return Outcome(f"{refusal.code}: {refusal.detail}")
    except Exception as fault:
        log.exception("job", kind=job.kind, job=job.id)
        return Outcome(f"{type(fault).__name__}: {fault}")
    return Outcome()


def _patience(trouble: StripeBusy) -> float:
    """Seconds until it makes sense to ask again, spread so that not all come at once."""
    if trouble.seconds is not None:
        return trouble.seconds
    return random.uniform(10, 20) if isinstance(trouble, StripeAway) else random.uniform(1, 4)  # noqa: S311 - no secret
