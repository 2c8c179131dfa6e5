"""Pairs that meet at the desk: people pack, ship, press, and lose their roles, two at once."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import func, select, text
from werkzeug.test import TestResponse

from app.accounts import people
from app.accounts.models import AuditEntry, StaffRole
from app.accounts.roles import Role
from app.catalogue import runs
from app.catalogue.models import Run
from app.checkout import correct, readdress
from app.checkout.follow import CONFIRM
from app.drops import changes, writing
from app.drops.models import ChangeState, Drop, DropChange
from app.fulfilment import locking, scanning, shipping
from app.fulfilment.models import Parcel, ParcelState, Shipment
from app.inventory.models import Copy
from app.inventory.pressing import press_run
from app.kernel.db import reading, transaction
from app.kernel.errors import AlreadyShipped, Conflict
from app.kernel.outbox import Job
from app.orders import placing
from app.orders.models import Order
from app.payments.facts import Address
from tests.builders import BERLIN, make_drop, make_label, make_release, make_run, open_drop, paid_order
from tests.cast import NOW, SAM
from tests.races import guards
from tests.races.pairs import Control, Pair, Part
from tests.site import make_app
from tests.staff.seat import make_staff, sit_down
from tests.story import Story

PARCEL = r"UPDATE parcels SET"
# After the last look on PostgreSQL; before it on SQLite, where without the lock each statement is kept at once.
SCANNED = r"counted|SELECT count.*packed_copies.*\?"
DISMISS = r"DELETE FROM staff_roles"

_FREE_PARCEL = (guards.without_lock(placing, Order), guards.parcel_without_lock)


# Scenes.


def to_pack(story: Story) -> Any:
    """Ada's order is paid and its parcel open."""
    drop, run = open_drop(story.db, size=2)
    return SimpleNamespace(run=run, order=paid_order(story.db, drop, {run: 1}).id)


def two_to_scan(story: Story) -> Any:
    """Ada's order of two copies is paid; both lie on the table."""
    drop, run = open_drop(story.db, size=2)
    order = paid_order(story.db, drop, {run: 2}).id
    with reading(story.db) as session:
        return SimpleNamespace(run=run, order=order, copies=list(session.scalars(select(Copy.id).order_by(Copy.number))))


def planned(story: Story) -> Any:
    """A run of three that was not pressed."""
    with transaction(story.db) as session:
        return SimpleNamespace(run=make_run(session, make_release(session, make_label(session)), size=3, pressed=False).id)


def two_owners(story: Story) -> Any:
    """A label with two owners."""
    with transaction(story.db) as session:
        label = make_label(session).id
    owners = [make_staff(story.db, name, {label: Role.OWNER}) for name in ("Olga", "Otto")]
    return SimpleNamespace(label=label, owners=owners)


def manager_at_the_desk(story: Story) -> Any:
    """A manager is signed in; three copies can be withdrawn."""
    _, run = open_drop(story.db, size=3)
    with reading(story.db) as session:
        label = session.get_one(Run, run).release.label_id
        ids = list(session.scalars(select(Copy.id).order_by(Copy.number)))
    staff = make_staff(story.db, "Mona", {label: Role.MANAGER})
    seat = sit_down(make_app(story.db, story.clock), story.db, staff)
    assert seat.get(f"/staff/copies/{ids[0]}").status_code == 200
    return SimpleNamespace(label=label, staff=staff, copies=ids, seat=seat, run=run)


def change_asked_for(story: Story) -> Any:
    """A drop opens in half an hour; Olga asked for another limit, Otto and Mona may say yes."""
    with transaction(story.db) as session:
        run = make_run(session, make_release(session, make_label(session)))
        drop = make_drop(session, [run], opens_at=NOW + timedelta(minutes=30))
        label = drop.label_id
    olga, *others = [make_staff(story.db, name, {label: Role.OWNER}) for name in ("Olga", "Otto", "Mona")]
    with transaction(story.db) as session:
        row = writing.locked(session, drop.id)
        change = changes.ask(session, row, None, {"limit_per_fan": 7}, olga, "a typo", story.clock.now())
        return SimpleNamespace(change=change.id, drop=drop.id, others=others, olga=olga)


# Deeds.


def confirm_change(which: int) -> Any:
    """One of the others says yes."""

    def deed(story: Story, at: Any) -> int | None:
        with transaction(story.db) as session:
            return changes.confirm(session, at.change, at.others[which], story.clock.now()).confirmed_by

    return deed


def take_change_back(story: Story, at: Any) -> None:
    """Olga thinks better of it."""
    with transaction(story.db) as session:
        changes.take_back(session, at.change, story.clock.now())


def pack(story: Story, at: Any) -> None:
    """Mark the parcel as packed."""
    with transaction(story.db) as session:
        shipping.pack(session, at.order, story.clock.now())


def ship(story: Story, at: Any) -> Shipment:
    """The parcel leaves."""
    with transaction(story.db) as session:
        return shipping.ship(session, at.order, "DHL", "0034", story.clock.now(), SAM)


def scan(which: int) -> Any:
    """Scan one of the copies into the parcel."""

    def deed(story: Story, at: Any) -> scanning.Put:
        with transaction(story.db) as session:
            put = scanning.put_in(session, at.order, at.copies[which], story.clock.now(), SAM)
            session.execute(text("SELECT 'counted'"))  # the moment after the last look, before it is kept
            return put

    return deed


def lock_and_print(story: Story, at: Any) -> Address:
    """Lock the parcel and print its slip; the address on it."""
    with transaction(story.db) as session:
        locking.lock(session, [at.order], story.clock.now())
        return readdress.address_of(session.get_one(Order, at.order))


def move_house(story: Story, at: Any) -> bool:
    """The fan corrects the address."""
    with transaction(story.db) as session:
        return readdress.by_fan(session, at.order, replace(BERLIN, line1="Prüfweg 2"), story.clock.now())


def correct_email(story: Story, at: Any) -> None:
    """The fan's address was mistyped."""
    with transaction(story.db) as session:
        correct.correct_email(session, at.order, "ada@right.example", story.clock.now())


def press(story: Story, at: Any) -> int:
    """Make the copies."""
    with transaction(story.db) as session:
        return press_run(session, at.run, 3, 1, story.clock.now(), SAM)


def dismiss(which: int) -> Any:
    """Take an owner's role away."""

    def deed(story: Story, at: Any) -> None:
        with transaction(story.db) as session:
            people.set_role(session, at.owners[which], at.label, None)

    return deed


def dismiss_manager(story: Story, at: Any) -> None:
    """Take the manager's role away."""
    with transaction(story.db) as session:
        people.set_role(session, at.staff, at.label, None)


def withdraw(story: Story, at: Any) -> TestResponse:
    """The manager takes the first copy off sale, by the form."""
    return at.seat.post(f"/staff/copies/{at.copies[0]}/withdraw", {"reason": "lost", "words": ""})


# What must be true.


def _parcel(story: Story) -> tuple[ParcelState, int, int]:
    """Its state, how many shipments there are, and how many mails about them."""
    with reading(story.db) as session:
        state = session.scalars(select(Parcel.state)).one()
        mails = session.scalar(select(func.count()).where(Job.kind == shipping.SHIPPED)) or 0
        return state, session.scalar(select(func.count()).select_from(Shipment)) or 0, mails


def packed_once(story: Story, _at: Any, a: Any, b: Any) -> None:
    """One packs it, the other is told that it is packed."""
    assert sorted(type(said).__name__ for said in (a, b)) == ["Conflict", "NoneType"]
    assert _parcel(story) == (ParcelState.PACKED, 0, 0)


def packed_by_the_last(story: Story, _at: Any, a: Any, b: Any) -> None:
    """Both copies are in, and whoever scanned the last one packed the parcel."""
    assert sorted((said.packed, said.left) for said in (a, b)) == [(False, 1), (True, 0)]
    assert _parcel(story) == (ParcelState.PACKED, 0, 0)


def printed_is_true(story: Story, at: Any, a: Any, b: Any) -> None:
    """Where the parcel goes is what the slip says, and a fan who came too late knows it."""
    with reading(story.db) as session:
        goes_to = readdress.address_of(session.get_one(Order, at.order))
    assert goes_to == a
    assert (goes_to.line1, b) == ("Prüfweg 2", True) or (goes_to, type(b)) == (BERLIN, Conflict)


def sent_once(story: Story, _at: Any, a: Any, b: Any) -> None:
    """It leaves once, the fan is told once, the other person is told that it has left."""
    assert sorted(type(said).__name__ for said in (a, b)) == [AlreadyShipped.__name__, Shipment.__name__]
    assert _parcel(story) == (ParcelState.SENT, 1, 1)


def sent_in_the_end(story: Story, _at: Any, a: Any, b: Any) -> None:
    """It has left, and nobody takes that back by packing it."""
    assert a is None or type(a) is AlreadyShipped
    assert type(b) is Shipment
    assert _parcel(story) == (ParcelState.SENT, 1, 1)


def packed_and_corrected(story: Story, at: Any, a: Any, b: Any) -> None:
    """Both are done; the fan is told a second time, at the right address, and the old link is dead."""
    assert (a, b) == (None, None)
    [order] = story.orders()
    assert (order.email, order.email_key, order.generation) == ("ada@right.example", "ada@right.example", 2)
    assert (_parcel(story), story.letters(CONFIRM)) == ((ParcelState.PACKED, 0, 0), 2)


def pressed_once(story: Story, _at: Any, a: Any, b: Any) -> None:
    """Three copies, not six."""
    assert sorted((a, b), key=str) == [3, a if type(a) is Conflict else b]
    assert {type(said) for said in (a, b)} == {int, Conflict}
    with reading(story.db) as session:
        assert session.scalars(select(Copy.number).order_by(Copy.id)).all() == [1, 2, 3]


def an_owner_stays(story: Story, at: Any, a: Any, b: Any) -> None:
    """One of them goes, the other cannot."""
    assert sorted(type(said).__name__ for said in (a, b)) == ["Conflict", "NoneType"]
    with reading(story.db) as session:
        assert len(session.scalars(select(StaffRole.id)).all()) == 1


def _change(story: Story, at: Any) -> tuple[ChangeState, int | None, int | None]:
    """What became of it, who said yes, and the drop's limit."""
    with reading(story.db) as session:
        change = session.get_one(DropChange, at.change)
        return change.state, change.confirmed_by, session.get_one(Drop, at.drop).limit_per_fan


def confirmed_once(story: Story, at: Any, a: Any, b: Any) -> None:
    """One said yes; the other is told that it is decided."""
    assert sorted(type(said).__name__ for said in (a, b)) == ["Conflict", "int"]
    assert _change(story, at) == (ChangeState.APPLIED, a if type(a) is int else b, 7)


def decided_once(story: Story, at: Any, a: Any, b: Any) -> None:
    """It is changed or taken back, and the other one is told so."""
    assert {type(a), type(b)} in ({int, Conflict}, {type(None), Conflict})
    done = type(a) is int
    assert _change(story, at) == ((ChangeState.APPLIED, a, 7) if done else (ChangeState.TAKEN_BACK, None, None))


def dismissed(story: Story, at: Any, a: Any, b: Any) -> None:
    """The deed is done in the manager's name or refused; the next one, begun afterwards, is refused."""
    assert a is None
    assert b.status_code in {303, 403, 404}
    with reading(story.db) as session:
        done = session.scalars(select(AuditEntry.staff_id).where(AuditEntry.deed == "copy.withdrawn")).all()
    assert done == ([at.staff] if b.status_code == 303 else [])
    next_one = at.seat.post(f"/staff/copies/{at.copies[1]}/withdraw", {"reason": "lost", "words": ""})
    assert next_one.status_code in {403, 404}
    assert story.stock(at.run).withdrawn == len(done)


DESK = (
    Pair(
        "pack lock ‖ fan corrects the address",
        to_pack,
        Part(lock_and_print, PARCEL),
        Part(move_house, r"UPDATE orders SET"),
        printed_is_true,
        Control(_FREE_PARCEL, first="b"),
    ),
    Pair(
        "scan ‖ scan of the last two",
        two_to_scan,
        Part(scan(0), SCANNED),
        Part(scan(1), SCANNED),
        packed_by_the_last,
        Control(_FREE_PARCEL),
    ),
    Pair("pack ‖ pack", to_pack, Part(pack, PARCEL), Part(pack, PARCEL), packed_once, Control(_FREE_PARCEL)),
    Pair(
        "ship ‖ ship",
        to_pack,
        Part(ship, PARCEL),
        Part(ship, PARCEL),
        sent_once,
        Control(_FREE_PARCEL, loose=("shipments", "outbox")),
    ),
    Pair("pack ‖ ship", to_pack, Part(pack, PARCEL), Part(ship, PARCEL), sent_in_the_end, Control(_FREE_PARCEL)),
    # They write different rows, so there is no guard that could be taken off.
    Pair(
        "pack ‖ correct e-mail", to_pack, Part(pack, PARCEL), Part(correct_email, r"UPDATE orders SET"), packed_and_corrected, None
    ),
    Pair(
        "press ‖ press",
        planned,
        Part(press, r"UPDATE runs SET"),
        Part(press, r"UPDATE runs SET"),
        pressed_once,
        Control((guards.without_lock(runs, Run),), loose=("copies",)),
    ),
    Pair(
        "confirm ‖ confirm a change",
        change_asked_for,
        Part(confirm_change(0), r"UPDATE drop_changes SET"),
        Part(confirm_change(1), r"UPDATE drop_changes SET"),
        confirmed_once,
        Control((guards.without_lock(writing, Drop),), moment=r"UPDATE drops SET"),
    ),
    Pair(
        "confirm ‖ take back a change",
        change_asked_for,
        Part(confirm_change(0), r"UPDATE drop_changes SET"),
        Part(take_change_back, r"UPDATE drop_changes SET"),
        decided_once,
        Control((guards.without_lock(writing, Drop),)),
    ),
    Pair(
        "owner ‖ owner dismiss each other",
        two_owners,
        Part(dismiss(0), DISMISS),
        Part(dismiss(1), DISMISS),
        an_owner_stays,
        Control(),
    ),
    Pair(
        "role removal ‖ staff deed",
        manager_at_the_desk,
        Part(dismiss_manager, DISMISS),
        Part(withdraw, r"INSERT INTO stock_movements"),
        dismissed,
        Control((guards.remembered_roles,), bare=False),
    ),
)
