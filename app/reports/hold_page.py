"""What the page of a hold shows, whatever state it is in."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.checkout import coded
from app.checkout import quote as pricing
from app.checkout.coded import Coded
from app.fulfilment import postage
from app.fulfilment.postage import Offer, Zone
from app.inventory import holds
from app.inventory.models import Hold
from app.inventory.states import HoldState
from app.kernel.errors import CannotPostThere
from app.kernel.money import Money
from app.orders.levy import Levy
from app.orders.models import DiscountCode, Order
from app.orders.totals import Quote, from_json
from app.payments.models import CheckoutAttempt
from app.reports import countries, making_view, vat_shown
from app.reports.hold_border import Border, border
from app.reports.hold_facts import HoldFacts, hold_facts
from app.reports.hold_stage import PAYABLE, Stage, stage_of
from app.reports.hold_wait import Wait, wait_of
from app.reports.making_view import MakingView
from app.reports.sleeves import Imprint
from app.reports.vat_shown import VatShown
from app.reports.yours import Yours, once_held, yours


@dataclass(frozen=True)
class Costs:
    """The quote and the ways to post to choose from; `problem` says why there is none.

    `code` stands on the hold, `no_code` says why it takes nothing off.
    """

    quote: Quote | None
    offers: tuple[Offer, ...]
    problem: str | None
    currency: str
    code: str = ""
    no_code: str = ""
    sentence: str = ""

    @property
    def total(self) -> Money | None:
        """What is due."""
        return self.quote.total if self.quote else None

    @property
    def vat(self) -> VatShown | None:
        """What of it is VAT."""
        return vat_shown.of_quote(self.quote, self.sentence) if self.quote else None

    @property
    def free(self) -> bool:
        """Is nothing due? Then Stripe is not asked, and the address is ours to ask for."""
        return self.quote is not None and self.quote.total.amount == 0


@dataclass(frozen=True)
class HoldPage:
    """One hold for its fan. `costs` only while it can be paid, `pay_url` only while a session is open, `order_id` once spent.

    `border` is a customs border that its parcel would cross. `grace_given` says that going to pay made it longer, `wait` what the
    fan has to wait for. `makings` are the pre-orders in it that are not here yet, by the run's id.
    """

    hold_id: int
    generation: int
    stage: Stage
    label: Imprint
    write_to: str
    drop: str
    drop_title: str
    hold_minutes: int
    expires_at: datetime
    ended_at: datetime | None
    grace_given: bool
    wait: Wait
    yours: tuple[Yours, ...]
    email: str
    country: str
    rate_id: int | None
    note: str
    countries: tuple[tuple[str, str], ...]
    costs: Costs | None
    border: Border | None
    attempt_id: int | None
    pay_url: str | None
    let_go: str | None
    order_id: int | None
    makings: dict[int, MakingView]

    @property
    def many(self) -> bool:
        """More than one copy?"""
        return sum(len(each.numbers) for each in self.yours) > 1

    @property
    def sign(self) -> str:
        """What a page that waits shows, in short: while it stays the same there is nothing new."""
        wait = self.wait
        return f"{self.stage}.{int(wait.still)}.{wait.place or 0}.{int(wait.slow)}.{int(wait.away)}.{self.expires_at:%H%M%S}"

    def goes_on(self, sign: str) -> bool:
        """Is it time for another page than the one with this sign, not just for other words on it?"""
        return sign.split(".")[:2] != self.sign.split(".")[:2]

    def may_pay_now(self, sign: str) -> bool:
        """Is the payment page there that the page with this sign waited for?"""
        return self.pay_url is not None and sign.startswith(f"{Stage.PREPARING}.")


def hold_page(session: Session, hold: Hold, now: datetime) -> HoldPage:
    """The page of this hold as it stands now."""
    facts = hold_facts(session, hold)
    attempt, goods, put_back_by = facts.attempt, pricing.goods(session, hold.id), ""
    held = {each.run_id: each.numbers for each in goods}
    if hold.state is HoldState.PUT_BACK:
        held, put_back_by = once_held(session, hold.id)
    stage = stage_of(hold, attempt, now, put_back_by=put_back_by, let_go=facts.let_go)
    zones = postage.tariff(session, facts.terms.label_id) if stage in PAYABLE else ()
    asked_for = hold.expires_at - facts.given
    mine = yours(session, held)
    code = _code(session, hold, facts.code_id, held, now) if stage in PAYABLE else None
    levy = pricing.levy_of(session, hold, facts.terms, now)
    costs = _costs(hold, attempt, facts, goods, zones, code, levy) if stage in PAYABLE else None
    return HoldPage(
        hold_id=hold.id,
        generation=hold.generation,
        stage=stage,
        label=facts.label,
        write_to=facts.write_to,
        drop=facts.drop,
        drop_title=facts.drop_title,
        hold_minutes=facts.hold_minutes,
        expires_at=hold.expires_at,
        ended_at=hold.ended_at,
        grace_given=hold.grace_given and asked_for > hold.created_at + timedelta(minutes=facts.hold_minutes),
        wait=wait_of(session, facts, stage, now),
        yours=mine,
        email=hold.email,
        country=hold.country or facts.terms.country,
        rate_id=hold.rate_id,
        note=hold.note,
        countries=countries.named(postage.countries(zones, countries.EVERY)),
        costs=costs,
        border=_border(session, facts.terms, costs, goods, now),
        attempt_id=attempt.id if attempt else None,
        pay_url=attempt.url if attempt and stage is Stage.PAYING else None,
        let_go=facts.let_go,
        order_id=session.scalar(select(Order.id).where(Order.hold_id == hold.id)) if stage is Stage.SPENT else None,
        makings=_makings(session, mine) if stage in PAYABLE else {},
    )


def _makings(session: Session, mine: Sequence[Yours]) -> dict[int, MakingView]:
    """Asked for only where there is a pre-order."""
    found = making_view.of_runs(session, [each.run_id for each in mine if each.preorder])
    return {run_id: view for run_id, view in found.items() if view.waits}


def live_holds(session: Session, fan: str, now: datetime) -> tuple[tuple[Hold, HoldPage], ...]:
    """What one fan holds right now, the first to end first."""
    mine = select(Hold).where(Hold.fan == fan, holds.live()).order_by(Hold.expires_at, Hold.id)
    pages = [(hold, hold_page(session, hold, now)) for hold in session.scalars(mine)]
    return tuple((hold, page) for hold, page in pages if page.stage is not Stage.LAPSED)


def _border(
    session: Session, terms: pricing.Terms, costs: Costs | None, goods: Sequence[pricing.Goods], now: datetime
) -> Border | None:
    """The customs border on the way to where it would be posted."""
    if costs is None or costs.quote is None:
        return None
    return border(session, terms, costs.quote, goods, now.date())


def _code(session: Session, hold: Hold, code_id: int | None, runs: Collection[int], now: datetime) -> Coded | None:
    return coded.of(session, hold, session.get_one(DiscountCode, code_id), runs, now) if code_id is not None else None


def _costs(
    hold: Hold,
    attempt: CheckoutAttempt | None,
    facts: HoldFacts,
    goods: Sequence[pricing.Goods],
    zones: Sequence[Zone],
    code: Coded | None,
    levy: Levy,
) -> Costs:
    """What was agreed while an attempt is pending, else what it would cost now."""
    if attempt is not None:
        return Costs(from_json(attempt.quote), (), None, facts.terms.currency, sentence=facts.sentence)
    name, no = (code.code, code.no) if code else ("", "")
    try:
        choice = pricing.choose(hold, facts.terms, goods, zones, levy, code.rule if code else None)
    except CannotPostThere as refusal:
        return Costs(None, (), refusal.detail, facts.terms.currency, name, no)
    if code and not no and choice.quote.discount is None:
        no = f"The code {name} takes nothing off here."
    return Costs(choice.quote, choice.offers, None, facts.terms.currency, name, no, facts.sentence)
