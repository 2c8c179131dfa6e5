"""What a worker does for each kind of job in the outbox."""

from collections.abc import Callable

import structlog

from app.checkout import capture, lapse, send, settle, sync
from app.drops import reminders
from app.fulfilment import shipping
from app.kernel.db import reading
from app.kernel.errors import Refusal
from app.kernel.mail import MailTrouble
from app.kernel.outbox import Leased
from app.payments.gateway import StripeBusy, StripeTrouble
from app.reports import letters
from app.worker.bench import Bench
from app.worker.hands import Outcome

log = structlog.get_logger()


def _mail(bench: Bench, job: Leased) -> None:
    with reading(bench.house.db) as session:
        letter = letters.write(session, job.kind, job.payload, bench.house.settings.base_url, bench.house.tokens)
    if letter is not None:
        bench.mailer.send(letter, bench.house.clock.now())


JOBS: dict[str, Callable[[Bench, Leased], object]] = {
    send.SEND: lambda b, j: send.send(b.house.db, b.house.gateway, b.house.clock, j.payload["attempt"]),
    sync.SYNC: lambda b, j: sync.sync(b.house.db, b.house.gateway, b.house.clock, j.payload["attempt"], j.payload.get("session")),
    settle.CAPTURE: lambda b, j: capture.capture(b.house.db, b.house.gateway, b.house.clock, j.payload["payment"]),
    settle.VOID: lambda b, j: capture.void(b.house.db, b.house.gateway, b.house.clock, j.payload["payment"]),
    lapse.LAPSE: lambda b, j: lapse.lapse(b.house.db, b.house.gateway, b.house.clock, j.payload["hold"]),
    settle.CONFIRM: _mail,
    settle.NOT_CHARGED: _mail,
    shipping.SHIPPED: _mail,
    letters.LINK: _mail,
    reminders.CONFIRM_ADDRESS: _mail,
    reminders.REMIND: _mail,
}


def do(bench: Bench, job: Leased) -> Outcome:
    """Do one job; how it went."""
    try:
        JOBS[job.kind](bench, job)
    except StripeBusy as trouble:
        return Outcome(str(trouble), retry_in=2.0)
    except StripeTrouble as trouble:
        return Outcome(str(trouble))
    except MailTrouble as trouble:
        return Outcome(str(trouble), final=trouble.final)
    except Refusal as refusal:
        return Outcome(f"{refusal.code}: {refusal.detail}")
    except Exception as fault:
        log.exception("job", kind=job.kind, job=job.id)
        return Outcome(f"{type(fault).__name__}: {fault}")
    return Outcome()
