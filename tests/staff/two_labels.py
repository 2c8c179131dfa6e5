"""Another label's desk with one of everything, each under a word that stands nowhere else, so that a leak can be read."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from app.accounts.models import Invitation, SavedView, StaffPasskey, StaffSession
from app.accounts.roles import Role
from app.catalogue.models import Artist, FileKind, Label, Release, ReleaseFile, Run, Track
from app.checkout.parts import Plan
from app.drops.models import ChangeState, Drop, DropChange
from app.fulfilment.models import PostageRate, PostageZone, Shipment
from app.inventory.models import Copy, Hold, StockCount
from app.kernel.db import Database, reading, transaction
from app.kernel.outbox import Job, JobState
from app.kernel.schema import Base
from app.orders.models import Bulk, BulkVerb, CodeKind, DiscountCode, LostNumber, Order, OrderCounter, OrderLine, Tag
from app.orders.vat_models import Invoice
from app.payments.models import Payment, Refund, StripeDifference
from tests import short
from tests.builders import disputed, give_back, keep_vat, make_code, paid_order, take_with_details
from tests.cast import NOW, Person, someone
from tests.makers import make_maker, pay_out, share, spend
from tests.staff.conftest import Shelf
from tests.staff.seat import Seat, make_staff, sit_down

FIRST_NUMBER = 731  # of the other label's orders
WORDS = (
    "Umbra", "umbra", "UMB-", "Zephyrine", "Vellichor", "Fenella", "fenella", "Odo Quast", "00732", "00733", "00734", "UMBCODE",
    "pi_umbra",
)  # fmt: skip
FENELLA, FERN = someone("fenella"), someone("fenella-two")


@dataclass(frozen=True)
class Other:
    """The ids of the other label's rows, by the names that addresses give them; `owner` is its owner's browser."""

    ids: dict[str, object]
    owner: Seat
    shelf: Shelf
    more: dict[str, int] = field(default_factory=dict)


def furnish(app: Flask, db: Database, shelf: Shelf) -> Other:
    """Give the label of a shelf its own words and one of everything."""
    _rename(db, shelf)
    owner = sit_down(app, db, make_staff(db, "Odo Quast", {shelf.label: Role.OWNER}))
    keep_vat(db, label_id=shelf.label, invoices=True)
    orders = [_order(db, shelf, person) for person in (FENELLA, FERN, someone("fenella-three"))]
    take_with_details(db, shelf.drop, {shelf.run: 1}, someone("fenella-four"))
    _at_the_desk(owner, shelf, orders)
    maker = make_maker(db, "Umbra maker", shelf.label)
    share(db, maker, 5000, run_id=shelf.run)
    code = make_code(db, shelf.label, "UMBCODE", CodeKind.AMOUNT, 100)
    more = {"maker_id": maker, "payout_id": pay_out(db, maker, 100, NOW.date()), "cost_id": spend(db, 500, run_id=shelf.run)}
    _rows(db, shelf, owner, orders)
    more |= {"shortfall_id": _shortfall(db, shelf)}
    refund = give_back(db, orders[1], Plan({}, amount=100))
    disputed(db, orders[2])
    return Other(_ids(db, shelf, owner, orders[0], refund.id) | more | {"code_id": code}, owner, shelf, more)


def _rename(db: Database, shelf: Shelf) -> None:
    with transaction(db) as session:
        label = session.get_one(Label, shelf.label)
        label.name, label.slug, label.email, label.ink_loud = "Umbra Press", "umbra-press", "desk@umbra.example", "#123abc"
        label.terms = "Umbra terms."
        session.get_one(Artist, shelf.artist).name = "Zephyrine"
        release = session.get_one(Release, shelf.release)
        release.title, release.catalogue_number = "Vellichor", "UMB-001"
        session.get_one(Run, shelf.run).title = "Umbra shell"
        session.get_one(Run, shelf.planned).title = "Umbra planned"
        session.get_one(Drop, shelf.drop).title, session.get_one(Drop, shelf.draft).title = "Umbra opens", "Umbra draft"
        session.add(OrderCounter(label_id=shelf.label, last=FIRST_NUMBER))
        session.add_all([LostNumber(label_id=shelf.label, number=n + 1, noted_at=NOW) for n in range(FIRST_NUMBER)])
        session.execute(update(PostageZone).where(PostageZone.label_id == shelf.label).values(name="Umbra zone"))


def _order(db: Database, shelf: Shelf, person: Person) -> int:
    order = paid_order(db, shelf.drop, {shelf.run: 1}, person)
    with transaction(db) as session:
        session.get_one(Order, order.id).name = "Fenella Marsh"
        payment = session.scalars(select(Payment).where(Payment.order_id == order.id)).one()
        payment.intent_id = f"pi_umbra_{order.id}"
    return order.id


def _at_the_desk(owner: Seat, shelf: Shelf, orders: list[int]) -> None:
    """What the owner did: a note, a tag, a view, a parcel packed and sent, an invitation, a count."""
    for path, form in (
        (f"orders/{orders[0]}/notes", {"note": "Umbra note", "on_slip": "1"}),
        (f"orders/{orders[0]}/tags", {"tag": "umbra tag"}),
        ("orders/views", {"name": "Umbra view", "query": "stage=to-pack", "label": str(shelf.label)}),
        (f"orders/{orders[1]}/pack", {}),
        (f"orders/{orders[1]}/ship", {"carrier": "Umbra carrier", "tracking": "UMB-TRACK"}),
        ("people/invite", {"email": "umbra.guest@example.org", "role": "packer", "label": str(shelf.label)}),
        (f"runs/{shelf.run}/counts", {}),
    ):
        answer = owner.post(f"/staff/{path}", form)
        assert answer.status_code == 303, (path, answer.status_code)


def _rows(db: Database, shelf: Shelf, owner: Seat, orders: list[int]) -> None:
    """What no form of a test makes quickly."""
    with transaction(db) as session:
        session.add(Track(release_id=shelf.release, position=1, title="Umbra track"))
        session.add(
            ReleaseFile(
                release_id=shelf.release, position=1, kind=FileKind.ALBUM, name="Umbra.zip", size=1, created_at=NOW, file="umbra",
            )
        )  # fmt: skip
        session.add(
            StaffPasskey(staff_id=owner.staff_id, name="Umbra key", credential="umbra", public_key="k", uses=0, created_at=NOW)
        )
        session.add(Bulk(staff_id=owner.staff_id, verb=BulkVerb.LOCK, at=NOW))
        dead = Job(
            kind="mail.confirmed", key=f"umbra-{orders[0]}", payload={"order": orders[0]}, state=JobState.DEAD, run_at=NOW,
            created_at=NOW, finished_at=NOW, attempts=9, last_error="umbra.example refused it", priority=6,
        )  # fmt: skip
        session.add(dead)
        session.add(
            StripeDifference(
                kind="contradicted", about=f"pi_umbra_{orders[0]}", what="Umbra differs.", todo="Look.", reference="order 00732",
                amount=2595, currency="EUR", made_at=NOW, found_at=NOW, label_id=shelf.label,
            )
        )  # fmt: skip


def _shortfall(db: Database, shelf: Shelf) -> int:
    """The plant has lost a copy that was sold."""
    order = _order(db, shelf, someone("fenella-five"))
    with reading(db) as session:
        lost = session.scalars(select(Copy.number).join(OrderLine).where(OrderLine.order_id == order)).one()
    short.deliver(db, shelf.run, short.said(lost or 0))
    return short.of_number(db, lost or 0)


def _ids(db: Database, shelf: Shelf, owner: Seat, order_id: int, refund_id: int) -> dict[str, object]:
    def newest(session: Any, kind: type[Base]) -> int:
        return int(session.scalar(select(kind.id).order_by(kind.id.desc()).limit(1)))  # type: ignore[attr-defined]  # all have one

    with reading(db) as session:
        zone = session.scalars(select(PostageZone.id).where(PostageZone.label_id == shelf.label)).first()
        rate = session.scalars(select(PostageRate.id).where(PostageRate.zone_id == zone)).first()
        copy = session.scalars(select(Copy.id).where(Copy.run_id == shelf.run, Copy.state == "available")).first()
        tables: dict[str, type[Base]] = {
            "track_id": Track, "file_id": ReleaseFile, "passkey_id": StaffPasskey, "bulk_id": Bulk, "job_id": Job,
            "difference_id": StripeDifference, "invitation_id": Invitation, "view_id": SavedView, "tag_id": Tag,
            "count_id": StockCount, "session_id": StaffSession, "invoice_id": Invoice,
        }  # fmt: skip
        found: dict[str, object] = {name: newest(session, kind) for name, kind in tables.items()}
        hold = session.get_one(Order, order_id).hold_id
        assert session.get(Hold, hold) is not None
        assert session.get(Refund, refund_id) is not None
        assert session.scalars(select(Shipment.id)).first() is not None
        assert session.scalars(select(DiscountCode.id)).first() is not None
    return found | {
        "label_id": shelf.label, "artist_id": shelf.artist, "release_id": shelf.release, "run_id": shelf.run, "drop_id": shelf.drop,
        "order_id": order_id, "copy_id": copy, "hold_id": hold, "refund_id": refund_id, "zone_id": zone, "rate_id": rate,
        "staff_id": owner.staff_id, "which": "story", "state": "open", "way": "up", "change_id": _change(db, shelf, owner),
    }  # fmt: skip


def _change(db: Database, shelf: Shelf, owner: Seat) -> int:
    """A change that waits for a second person."""
    with transaction(db) as session:
        row = DropChange(
            drop_id=shelf.draft, before={}, wanted={}, reason="Umbra reason", why="", state=ChangeState.WAITING,
            asked_by=owner.staff_id, created_at=NOW, lapses_at=NOW + timedelta(hours=1),
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id
