"""What stands around a hold, read with one statement: its drop, its label, and what it waits for."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.orm import Session

from app.catalogue.models import Label
from app.checkout.quote import Terms
from app.drops.models import Drop
from app.inventory import freezing
from app.inventory.models import Hold, HoldFreeze
from app.kernel.ready import Ready, named
from app.kernel.schema import is_one_of, table
from app.orders.models import HoldCode
from app.orders.vat_models import VatSettings
from app.payments import attempts
from app.payments.models import CheckoutAttempt, Payment, StripeOutage
from app.payments.states import PENDING
from app.reports.sleeves import TEXTS, Imprint, imprint


@dataclass(frozen=True)
class HoldFacts:
    """A hold's surroundings: `let_go` is why a payment for it was, or is just being, let go; `given` what waiting has added."""

    terms: Terms
    drop: str
    drop_title: str
    hold_minutes: int
    label: Imprint
    write_to: str
    attempt: CheckoutAttempt | None
    let_go: str | None
    given: timedelta
    away: bool
    code_id: int | None
    sentence: str


def hold_facts(session: Session, hold: Hold) -> HoldFacts:
    """The surroundings of this hold."""
    [row] = _FACTS.rows(session, drop=hold.drop_id, hold=hold.id)
    count = len(_OF_LABEL)
    label: Any = named(_OF_LABEL, row)
    slug, title, minutes, way, exclusive, sentence, labels, pending, let_go, given, away, code_id = row[count:]
    return HoldFacts(
        terms=Terms(label.id, label.currency, label.country, label.packaging_weight, label.time_zone, way, exclusive),
        drop=slug,
        drop_title=title,
        hold_minutes=minutes,
        label=imprint(label, alone=labels == 1),
        write_to=label.email,
        attempt=attempts.pending(session, hold.id) if pending else None,
        let_go=let_go,
        given=(given or 0) * freezing.STEP,
        away=bool(away),
        code_id=code_id,
        sentence=sentence or "",
    )


_DROPS, _LABELS, _ATTEMPTS, _PAYMENTS = table(Drop), table(Label), table(CheckoutAttempt), table(Payment)
_FREEZES, _OUTAGES, _CODES, _VAT = table(HoldFreeze), table(StripeOutage), table(HoldCode), table(VatSettings)
_OF_LABEL = (
    *("id", "slug", "name", "tagline", "story", "email", "currency", "time_zone", "country", "packaging_weight"),
    *("ink_loud", "ink_quiet", *TEXTS),
)
_MINE = _ATTEMPTS.c.hold_id == bindparam("hold")
_LET_GO = (
    select(_PAYMENTS.c.void_reason)
    .join_from(_PAYMENTS, _ATTEMPTS, _ATTEMPTS.c.id == _PAYMENTS.c.attempt_id)
    .where(_MINE, _PAYMENTS.c.void_reason.is_not(None))
    .order_by(_PAYMENTS.c.id.desc())
    .limit(1)
)
_FACTS = Ready(
    select(*(_LABELS.c[name] for name in _OF_LABEL))
    .add_columns(_DROPS.c.slug, _DROPS.c.title, _DROPS.c.hold_minutes, _VAT.c.way, _VAT.c.exclusive, _VAT.c.sentence)
    .add_columns(
        select(func.count()).select_from(_LABELS.alias()).scalar_subquery(),
        select(_ATTEMPTS.c.id).where(_MINE, is_one_of(_ATTEMPTS.c.state, *PENDING)).scalar_subquery(),
        _LET_GO.scalar_subquery(),
        select(_FREEZES.c.minutes).where(_FREEZES.c.hold_id == bindparam("hold")).scalar_subquery(),
        exists().where(_OUTAGES.c.ended_at.is_(None)),
        select(_CODES.c.code_id).where(_CODES.c.hold_id == bindparam("hold")).scalar_subquery(),
    )
    .join_from(_DROPS, _LABELS)
    .join(_VAT, _VAT.c.label_id == _LABELS.c.id, isouter=True)
    .where(_DROPS.c.id == bindparam("drop"))
)
