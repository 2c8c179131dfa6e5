"""What must be true when the day is over, read from the ledger, the letter box and the audit: three hundred right parcels."""

import re
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func, select

from app.fulfilment.models import PackedCopy, Parcel, ParcelState, Shipment
from app.inventory.models import Copy
from app.inventory.states import CopyState
from app.kernel.db import reading
from app.kernel.outbox import Job, JobState
from app.orders.models import Order, OrderLine
from sandbox.client import wait_for
from tests.browser.running import SECRET_KEY, RunningShop
from tests.day.work import SCAN, WRONG_EVERY, Day, tracking

MOST, MOST_IN_BATCH = 4.0, 2.0
_TOKEN = re.compile(r"\b[0-9a-f]{1,16}-[A-Za-z0-9_-]{27}\b")
PATIENCE = 120.0  # seconds until the last letter has arrived


@dataclass(frozen=True)
class Figures:
    """The day in numbers; `faults` says in words what was missed."""

    parcels: int
    per_parcel: float
    own: float
    single: float
    in_batch: float
    refused: int
    tried: int
    mails: int
    errors: int
    actions: Counter[str]
    faults: tuple[str, ...]


def weigh(day: Day, errors: list[str], most: float = MOST) -> Figures:
    """Count it up; `most` bounds the whole day's actions per scanned parcel, what is done once for all of them included."""
    sold, done = day.sold, day.hands.done
    own = sum(done[f"scan {id_}"] for id_ in sold.scanned)
    shared = done[""]
    per_parcel = (own + shared) / len(sold.scanned)
    single = max(done[f"single {id_}"] for id_ in sold.single)
    in_batch = done["batch"] / len(sold.ticked)
    unexpected = [each for each in errors if each != f"409: {day.shop.url}{SCAN}"]
    wrong = [
        *_limits(per_parcel, most, single, in_batch),
        *(
            []
            if len(day.told.refused) == day.told.tried == -(-len(sold.scanned) // WRONG_EVERY)
            else ["a wrong copy was not refused"]
        ),
        *([] if len(errors) - len(unexpected) == day.told.tried else ["not every wrong copy was refused with 409"]),
        *unexpected,
        *ledger(day),
        *letters(day),
        *audit(day.shop),
        *logs(day.shop),
    ]
    return Figures(
        parcels=_sent(day.shop),
        per_parcel=per_parcel,
        own=own / len(sold.scanned),
        single=single,
        in_batch=in_batch,
        refused=len(day.told.refused),
        tried=day.told.tried,
        mails=len(day.shop.control.mail(subject="On its way")),
        errors=len(unexpected),
        actions=done,
        faults=tuple(wrong),
    )


def ledger(day: Day) -> list[str]:
    """Every order's parcel sent once with its own number, and each scanned copy in the parcel of the order that owns it."""
    every = {*day.sold.scanned, *day.sold.single, *day.sold.ticked}
    scanned = {*day.sold.scanned, *day.sold.single}
    found: list[str] = []
    with reading(day.shop.db) as session:
        sent = session.execute(
            select(Order.id, Order.number, Shipment.tracking)
            .join(Parcel, Parcel.order_id == Order.id)
            .join(Shipment, Shipment.parcel_id == Parcel.id)
            .where(Parcel.state == ParcelState.SENT)
        ).all()
        numbers = {order_id: (number, told) for order_id, number, told in sent}
        if len(sent) != len(every) or numbers.keys() != every:
            found.append(f"{len(sent)} shipments for {len(every)} orders")
        found += [f"order {number} left as {told}" for number, told in numbers.values() if told != tracking(f"{number:05d}")]
        lies = select(OrderLine.order_id, Parcel.order_id, Copy.id, Copy.state).select_from(PackedCopy)
        lies = lies.join(Parcel, Parcel.id == PackedCopy.parcel_id).join(Copy, Copy.id == PackedCopy.copy_id)
        inside = session.execute(lies.outerjoin(OrderLine, OrderLine.id == Copy.order_line_id)).all()
        found += [f"copy {copy} lies in {where}" for owner, where, copy, _ in inside if owner != where]
        found += [f"copy {copy} is {state}" for _, _, copy, state in inside if state is not CopyState.SHIPPED]
        owned = dict(
            session.execute(
                select(OrderLine.order_id, func.count()).join(Copy, Copy.order_line_id == OrderLine.id).group_by(OrderLine.order_id)
            ).all()
        )
        packed = Counter(where for _, where, _, _ in inside)
        found += [f"order {id_} has {packed[id_]} of {owned[id_]} copies" for id_ in scanned if packed[id_] != owned[id_]]
        again = session.scalar(select(func.count()).where(Copy.issue == 1, Copy.state == CopyState.SHIPPED))
        found += [] if again == 1 else [f"{again} copies were replaced from the reserve instead of one"]
    return found


def letters(day: Day) -> list[str]:
    """One letter to each fan, with the number of their parcel, and none left in the outbox."""
    every = len(day.sold.scanned) + len(day.sold.single) + len(day.sold.ticked)
    try:
        wait_for(lambda: len(day.shop.control.mail(subject="On its way")) >= every, PATIENCE)
    except TimeoutError:
        return [f"only {len(day.shop.control.mail(subject='On its way'))} of {every} letters arrived"]
    came = day.shop.control.mail(subject="On its way")
    to = Counter(str(letter["to"]) for letter in came)
    found = [f"{who} had {count} letters" for who, count in to.items() if count != 1]
    with reading(day.shop.db) as session:
        told = select(Shipment.tracking)
        numbers = set(session.scalars(told))
        waiting = session.scalar(select(func.count()).where(Job.kind == "mail.shipped", Job.state != JobState.DONE))
    named = {number for number in numbers if any(number in letter["text"] for letter in came)}
    found += [f"nobody was told of {number}" for number in sorted(numbers - named)]
    return found + ([f"{waiting} letters are still in the outbox"] if waiting else [])


def audit(shop: RunningShop) -> list[str]:
    """What `flask audit` finds: nothing."""
    try:
        shop.flask("audit")
    except AssertionError as said:
        return [f"flask audit: {said}"]
    return []


def logs(shop: RunningShop) -> list[str]:
    """What stands in the logs of shop and worker though it is a secret or somebody's address."""
    written = "".join((shop.folder / f"{name}.log").read_text() for name in ("shop", "worker"))
    secrets = {"a fan's address": "@fans.example", "the password": shop.login[1], "the signing key": SECRET_KEY}
    found = [f"{what} stands in the logs" for what, text in secrets.items() if text in written]
    return found + [f"a token stands in the logs: {token}" for token in set(_TOKEN.findall(written))]


def _limits(per_parcel: float, most: float, single: float, in_batch: float) -> list[str]:
    found = []
    if per_parcel > most:
        found.append(f"{per_parcel:.2f} actions per parcel, {most:g} are the most")
    if single > MOST:
        found.append(f"{single:g} actions for a parcel alone, {MOST:g} are the most")
    if in_batch > MOST_IN_BATCH:
        found.append(f"{in_batch:.2f} actions per parcel in a batch, {MOST_IN_BATCH:g} are the most")
    return found


def _sent(shop: RunningShop) -> int:
    with reading(shop.db) as session:
        return session.scalar(select(func.count()).select_from(Parcel).where(Parcel.state == ParcelState.SENT)) or 0
