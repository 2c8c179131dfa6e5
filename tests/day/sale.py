"""The evening before: a label with one owner sells a numbered run, every fan over HTTP and through the local Stripe's till."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sqlalchemy import func, select

from app.catalogue.models import Label, Run
from app.fulfilment.models import Parcel, Sender
from app.inventory import stocktake
from app.kernel.db import reading, transaction
from app.orders.models import Order
from app.payments.models import Payment
from app.payments.states import PaymentState
from sandbox.client import wait_for
from tests.browser.running import RunningShop
from tests.browser.shelf import ACTOR, Sale, put_up
from tests.browser.staging import Buyer
from tests.builders import make_rate, make_zone

AT_ONCE = 4  # fans who buy side by side
RESERVE = 3
PATIENCE = 300.0  # seconds until Stripe's news have come and all money is taken

Address = dict[str, str]
HOMES: tuple[tuple[str, Address], ...] = (
    ("Hanne Vogt", {"line1": "Louisenstraße 4", "city": "Dresden", "postal_code": "01099", "country": "DE"}),
    ("Katja Ohm", {"line1": "Lindenallee 18", "city": "Köln", "postal_code": "50667", "country": "DE"}),
    ("Marguerite Roux", {"line1": "8 rue Kervégan", "city": "Nantes", "postal_code": "44000", "country": "FR"}),
    ("Emil Brandt", {"line1": "Hafenstraße 77a", "city": "Kiel", "postal_code": "24103", "country": "DE"}),
    ("Owen Pryce", {"line1": "3 Castle Arcade", "city": "Cardiff", "postal_code": "CF10 1BU", "country": "GB"}),
    ("Clara Weiß", {"line1": "Annenstraße 21", "city": "Graz", "postal_code": "8020", "country": "AT"}),
    ("Lotte de Wit", {"line1": "Oudegracht 112", "city": "Utrecht", "postal_code": "3511 AW", "country": "NL"}),
    ("Sefa Yıldız", {"line1": "Sonnenallee 140", "city": "Berlin", "postal_code": "12059", "country": "DE"}),
    ("Theo Marsh", {"line1": "1220 Burnside", "city": "Portland", "state": "OR", "postal_code": "97205", "country": "US"}),
)
CJK = ("田中 結衣", {"line1": "烏丸通 1-2", "city": "京都市下京区", "state": "Kyoto", "postal_code": "600-8216", "country": "JP"})
MISTYPED = ("Nele Kurz", {"line1": "Deichstraße 2", "city": "Bremen", "postal_code": "2819", "country": "DE"})


@dataclass(frozen=True)
class Wish:
    """What a fan buys: how many copies of which run of the drop."""

    who: int
    quantity: int = 1
    run: int = 0


@dataclass(frozen=True)
class Sold:
    """What the evening left: the ids of the orders to scan, to deal with one at a time, and to tick; and of the odd ones."""

    sale: Sale
    scanned: tuple[int, ...]
    single: tuple[int, ...]
    ticked: tuple[int, ...]
    mistyped: int
    cjk: int


def open_label(shop: RunningShop) -> None:
    """A label with postage, a sender and its owner, in a database that was empty; shop and worker run afterwards."""
    shop.start_stripe()
    shop.flask("db", "upgrade")
    words = ("--email", "hallo@schacht.example", "--currency", "EUR", "--time-zone", "Europe/Berlin", "--country", "DE")
    shop.flask("label", "add", "Schacht", *words)
    shop.login = shop.add_staff("sam@schacht.example", "--name", "Sam")
    with transaction(shop.db) as session:
        label = session.scalars(select(Label)).one()
        for name, countries, amount in (("Germany", "DE", 195), ("World", "*", 695)):
            zone = make_zone(session, label, name=name, countries=countries)
            make_rate(session, zone, name="Parcel", amount=amount, max_weight=2000, tracked=True).carrier = "DHL"
        session.add(Sender(label_id=label.id, line1="Hinterhof 3", postal_code="10999", city="Berlin", phone="+49 30 1234567"))
    shop.start_shop()


def sell(shop: RunningShop, orders: int, ticked: int, single: int) -> Sold:
    """Sell so many orders for the scanner, for ticking and for one at a time; until all the money is taken."""
    wishes = [Wish(n, 2 if n % 12 == 7 else 1) for n in range(orders)]
    wishes += [Wish(orders + n) for n in range(single)]
    wishes += [Wish(orders + single + n, run=1) for n in range(ticked)]
    sizes = [size for run in (0, 1) if (size := sum(wish.quantity for wish in wishes if wish.run == run))]
    sale = put_up(shop, "Ten Floors", sizes=sizes)
    with transaction(shop.db) as session:
        for run in session.scalars(select(Run).where(Run.slug.in_(sale.runs))):
            run.hs_code, run.origin = "85232915", "DE"
            stocktake.press_reserve(session, run.id, RESERVE, shop.now(), ACTOR)
    with ThreadPoolExecutor(AT_ONCE) as fans:
        list(fans.map(lambda wish: _buy(shop, sale, wish, orders), wishes))
    wait_for(lambda: _taken(shop) == len(wishes), PATIENCE)
    return _sorted(shop, sale, wishes, orders, single)


def email_of(who: int) -> str:
    """A fan's address."""
    return f"fan{who}@fans.example"


def _buy(shop: RunningShop, sale: Sale, wish: Wish, orders: int) -> None:
    name, address = _home(wish.who, orders)
    fan = Buyer(shop)
    hold = fan.take(sale.slug, **{sale.runs[wish.run]: wish.quantity})
    asked = fan.press_pay(hold, email_of(wish.who), address["country"])
    said = shop.control.pay(asked, name=name, address={"line2": "", "state": "", **address})
    assert said["outcome"] == "complete", said


def _home(who: int, orders: int) -> tuple[str, Address]:
    """Where a fan lives: one of them in Kyoto, and one who mistyped it."""
    return {orders - 1: CJK, orders - 3: MISTYPED}.get(who, HOMES[who % len(HOMES)])


def _taken(shop: RunningShop) -> int:
    with reading(shop.db) as session:
        captured = session.scalar(select(func.count()).where(Payment.state == PaymentState.CAPTURED)) or 0
        return min(captured, session.scalar(select(func.count(Parcel.id))) or 0)


def _sorted(shop: RunningShop, sale: Sale, wishes: Sequence[Wish], orders: int, single: int) -> Sold:
    with reading(shop.db) as session:
        ids = dict(session.execute(select(Order.email, Order.id)).all())
    of = [ids[email_of(wish.who)] for wish in wishes]
    return Sold(
        sale, tuple(of[:orders]), tuple(of[orders : orders + single]), tuple(of[orders + single :]), of[orders - 3], of[orders - 1]
    )
