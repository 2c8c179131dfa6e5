"""Fills an empty shop with the demo label: a shop to look at and a desk with work on it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import passwords, people
from app.accounts.roles import Role
from app.catalogue.models import Label
from app.checkout import shared_postage
from app.checkout.house import House
from app.drops.models import Drop, DropRun
from app.fulfilment.models import PostageRate, PostageZone, SecondThing, Sender
from app.inventory import claims, counts
from app.inventory.models import Copy
from app.kernel.db import reading, transaction
from app.orders.vat_models import VatSettings, VatWay
from app.seed import crowd, preorder, story
from app.seed.printing import put_on_shelf

ZONE = "Europe/Berlin"
EU = "AT BE BG CY CZ DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
RATES = (
    (
        "Germany",
        "DE",
        (("Deutsche Post, goods letter", 265, 1000, False, "2–3 days"), ("DHL parcel", 549, 5000, True, "1–2 days")),
    ),
    (
        "European Union",
        EU,
        (("Post, small packet", 480, 500, False, "4–8 days"), ("DHL parcel", 1490, 5000, True, "3–5 days")),
    ),
    (
        "Elsewhere",
        "*",
        (("Post, small packet", 690, 500, False, "1–3 weeks"), ("DHL parcel", 2190, 5000, True, "1–2 weeks")),
    ),
)


@dataclass(frozen=True)
class Made:
    """The login of the demo label's owner, known only now."""

    email: str
    password: str


@dataclass(frozen=True)
class DropPlan:
    """A drop of the demo, with its runs by their slugs."""

    slug: str
    title: str
    words: str
    runs: tuple[str, ...]
    opens: datetime
    closes: datetime | None = None
    limit: int = 2
    hold_minutes: int = 10


@dataclass(frozen=True)
class Plan:
    """The drops by their rows' ids, and when they open."""

    label_id: int
    staff_id: int
    sold_out: int
    open_now: int
    preorder: int
    runs: dict[str, int]
    gone_at: datetime
    opened_at: datetime


def demo(house: House) -> Made | None:
    """Make the demo label; None when there is a label already. Orders need the local Stripe to be up."""
    with reading(house.db) as session:
        if session.scalar(select(Label.id).limit(1)) is not None:
            return None
    now, password = house.clock.now(), passwords.suggested()
    with transaction(house.db) as session:
        plan = _label(session, house, password, now)
    _sell(house, plan, now)
    return Made("sam@halbschatten.example", password)


def _label(session: Session, house: House, password: str, now: datetime) -> Plan:
    label = Label(
        slug="halbschatten", name="Halbschatten", tagline="Tapes, records and other small things from a cellar in Leipzig",
        story=story.STORY, email="hallo@halbschatten.example", currency="EUR", time_zone=ZONE, country="DE", imprint=story.IMPRINT,
        terms=story.TERMS, privacy=story.PRIVACY, withdrawal=story.WITHDRAWAL, created_at=now,
    )  # fmt: skip
    session.add(label)
    session.flush()
    sam = people.add(session, "sam@halbschatten.example", "Sam Okafor", password, now)
    people.set_role(session, sam.id, label.id, Role.OWNER)
    _postage(session, label.id)
    runs = put_on_shelf(session, label.id, house.settings.media_dir, now)
    _customs(session, label.id, runs["field-manual-stick"])
    gone, opened = _evening(now - timedelta(days=9)), now - timedelta(hours=20)
    ids = {plan.slug: _drop(session, label.id, plan, runs, now) for plan in _drops(gone, opened, now)}
    preorder.begin(session, runs[preorder.RUN], f"staff:{sam.id}", now)
    return Plan(label.id, sam.id, ids["kettle-songs"], ids["low-water"], ids["northern-sidings"], runs, gone, opened)


def _customs(session: Session, label_id: int, stick: int) -> None:
    """Who posts the parcels; and the map that is folded around the stick is a thing of its own to customs."""
    session.add(
        Sender(
            label_id=label_id,
            line1="Kellergasse 4",
            postal_code="04229",
            city="Leipzig",
            phone="+49 341 555 0142",
            vat_number="DE123456789",
        )
    )
    words = {"tax_number": "232/123/45678", "invoice_prefix": "HS-", "credit_prefix": "HS-G-"}
    session.add(VatSettings(label_id=label_id, way=VatWay.DESTINATION, invoices=True, **words))
    session.add(SecondThing(run_id=stick, what="Printed folded map", hs_code="490590", price=600, weight=25))


def _drops(gone: datetime, opened: datetime, now: datetime) -> tuple[DropPlan, ...]:
    """One sold out, one open, a pre-order that is over, one that opens in two minutes, one next week."""
    return (
        DropPlan(
            "kettle-songs", "Kettle Songs", "One evening, fifty tapes, two each at most.", ("kettle-songs-tape",), opens=gone
        ),
        DropPlan(
            "low-water", "Low Water Register", "The tape and its tide table, together or apart. We pack on Tuesdays and Fridays.",
            ("low-water-register-tape", "low-water-register-zine"), opens=opened, closes=now + timedelta(days=12), limit=3,
        ),
        DropPlan(
            "northern-sidings", "Northern Sidings", "A first few of the 7″, ahead of the plant. The rest is sold when it is here.",
            ("northern-sidings-7",), opens=now - timedelta(hours=19), closes=now - timedelta(hours=2),
        ),
        DropPlan(
            "attic-weather", "Attic Weather", "Three hundred records in two colours that were meant to be one.", ("attic-weather-lp",),
            opens=now + timedelta(minutes=2), hold_minutes=8,
        ),
        DropPlan(
            "streetlights", "Field Manual for Streetlights", "The stick, and the last of the 7″ from the station café.",
            ("field-manual-stick", "northern-sidings-7"), opens=_evening(now + timedelta(days=7)), limit=3,
        ),
    )  # fmt: skip


def _evening(day: datetime) -> datetime:
    """Eight in the evening on the label's wall."""
    return day.astimezone(ZoneInfo(ZONE)).replace(hour=20, minute=0, second=0, microsecond=0).astimezone(day.tzinfo)


def _drop(session: Session, label_id: int, plan: DropPlan, runs: dict[str, int], now: datetime) -> int:
    before = min(plan.opens, now)
    drop = Drop(
        label_id=label_id, slug=plan.slug, title=plan.title, words=plan.words, opens_at=plan.opens, closes_at=plan.closes,
        hold_minutes=plan.hold_minutes, limit_per_fan=plan.limit, published_at=before, created_at=before,
        entries=[DropRun(run_id=runs[slug], position=place) for place, slug in enumerate(plan.runs, 1)],
    )  # fmt: skip
    session.add(drop)
    session.flush()
    return drop.id


def _postage(session: Session, label_id: int) -> None:
    for name, countries, rates in RATES:
        zone = PostageZone(label_id=label_id, name=name, countries=countries)
        zone.rates = [
            PostageRate(
                name=rate, carrier="DHL" if tracked else "Deutsche Post", amount=amount, max_weight=most, tracked=tracked, days=days
            )
            for rate, amount, most, tracked, days in rates
        ]
        session.add(zone)


def _sell(house: House, plan: Plan, now: datetime) -> None:
    """Let the crowd buy in the past; without the local Stripe the shop simply has no orders yet."""
    stripe, offset = crowd.LocalStripe.reachable(house), house.settings.clock_offset_file
    if stripe is None or offset is None:
        return
    with crowd.time_travel(offset, now) as clock:
        tapes = crowd.visits(50, [plan.runs["kettle-songs-tape"]], plan.gone_at + timedelta(seconds=2), timedelta(seconds=6))
        sold: list[int] = []
        for visit in tapes:
            clock.go(visit.at)
            sold.append(crowd.buy(house, stripe, plan.sold_out, visit))
        clock.go(plan.gone_at + timedelta(days=2))
        crowd.ship_all(house, sold, f"staff:{plan.staff_id}")
        both = [plan.runs["low-water-register-tape"], plan.runs["low-water-register-zine"]]
        came = crowd.visits(27, both, plan.opened_at + timedelta(seconds=9), timedelta(minutes=37), first=50)
        for visit in crowd.comes_again(came):
            clock.go(visit.at)
            bought = crowd.buy(house, stripe, plan.open_now, visit)
        for visit in crowd.visits(6, [plan.runs[preorder.RUN]], now - timedelta(hours=3), timedelta(minutes=4), first=80):
            clock.go(visit.at)
            crowd.buy(house, stripe, plan.preorder, visit)
        clock.go(now - timedelta(hours=1))
        preorder.slip(house, plan.runs[preorder.RUN], f"staff:{plan.staff_id}", house.clock.now())
        _damage(house, both[0])
        crowd.call_done(house, now - timedelta(hours=6))
        with transaction(house.db) as session:
            shared_postage.give_back(session, bought, house.clock.now())
    stripe.deliver()


def _damage(house: House, run_id: int) -> None:
    """One copy of the open run is not for sale, so that the strip shows a gap."""
    with transaction(house.db) as session:
        free = counts.stock(session, [run_id])[run_id].copies.rindex("a")
        copy_id = session.scalars(select(Copy.id).where(Copy.run_id == run_id).order_by(Copy.number).offset(free).limit(1)).one()
        claims.withdraw(session, copy_id, house.clock.now(), "machine", "damaged: the shell cracked in the duplicator")
