"""Plain functions that put believable rows into a database; each takes a session and returns the row."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.catalogue.models import Artist, Format, Label, Release, Run
from app.checkout import aftermath, coded, pay, refund, send
from app.checkout.details import Details, say_where_to
from app.checkout.follow import follow
from app.checkout.parts import Plan
from app.checkout.quote import quote
from app.checkout.refund import By
from app.checkout.requests import Returns
from app.checkout.settle import settle
from app.checkout.take import Taken, take
from app.drops.models import Drop, DropRun
from app.drops.sale import Sale
from app.fulfilment.models import PostageRate, PostageZone, Sender
from app.inventory import holds, stocktake
from app.inventory.models import Hold
from app.kernel.db import Database, reading, transaction
from app.orders import codes
from app.orders.models import CodeKind, DiscountCode, DiscountRun, Order
from app.orders.vat_models import VatSettings, VatWay
from app.payments.facts import Address, DisputeFacts, RefundFacts, SessionFacts, SessionStatus
from app.payments.models import CheckoutAttempt, Dispute, Payment, Refund, RefundOrigin
from app.payments.states import DisputeState, RefundState
from tests.cast import ADA, NOW, SAM, SHOP, Person

BERLIN = Address("Ada Lovelace", "Prüfweg 1", "", "10115", "Berlin", "", "DE")


def _next(session: Session, table: type[Label | Artist | Release | Run | Drop]) -> int:
    return (session.scalar(select(func.count()).select_from(table)) or 0) + 1


def make_label(session: Session, *, currency: str = "EUR", country: str = "DE", packaging_weight: int = 60) -> Label:
    """A label with postage to its own country and to the rest of the world."""
    label = Label(
        slug=f"tinsel-{_next(session, Label)}",
        name="Tinsel Tapes",
        email="desk@tinsel.example",
        currency=currency,
        time_zone="Europe/Berlin",
        country=country,
        packaging_weight=packaging_weight,
        created_at=NOW,
    )
    session.add(label)
    session.flush()
    home = make_zone(session, label, name="Home", countries=country)
    make_rate(session, home, name="Letter", amount=195, max_weight=500)
    make_rate(session, home, name="Parcel, tracked", amount=619, max_weight=5000, tracked=True)
    make_rate(session, make_zone(session, label, name="World", countries="*"), name="World", amount=1499, max_weight=2000)
    return label


def make_zone(session: Session, label: Label, *, name: str, countries: str) -> PostageZone:
    """A postage zone without rates."""
    zone = PostageZone(label_id=label.id, name=name, countries=countries)
    session.add(zone)
    session.flush()
    return zone


def make_rate(
    session: Session, zone: PostageZone, *, name: str, amount: int, max_weight: int, tracked: bool = False
) -> PostageRate:
    """A way to post within a zone."""
    rate = PostageRate(zone_id=zone.id, name=name, amount=amount, max_weight=max_weight, tracked=tracked, days="2–4 days")
    session.add(rate)
    session.flush()
    return rate


def make_artist(session: Session, label: Label, *, name: str = "Mira Vale") -> Artist:
    """An artist of a label."""
    artist = Artist(label_id=label.id, slug=f"artist-{_next(session, Artist)}", name=name)
    session.add(artist)
    session.flush()
    return artist


def make_release(session: Session, label: Label, *, title: str = "Night Bus") -> Release:
    """A published release with an artist of its own."""
    n = _next(session, Release)
    release = Release(
        label_id=label.id,
        artist_id=make_artist(session, label).id,
        slug=f"release-{n}",
        catalogue_number=f"TAPE-{n:03d}",
        title=title,
        published=True,
        created_at=NOW,
    )
    session.add(release)
    session.flush()
    return release


def make_run(
    session: Session,
    release: Release,
    *,
    size: int = 10,
    price: int = 2400,
    weight: int = 80,
    limit: int | None = None,
    first_number: int = 1,
    pressed: bool = True,
) -> Run:
    """A run of cassettes, pressed unless told otherwise."""
    run = Run(
        release_id=release.id,
        slug=f"run-{_next(session, Run)}",
        title=f"{size} numbered, clear shell",
        format=Format.CASSETTE,
        edition_size=size,
        first_number=first_number,
        price=price,
        weight=weight,
        limit_per_fan=limit,
        pressed_at=NOW - timedelta(days=2) if pressed else None,
        created_at=NOW - timedelta(days=3),
    )
    session.add(run)
    session.flush()
    if pressed:
        stocktake.press(session, run.id, first_number, size, NOW - timedelta(days=2), SAM)
    return run


def make_drop(
    session: Session,
    runs: Sequence[Run],
    *,
    opens_at: datetime = NOW - timedelta(minutes=5),
    closes_at: datetime | None = None,
    limit: int | None = None,
    hold_minutes: int = 10,
    published: bool = True,
) -> Drop:
    """A published drop of some runs, open since five minutes unless told otherwise."""
    n = _next(session, Drop)
    drop = Drop(
        label_id=runs[0].release.label_id,
        slug=f"drop-{n}",
        title=f"Drop {n}",
        opens_at=opens_at,
        closes_at=closes_at,
        hold_minutes=hold_minutes,
        limit_per_fan=limit,
        published_at=NOW - timedelta(days=1) if published else None,
        created_at=NOW - timedelta(days=2),
        entries=[DropRun(run_id=run.id, position=at) for at, run in enumerate(runs, 1)],
    )
    session.add(drop)
    session.flush()
    return drop


def open_drop(
    db: Database,
    *,
    size: int = 10,
    price: int = 2400,
    limit: int | None = None,
    run_limit: int | None = None,
    currency: str = "EUR",
    hold_minutes: int = 10,
) -> tuple[int, int]:
    """A label with one pressed run in one open drop, committed: the ids of drop and run."""
    with transaction(db) as session:
        run = make_run(
            session, make_release(session, make_label(session, currency=currency)), size=size, price=price, limit=run_limit
        )
        drop = make_drop(session, [run], limit=limit, hold_minutes=hold_minutes)
        return drop.id, run.id


def make_code(
    db: Database,
    label_id: int = 1,
    code: str = "SPRING",
    kind: CodeKind = CodeKind.AMOUNT,
    value: int = 500,
    *,
    runs: Sequence[int] | None = None,
    once_per_fan: bool = False,
    most_uses: int | None = None,
    **when: datetime,
) -> int:
    """A discount code, committed: its id."""
    with transaction(db) as session:
        made = DiscountCode(
            label_id=label_id, code=code, kind=kind, value=value, every_run=runs is None, once_per_fan=once_per_fan,
            most_uses=most_uses, created_at=NOW, **when,
        )  # fmt: skip
        session.add(made)
        session.flush()
        session.add_all([DiscountRun(code_id=made.id, run_id=run_id) for run_id in runs or ()])
        return made.id


def take_some(db: Database, drop_id: int, wants: dict[int, int], person: Person = ADA, now: datetime = NOW) -> Taken:
    """Take copies in a transaction of its own."""
    with transaction(db) as session:
        return take(session, Sale.of(session.get_one(Drop, drop_id)), wants, person.fan, now)


def take_with_details(
    db: Database,
    drop_id: int,
    wants: dict[int, int],
    person: Person = ADA,
    now: datetime = NOW,
    country: str = "DE",
    code: str = "",
) -> Hold:
    """Take copies and say where to: a hold that is ready to be paid."""
    hold = take_some(db, drop_id, wants, person, now).hold
    with transaction(db) as session:
        return say_where_to(session, hold.id, Details(person.email, country, None, "", code), now)


def facts_of(
    attempt: CheckoutAttempt,
    status: SessionStatus = SessionStatus.COMPLETE,
    intent_status: str = "requires_capture",
    *,
    amount: int | None = None,
    currency: str | None = None,
) -> SessionFacts:
    """What Stripe would say about an attempt's session, without asking."""
    complete = status is SessionStatus.COMPLETE
    return SessionFacts(
        session_id=attempt.session_id or f"cs_test_{attempt.id}",
        status=status,
        url=f"https://pay.example/{attempt.id}" if status is SessionStatus.OPEN else None,
        amount=attempt.amount if amount is None else amount,
        currency=currency or attempt.currency,
        expires_at=attempt.session_expires_at or attempt.created_at + timedelta(minutes=35),
        attempt_key=attempt.idempotency_key,
        email=ADA.email,
        address=BERLIN if complete else Address(),
        intent_id=f"pi_{attempt.id}" if complete else None,
        intent_status=intent_status if complete else "",
        charge_id=f"ch_{attempt.id}" if complete else None,
        livemode=False,
    )


RETURNS = Returns("https://shop.example/holds/x/paid", "https://shop.example/holds/x", SHOP)


def total_of(db: Database, hold_id: int, now: datetime = NOW) -> int:
    """What a hold costs now, in minor units."""
    with reading(db) as session:
        hold, code = session.get_one(Hold, hold_id), codes.of_hold(session, hold_id)
        runs = [each.run_id for each in holds.contents(session, hold_id)]
        rule = coded.of(session, hold, code, runs, now).rule if code else None
        return quote(session, hold, rule).quote.total.amount


def open_attempt(db: Database, hold_id: int, now: datetime = NOW) -> CheckoutAttempt:
    """An attempt with an open session, as if Stripe had been asked."""
    shown = total_of(db, hold_id, now)
    with transaction(db) as session:
        _, hold, attempt = pay._prepare(session, hold_id, shown, RETURNS, Address(), now)
        assert attempt is not None
        send.seal(attempt, hold, now)
        send.enqueue(session, attempt, now, after=pay.FIRST_TRY)
    with transaction(db) as session:
        send._note_session(session, attempt.id, facts_of(attempt, SessionStatus.OPEN), now)
        return session.get_one(CheckoutAttempt, attempt.id)


def settle_as(db: Database, attempt: CheckoutAttempt, facts: SessionFacts | None = None, now: datetime = NOW) -> Payment | None:
    """Settle with what Stripe would say (authorised unless told otherwise); the payment it brought."""
    with transaction(db) as session:
        settle(session, attempt.id, facts or facts_of(attempt), now)
        return session.scalar(select(Payment).where(Payment.attempt_id == attempt.id))


def end_payment(db: Database, payment_id: int, intent_status: str = "succeeded", now: datetime = NOW) -> None:
    """Say that Stripe captured the money, or let it go."""
    with transaction(db) as session:
        follow(session, session.get_one(Payment, payment_id), intent_status, now)


def give_back(db: Database, order_id: int, plan: Plan, state: RefundState = RefundState.SUCCEEDED, now: datetime = NOW) -> Refund:
    """A refund asked for at the desk, and what Stripe said of it, without asking."""
    with transaction(db) as session:
        shown = refund.outlook(session, refund.look(session, session.get_one(Order, order_id)), plan).amount.amount
    with transaction(db) as session:
        asked = refund.ask(session, order_id, plan, shown, By(RefundOrigin.DESK, SAM, "as agreed"), now)
        said = RefundFacts(f"re_{asked.id}", None, asked.amount, asked.currency, state, asked.idempotency_key, "", now)
        aftermath.apply(session, asked.payment_id, [said], [], now, "")
        return asked


def refunded_elsewhere(
    db: Database, order_id: int, amount: int, state: RefundState = RefundState.SUCCEEDED, now: datetime = NOW
) -> Refund:
    """A refund that somebody made in Stripe's dashboard, as Stripe would tell of it."""
    with transaction(db) as session:
        payment = session.scalars(select(Payment).where(Payment.order_id == order_id)).one()
        said = RefundFacts(f"re_elsewhere_{amount}", payment.intent_id, amount, payment.currency, state, "", "", now)
        aftermath.apply(session, payment.id, [said], [], now, "evt_elsewhere")
        return session.scalars(select(Refund).where(Refund.stripe_id == said.refund_id)).one()


def disputed(db: Database, order_id: int, state: DisputeState = DisputeState.NEEDS_RESPONSE, now: datetime = NOW) -> Dispute:
    """The dispute of an order's money, as Stripe would tell of it; the same one each time."""
    with transaction(db) as session:
        payment = session.scalars(select(Payment).where(Payment.order_id == order_id)).one()
        due = now + timedelta(days=9)
        id_ = f"du_{payment.id}"
        said = DisputeFacts(id_, payment.intent_id, payment.amount, payment.currency, state, "fraudulent", due, now)
        aftermath.apply(session, payment.id, [], [said], now, "evt_dispute")
        return session.scalars(select(Dispute).where(Dispute.stripe_id == id_)).one()


def paid_order(
    db: Database, drop_id: int, wants: dict[int, int], person: Person = ADA, now: datetime = NOW, code: str = ""
) -> Order:
    """An order whose money was captured, without asking Stripe."""
    payment = settle_as(db, open_attempt(db, take_with_details(db, drop_id, wants, person, now, code=code).id, now), now=now)
    assert payment is not None
    end_payment(db, payment.id, now=now)
    with reading(db) as session:
        return session.get_one(Order, payment.order_id)


def keep_vat(
    db: Database, way: VatWay = VatWay.HOME, label_id: int = 1, *, exclusive: bool = False, invoices: bool = False
) -> None:
    """The label keeps VAT so, and has an address and a VAT number."""
    with transaction(db) as session:
        kept = VatSettings(label_id=label_id, way=way, exclusive=exclusive, invoices=invoices, tax_number="12/345/67890")
        kept.invoice_prefix, kept.credit_prefix = "INV-", "CN-"
        kept.sentence = "No VAT is charged, by § 19 UStG." if way is VatWay.NONE else ""
        session.add(kept)
        address = {"name": "Tinsel Tapes", "line1": "Kanalweg 9", "postal_code": "10999", "city": "Berlin"}
        session.add(Sender(label_id=label_id, vat_number="DE123456789", **address))
