"""The circuit breaker around Stripe: after five failures in ten seconds nobody asks any more, but one who tries if it is back."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from app.kernel import outbox
from app.kernel.clock import Clock
from app.kernel.db import Database, glance, transaction
from app.payments import outages
from app.payments.gateway import Gateway, StripeAway, StripeTrouble

log = structlog.get_logger()

PROBE = "stripe.probe"
STRIPES = 5  # jobs of this priority or more urgent ask Stripe; the others are mail


@dataclass(frozen=True)
class Breaker:
    """Stands before every request to Stripe. What it knows is in the database, so all processes spare Stripe and learn of its
    return together; it is asked outside transactions, as Stripe is.
    """

    db: Database
    clock: Clock

    def enter(self) -> int | None:
        """StripeAway while Stripe is away; the outage when this request is the one that tries, None when all is well."""
        with glance(self.db) as session:
            outage = outages.current(session)
        if outage is None:
            return None
        with transaction(self.db) as session:
            if not outages.claim_probe(session, outage.id, self.clock.now()):
                raise StripeAway("Stripe is not asked, because it did not answer lately")
        return outage.id

    def failed(self, why: str) -> None:
        """A request was not answered, or with a fault of Stripe's."""
        with transaction(self.db) as session:
            if outages.count_failure(session, why, self.clock.now()):
                log.error("stripe is away", reason=why)

    def recovered(self, outage_id: int) -> None:
        """A request that tried was answered: the outage is over, and what was put off is done now."""
        with transaction(self.db) as session:
            if outages.end(session, outage_id, self.clock.now()):
                hurried = outbox.hurry(session, self.clock.now(), up_to=STRIPES)
                log.warning("stripe is back", hurried=hurried)


def probe_while_away(session: Session, now: datetime) -> bool:
    """Have somebody try whether Stripe is back, while it is away: recovery waits for no fan."""
    return outages.current(session) is not None and outbox.enqueue(session, PROBE, "", {}, now=now, priority=0, if_idle=True)


def probe(gateway: Gateway) -> None:
    """Ask Stripe for next to nothing; the breaker sees how it goes."""
    try:
        gateway.ping()
    except StripeTrouble:
        log.info("stripe is still away")
