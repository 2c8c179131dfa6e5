"""Sets a running shop up as a gallery: one of everything, so that each page can be looked at in each of its states."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import requests
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Staff
from app.catalogue.models import Artist, FileKind, Label, Release, ReleaseFile, Run, Track
from app.checkout import aside
from app.checkout.differences import TODO, Kind
from app.drops import changes, writing
from app.drops.models import Drop, Reminder
from app.fulfilment import shipping
from app.fulfilment.models import PostageRate, PostageZone
from app.inventory import counting
from app.inventory.desk_holds import Asked
from app.inventory.models import Copy, Hold
from app.inventory.states import CopyState, HoldState
from app.kernel.db import reading, transaction
from app.kernel.outbox import Job, JobState
from app.kernel.throttle import Throttle
from app.orders.models import CodeKind, DiscountCode, HoldCode, Order, OrderCode, OrderState
from app.payments.models import CheckoutAttempt, Payment, StripeDifference
from app.payments.states import AttemptState, PaymentState
from app.privacy import data_links, erasures
from app.privacy.models import DataLink
from app.privacy.persons import Person as Fan
from app.reports import links
from sandbox.client import wait_for
from tests.browser.running import RunningShop
from tests.browser.shelf import Sale, change, hold, put_up
from tests.browser.staging_desk import stage_desk
from tests.browser.staging_makers import stage_makers
from tests.browser.staging_money import sent_again, stage_money
from tests.browser.staging_preorder import ON_SALE, sell_preorder, stage_preorder
from tests.browser.staging_short import stage_short

OPENING = "low-water"  # the demo's open drop, with a tape and a zine
EARLIER = timedelta(days=-4)  # behind the demo's own on the shop front
TAPE = "low-water-register-tape"
PATIENCE = 60.0  # seconds until a fan is led to the payment page


@dataclass
class Buyer:
    """Somebody who buys without a browser, over plain HTTP."""

    shop: RunningShop

    def __post_init__(self) -> None:
        self.http = requests.Session()

    def take(self, drop: str, **wants: int) -> str:
        """Hold copies; the hold's path."""
        pairs = [("run", run.replace("_", "-")) for run in wants] + [("quantity", str(n)) for n in wants.values()]
        answer = self._post(f"/drops/{drop}/holds", pairs)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def press_pay(self, hold_path: str, email: str, country: str = "DE") -> str:
        """Fill in the form; the id of the session that waits at Stripe."""
        if country != "DE":  # the total that is shown then is of that country
            self._post(f"{hold_path}/details", {"email": email, "country": country, "note": ""})
        shown = re.search(r'name="shown" value="(\d+)"', self.http.get(self.shop.url + hold_path).text)
        assert shown, "the page shows no total"
        told = {"email": email, "country": country, "note": "", "shown": shown[1]}
        found: list[str] = []

        def pressed() -> bool:  # while others wait, the first press only joins their line
            answer = self._post(f"{hold_path}/checkout", told)
            assert answer.status_code == 303, answer.text
            found[:] = re.findall(r"cs_test_\w+", answer.headers["Location"])
            return bool(found)

        wait_for(pressed, PATIENCE)
        return found[0]

    def _post(self, path: str, data: Any) -> requests.Response:
        return self.http.post(self.shop.url + path, data=data, allow_redirects=False, timeout=30)


def stage(shop: RunningShop) -> dict[str, Any]:
    """Make the gallery; the names that the paths of `sights.py` are filled with. The worker ends, so that nothing moves."""
    names = _drops(shop)
    sell_preorder(shop)
    names |= _holds(shop, Sale(names["single_drop_id"], names["single_drop"], (names["single_run"],)))
    shop.stop_worker()
    with transaction(shop.db) as session:
        _hold_stages(session, shop, names)
        names |= _orders(session, shop) | _catalogue(session, shop)
        names |= _trouble(session)
        names |= stage_preorder(session, shop)
        names |= _drop_day(session, shop, names)
        names |= _codes(session, shop, names)
    names |= stage_desk(shop, names)
    return names | stage_short(shop, names, TAPE)


def _drops(shop: RunningShop) -> dict[str, Any]:
    soon = put_up(shop, "Lift Music", sizes=(40,), opens_in=timedelta(minutes=12))
    held = put_up(shop, "Three Floors", sizes=(3,), opens_in=EARLIER)
    hold(shop, held, 2)
    hold(shop, held, 1)
    paused = put_up(shop, "Stairwell", sizes=(60,), opens_in=EARLIER)
    hold(shop, paused, 2)
    change(shop, paused, paused_at=shop.now(), pause_reason="The duplicator ate a tape; we are counting again.")
    stopped = put_up(shop, "Fire Escape", sizes=(24,), opens_in=EARLIER)
    hold(shop, stopped, 2)
    change(
        shop,
        stopped,
        closed_at=shop.now(),
        close_reason="The plant sent us somebody else’s tapes. We start again when ours are here.",
    )
    reopened = put_up(shop, "Back Stairs", sizes=(30,), opens_in=EARLIER)
    change(shop, reopened, close_reason="The right tapes came this morning; each was counted twice.")
    closed = put_up(shop, "Cellar Door", sizes=(30,), opens_in=timedelta(days=-3), lasts=timedelta(days=2))
    single = put_up(shop, "One Landing", sizes=(12,), limit=1, opens_in=EARLIER)
    few = put_up(shop, "Half Landing", sizes=(2,), limit=3, opens_in=EARLIER)
    hold(shop, few, 1)
    draft = put_up(shop, "Roof Garden", sizes=(25,), opens_in=timedelta(days=3))
    change(shop, draft, published_at=None)
    of = {
        "soon": soon,
        "held": held,
        "paused": paused,
        "stopped": stopped,
        "reopened": reopened,
        "closed": closed,
        "single": single,
        "few": few,
        "draft": draft,
    }
    return {**{f"{name}_drop": sale.slug for name, sale in of.items()}, **{f"{name}_run": s.runs[0] for name, s in of.items()},
            **{f"{name}_drop_id": sale.drop_id for name, sale in of.items()}}  # fmt: skip


def _holds(shop: RunningShop, single: Sale) -> dict[str, Any]:
    ada, ben, cleo, dan, eve = (Buyer(shop) for _ in range(5))
    preordered = Buyer(shop).take(ON_SALE, northern_sidings_7=1)
    one = ada.take(OPENING, low_water_register_tape=1)
    two = ben.take(OPENING, low_water_register_tape=2, low_water_register_zine=1)
    paying = cleo.take(OPENING, low_water_register_tape=1)
    cleo.press_pay(paying, "cleo@example.org")
    back = dan.take(OPENING, low_water_register_tape=1)
    dan._post(f"{back}/put-back", {})
    preparing, closing = eve.take(OPENING, low_water_register_zine=1), Buyer(shop).take(OPENING, low_water_register_zine=1)
    eve.press_pay(preparing, "eve@example.org")
    Buyer(shop).press_pay(closing, "finn@example.org")
    lapsed = hold(shop, Sale(_drop_id(shop), OPENING, (TAPE,)), 1, now=shop.now() - timedelta(minutes=30))
    let_go = Buyer(shop).take(OPENING, low_water_register_tape=1)
    Buyer(shop).press_pay(let_go, "gus@example.org")
    coded = Buyer(shop).take(OPENING, low_water_register_tape=2)
    ada.take(single.slug, **{single.runs[0]: 1})
    cookies = {cookie.name: cookie.value for cookie in ada.http.cookies}
    for _ in range(2):
        requests.post(f"{shop.url}/orders/find", data={"email": "nobody@example.org"}, timeout=30)
    return {"hold_preorder": preordered,
            "hold": one, "hold_many": two, "hold_paying": paying, "hold_put_back": back, "hold_preparing": preparing,
            "hold_closing": closing, "hold_let_go": let_go, "hold_lapsed": lapsed, "hold_code": coded,
            "fan_cookies": cookies}  # fmt: skip


def _codes(session: Session, shop: RunningShop, names: dict[str, Any]) -> dict[str, Any]:
    """A code that an order used and that stands on a hold, one that begins later, and one that is over."""
    label, now = session.get_one(Drop, _drop_id(shop)).label_id, shop.now()
    about = {"label_id": label, "every_run": True, "once_per_fan": True, "created_at": now}
    used = DiscountCode(code="LANDING", kind=CodeKind.AMOUNT, value=500, most_uses=50, ends_at=now + timedelta(days=20), **about)
    later = DiscountCode(code="POSTFREE", kind=CodeKind.POSTAGE, value=0, begins_at=now + timedelta(days=2), **about)
    over = DiscountCode(code="FRIENDS15", kind=CodeKind.PERCENT, value=15, ended_at=now, **about)
    session.add_all([used, later, over])
    session.flush()
    session.add(HoldCode(hold_id=_hold_of(session, shop, names["hold_code"]).id, code_id=used.id))
    session.add(OrderCode(order_id=names["order_packed_id"], code_id=used.id, postage_off=195))
    return {"code_id": used.id}


def _drop_day(session: Session, shop: RunningShop, names: dict[str, Any]) -> dict[str, Any]:
    """A change that waits for a second person, a copy that is set aside, and a fan with a story."""
    asker = session.scalars(select(Staff.id).where(Staff.email.startswith("pia@"))).one()
    soon = writing.locked(session, names["soon_drop_id"])
    wanted = {"opens_at": soon.opens_at + timedelta(minutes=30), "limit_per_fan": 3}
    waits = changes.ask(session, soon, None, wanted, asker, "The courier with the tapes stands in a jam.", shop.now())
    run = session.scalars(select(Run.id).where(Run.slug == names["stopped_run"])).one()
    copy = session.scalars(select(Copy.id).where(Copy.run_id == run, Copy.number == 9)).one()
    asked = Asked("Hanne Möller", "she drew the sleeve", asker, f"staff:{asker}")
    aside.hold_copy(session, copy, asked, shop.now() + timedelta(days=3), shop.now())
    fan = session.get_one(Order, names["order_shipped_id"]).hold_id
    return {"change_id": waits.id, "copy_aside_id": copy, "fan_hold_id": fan, **_fans_data(session, shop, names)}


def _fans_data(session: Session, shop: RunningShop, names: dict[str, Any]) -> dict[str, str]:
    """A link to what is held about a fan, and somebody who will be erased."""
    theirs = session.get_one(Order, names["order_shipped_id"])
    link = DataLink(email=theirs.email.lower(), email_key=theirs.email_key, generation=1, sent_at=shop.now())
    session.add(link)
    session.flush()
    other = session.get_one(Order, names["order_packed_id"])
    leaves = erasures.ask(session, shop.tokens, Fan(other.label_id, other.email.lower(), other.email_key), shop.now())
    return {"data_link": data_links.token(shop.tokens, link), "erasure": erasures.token(shop.tokens, leaves)}


def _drop_id(shop: RunningShop) -> int:
    with reading(shop.db) as session:
        return session.scalars(select(Drop.id).where(Drop.slug == OPENING)).one()


def _hold_of(session: Session, shop: RunningShop, path: str) -> Hold:
    found = shop.tokens.peek(path.rsplit("/", 1)[-1])
    return session.get_one(Hold, found)


def _attempt(session: Session, held: Hold) -> CheckoutAttempt:
    return session.scalars(select(CheckoutAttempt).where(CheckoutAttempt.hold_id == held.id)).one()


def _hold_stages(session: Session, shop: RunningShop, names: dict[str, Any]) -> None:
    """What lasts a moment only: Stripe's page being made, Stripe being asked, a payment just let go."""
    now = shop.now()
    patient = update(Hold).where(Hold.state == HoldState.ACTIVE, Hold.expires_at > now)
    session.execute(patient.values(expires_at=now + timedelta(minutes=40)))  # however slowly the pages are gone through
    _hold_of(session, shop, names["hold_many"]).country = "US"  # its parcel would cross a customs border
    preparing = _attempt(session, _hold_of(session, shop, names["hold_preparing"]))
    preparing.state, preparing.url, preparing.session_id = AttemptState.WANTED, None, None
    closing = _hold_of(session, shop, names["hold_closing"])
    closing.created_at, closing.expires_at = now - timedelta(minutes=11), now - timedelta(minutes=1)
    paying = _hold_of(session, shop, names["hold_paying"])
    session.add(Throttle(key=f"paid:{paying.id}", until=now + timedelta(hours=1), hits=99))
    let_go = _attempt(session, _hold_of(session, shop, names["hold_let_go"]))
    let_go.state, let_go.ended_at = AttemptState.COMPLETE, now
    voided = Payment(attempt_id=let_go.id, intent_id="pi_gallery", state=PaymentState.VOIDED, amount=let_go.amount, currency="EUR")
    voided.void_reason, voided.authorised_at, voided.ended_at = "late", now, now
    session.add(voided)


def _orders(session: Session, shop: RunningShop) -> dict[str, Any]:
    now = shop.now()
    waiting = list(session.scalars(select(Order).join(Drop).where(Drop.slug == OPENING).order_by(Order.id)))
    paid, packed, unpaid, refused, cancelled = waiting[:5]
    many = next(order for order in waiting[5:] if sum(line.quantity for line in order.lines) > 1)
    shipping.pack(session, packed.id, now)
    shipping.pack(session, many.id, now)
    shipped = session.scalars(select(Order).join(Drop).where(Drop.slug == "kettle-songs").order_by(Order.id)).first()
    assert shipped is not None
    came_back, again = sent_again(session, "kettle-songs", now)
    for order, state in ((unpaid, PaymentState.AUTHORISED), (refused, PaymentState.CAPTURE_FAILED)):
        payment = session.scalars(select(Payment).where(Payment.order_id == order.id)).one()
        payment.state, payment.ended_at = state, None if state is PaymentState.AUTHORISED else now
    for order in (refused, cancelled):
        order.state, order.cancelled_at, order.cancel_reason = OrderState.CANCELLED, now, "asked for"
    shared, later = waiting[-2:]  # the demo's fan who came twice
    others = [order for order in waiting[5:-2] if order.id != many.id]
    money = stage_money(session, others, now)
    called_off = session.get_one(Order, money["order_called_off_id"])
    parted = session.get_one(Order, money["order_parted_id"])
    of = {
        "called_off": called_off,
        "parted": parted,
        "paid": paid,
        "packed": packed,
        "unpaid": unpaid,
        "refused": refused,
        "cancelled": cancelled,
        "shipped": shipped,
        "came_back": came_back,
        "again": again,
        "shared": shared,
        "later": later,
    }
    ids = {f"order_{name}_id": order.id for name, order in of.items()}
    return money | ids | {f"order_{name}": links.order_path(shop.tokens, order) for name, order in of.items()}


def _catalogue(session: Session, shop: RunningShop) -> dict[str, Any]:
    now = shop.now()
    label = session.scalars(select(Label)).one()
    packer = session.scalars(select(Staff.id).where(Staff.email.startswith("pia@"))).one()
    release = session.scalars(select(Release).where(Release.slug == "low-water-register")).one()
    run = session.scalars(select(Run).where(Run.slug == TAPE)).one()
    unfinished = Release(
        label_id=label.id, artist_id=release.artist_id, slug="unfinished", catalogue_number="HS-099", title="Unfinished",
        created_at=now,
    )  # fmt: skip
    alone = Artist(label_id=label.id, slug="nobody-yet", name="Nobody Yet")
    session.add_all([unfinished, alone])
    session.flush()
    raw = Run(
        release_id=unfinished.id, slug="raw", title="20 numbered", format=run.format, edition_size=20, price=900, weight=80,
        created_at=now,
    )  # fmt: skip
    session.add(raw)
    album, *_others = files = _files(release.id, now)
    session.add_all(files)
    wishes = [
        Reminder(drop_id=_id(session, slug), email=email, email_key=email, created_at=now)
        for slug, email in (
            ("streetlights", "ada@fans.example"),
            ("streetlights", "ben@fans.example"),
            (OPENING, "cleo@fans.example"),
        )
    ]
    wishes[1].confirmed_at = now
    session.add_all(wishes)
    session.flush()
    states = (CopyState.AVAILABLE, CopyState.ALLOCATED, CopyState.WITHDRAWN, CopyState.HELD)
    copies = {state: _copy(session, run.id, state) for state in states}
    counted = _counts(session, run.id, now)
    zone = session.scalars(select(PostageZone).order_by(PostageZone.id)).first()
    rate = session.scalars(select(PostageRate).order_by(PostageRate.id)).first()
    track = session.scalars(select(Track).where(Track.release_id == release.id, Track.preview_id.is_not(None))).first()
    assert zone
    assert rate
    assert track
    return {
        "label_id": label.id, "release_id": release.id, "unfinished_id": unfinished.id, "run_id": run.id, "raw_id": raw.id,
        "artist_id": release.artist_id, "lonely_id": alone.id, "zone_id": zone.id, "rate_id": rate.id, "track_id": track.id,
        "open_id": _id(session, OPENING), "announced_id": _id(session, "streetlights"), "packer_id": packer,
        "reminder": _wish(shop, wishes[0]), "reminder_confirmed": _wish(shop, wishes[1]), "reminder_over": _wish(shop, wishes[2]),
        **{f"copy_{state.value}": id_ for state, id_ in copies.items()},
        "count_id": counted[0], "count_closed_id": counted[1], "file_id": album.id,
        "media": release.artwork.file if release.artwork else "", **stage_makers(session, now),
    }  # fmt: skip


def _counts(session: Session, run_id: int, now: datetime) -> tuple[int, int]:
    """A count of which a few copies are missing, and one that is closed."""
    sold_out = session.scalars(select(Run.id).where(Run.slug == "kettle-songs-tape")).one()
    closed = counting.open_count(session, sold_out, now, "staff:1").id
    here = (CopyState.AVAILABLE, CopyState.HELD, CopyState.ALLOCATED)
    for copy_id in session.scalars(select(Copy.id).where(Copy.run_id == sold_out, Copy.state.in_(here))):
        counting.scan(session, closed, copy_id, now, "staff:1")
    counting.close(session, closed, now, "staff:1")
    count = counting.open_count(session, run_id, now, "staff:1").id
    mine = select(Copy.id).where(Copy.run_id == run_id, Copy.state.in_(here)).order_by(Copy.number.desc())
    for copy_id in session.scalars(mine.offset(5)):
        counting.scan(session, count, copy_id, now, "staff:1")
    return count, closed


def _files(release_id: int, now: datetime) -> list[ReleaseFile]:
    """What comes with a copy: an album and a zine, and stems that have come in part only."""
    said = (
        ("Low Water – Register, FLAC 24 bit.zip", FileKind.ALBUM, 812_400_000, "3f" * 32),
        ("The zine.pdf", FileKind.ZINE, 9_100_000, "a0" * 32),
        ("All the stems, dry, one file for each of the fourteen tracks.zip", FileKind.STEMS, 1_930_000_000, None),
    )
    return [
        ReleaseFile(
            release_id=release_id, position=n, name=name, kind=kind, file=f"{n:032x}", size=size, sha256=sha256, downloads=7 * n,
            created_at=now, whole_at=now if sha256 else None,
        )
        for n, (name, kind, size, sha256) in enumerate(said, 1)
    ]  # fmt: skip


def _id(session: Session, slug: str) -> int:
    return session.scalars(select(Drop.id).where(Drop.slug == slug)).one()


def _copy(session: Session, run_id: int, state: CopyState) -> int:
    return session.scalars(select(Copy.id).where(Copy.run_id == run_id, Copy.state == state).order_by(Copy.number).limit(1)).one()


def _wish(shop: RunningShop, wish: Reminder) -> str:
    return f"/reminders/{shop.tokens.make('reminder', wish.id, 1)}"


def _trouble(session: Session) -> dict[str, Any]:
    """A letter that nobody took, a network that searched too often, and money whose order was lost."""
    first = session.scalars(select(Job).where(Job.kind.like("mail.%")).order_by(Job.id.desc()).limit(1)).one()
    first.state, first.attempts, first.last_error, first.finished_at = JobState.DEAD, 18, "550 no such mailbox", first.created_at
    session.execute(update(Throttle).where(Throttle.key.like("find:%")).values(hits=9999))
    lost = StripeDifference(
        kind=Kind.LOST_TAKEN,
        about="pi_3TXXyQnq606ISwy5U6jz45Y2q",
        what="This money was taken, and there is no order here for it. Copies: Low Water – Register (tape): № 017, 018/100",
        todo=TODO[Kind.LOST_TAKEN],
        reference="order 00042",
        amount=4995,
        currency="EUR",
        made_at=first.created_at,
        found_at=first.created_at,
    )
    session.add(lost)
    session.flush()
    return {"difference_id": lost.id}
