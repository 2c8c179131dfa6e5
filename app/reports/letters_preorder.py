"""The letters of a pre-order: what changed with it, and whether the address is still right."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from app.catalogue.making import WORDS, Making, MakingChange
from app.catalogue.making_changes import TOLD
from app.catalogue.models import Run
from app.catalogue.promises import Promise
from app.checkout.asking import STILL_THERE
from app.fulfilment.models import Parcel, ParcelState
from app.fulfilment.preorder_rows import WayOut
from app.inventory import counts
from app.inventory.numbers import numbered
from app.kernel.mail import Letter
from app.kernel.schema import JsonDict
from app.orders.models import Order, OrderLine, OrderState
from app.reports import making_view
from app.reports.letter_desk import LetterDesk
from app.reports.letter_paper import letter
from app.reports.making_news import SAID, News, news
from app.reports.order_page import address_lines
from app.reports.sleeves import imprint, is_alone


@dataclass(frozen=True)
class Mine:
    """One order of the fan's: its copies of the run, its page, where it goes, and where it can be cancelled free, if it can."""

    reference: str
    copies: str
    url: str
    way_out: str
    address: tuple[str, ...]


def told(desk: LetterDesk, payload: JsonDict) -> Letter | None:
    """What changed; None for who waits no longer, or was told something newer since."""
    change = desk.session.get(MakingChange, payload["change"])
    making = desk.session.get(Making, change.run_id) if change is not None else None
    first = desk.session.get(Order, payload["order"])
    if change is None or making is None or first is None or _outdated(desk, making, change):
        return None
    orders = _orders(desk, first, change.run_id)
    if not orders:
        return None
    mine = WayOut.order_id.in_([order.id for order in orders])
    open_ways = select(WayOut.order_id).where(mine, WayOut.run_id == change.run_id, WayOut.taken_at.is_(None))
    ways = set(desk.session.scalars(open_ways))
    key = f"{TOLD}.{change.id}.{first.id}"
    return compose(desk, orders, change.run_id, news(desk.session, change, payload["before"]), ways, key)


def compose(desk: LetterDesk, orders: Sequence[Order], run_id: int, said: News, ways: Collection[int], key: str) -> Letter:
    """The letter to the fan of these orders; `ways` are the orders of which the run may be cancelled free."""
    run, first = desk.session.get_one(Run, run_id), orders[0]
    work = run.release.title
    mine = [_mine(desk, order, run, free=order.id in ways) for order in orders]
    return letter(
        "making",
        key,
        first.email,
        said.subject(work),
        label=imprint(first.label, alone=is_alone(desk.session)),
        write_to=first.label.email,
        work=work,
        run=run.title,
        news=said,
        marks=making_view.marks(said.step),
        words=WORDS,
        said=SAID,
        mine=mine,
        free=[each for each in mine if each.way_out],
    )


def still_there(desk: LetterDesk, payload: JsonDict) -> Letter | None:
    """Is the address still right? None for who has no parcel left to correct."""
    first, making = desk.session.get(Order, payload["order"]), desk.session.get(Making, payload["run"])
    if first is None or making is None:
        return None
    opened = {ParcelState.OPEN}
    orders = [each for each in _orders(desk, first, making.run_id) if _parcel(desk, each) in opened]
    return ask(desk, orders, making.run_id, making, f"{STILL_THERE}.{making.run_id}.{first.id}") if orders else None


def ask(desk: LetterDesk, orders: Sequence[Order], run_id: int, making: Making, key: str) -> Letter:
    """The letter that asks; the day of the lock is the one that is set when it is written."""
    run, first = desk.session.get_one(Run, run_id), orders[0]
    return letter(
        "still_there",
        key,
        first.email,
        "Is this still where you live?",
        label=imprint(first.label, alone=is_alone(desk.session)),
        write_to=first.label.email,
        work=run.release.title,
        lock_on=Promise(making.lock_on).words if making.lock_on is not None else "",
        mine=[_mine(desk, order, run, free=False) for order in orders],
    )


def _outdated(desk: LetterDesk, making: Making, change: MakingChange) -> bool:
    """A mail server that was away for long must not tell yesterday's news after today's."""
    last = desk.session.get(MakingChange, making.told_id) if making.told_id is not None else None
    return last is not None and last.id > change.id and (last.step, last.promise) != (change.step, change.promise)


def _orders(desk: LetterDesk, first: Order, run_id: int) -> list[Order]:
    """The orders of whoever made the first one that still wait for the run."""
    same = func.lower(Order.email) == func.lower(first.email)
    bought = Order.id.in_(select(OrderLine.order_id).where(OrderLine.run_id == run_id))
    wanted = select(Order).where(same, bought, Order.state == OrderState.PLACED, Order.email != "").order_by(Order.id)
    gone = {ParcelState.SENT, None}
    return [each for each in desk.session.scalars(wanted) if _parcel(desk, each) not in gone and _numbers(desk, each, run_id)]


def _parcel(desk: LetterDesk, order: Order) -> ParcelState | None:
    return desk.session.scalar(select(Parcel.state).where(Parcel.order_id == order.id))


def _numbers(desk: LetterDesk, order: Order, run_id: int) -> list[int]:
    owned = counts.numbers_of_lines(desk.session, [line.id for line in order.lines if line.run_id == run_id])
    return sorted(number for numbers in owned.values() for number in numbers)


def _mine(desk: LetterDesk, order: Order, run: Run, *, free: bool) -> Mine:
    url = desk.order_url(order)
    copies = numbered(_numbers(desk, order, run.id), run.last_number)
    return Mine(order.reference, copies, url, f"{url}/way-out/{run.slug}" if free else "", address_lines(order))
