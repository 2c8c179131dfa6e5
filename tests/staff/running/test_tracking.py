"""Tracking numbers from a carrier's file: shown first, sent off when confirmed, and never twice."""

import io
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.accounts.models import AuditEntry
from app.accounts.roles import Role
from app.fulfilment.models import Shipment
from app.kernel.db import Database, reading
from app.kernel.outbox import Job
from app.staff import tracking
from tests.builders import open_attempt, open_drop, paid_order, settle_as, take_with_details
from tests.cast import ADA, BEN, EVE
from tests.staff.seat import Seat, make_staff, sit_down, words

PAGE = "/staff/packing/tracking"
HEADS = "Sendungsreferenz;Empfänger Name 1;Sendungsnummer\n"


@pytest.fixture
def seat(app: Flask, db: Database) -> Seat:
    """A packer at a label with three orders to pack."""
    drop, run = open_drop(db, size=20)
    for person in (ADA, BEN, EVE):
        paid_order(db, drop, {run: 1}, person)
    return sit_down(app, db, make_staff(db, "Packer", {1: Role.PACKER}))


def send(seat: Seat, content: str | bytes, **more: str) -> TestResponse:
    """Upload a file."""
    data = content.encode("cp1252") if isinstance(content, str) else content
    form: dict[str, Any] = {"carrier": "DHL", "other": "", "file": (io.BytesIO(data), "export.csv"), **more}
    return seat.post(PAGE, form, content_type="multipart/form-data")


def fields(page: TestResponse) -> dict[str, str]:
    """The hidden fields of the form that goes on."""
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))
    found.pop("csrf_token", None)
    for name, text in re.findall(r'<textarea name="(\w+)" hidden>([^<]*)</textarea>', page.text):
        found[name] = text
    return found


def left(db: Database) -> list[tuple[int, str, str]]:
    """What has left: parcel, carrier, tracking."""
    with reading(db) as session:
        return [
            (row.parcel_id, row.carrier, row.tracking) for row in session.scalars(select(Shipment).order_by(Shipment.parcel_id))
        ]


def mails(db: Database) -> int:
    """How many fans are told that theirs has left."""
    with reading(db) as session:
        return session.scalar(select(func.count()).select_from(Job).where(Job.kind == "mail.shipped")) or 0


def test_nothing_changes_before_it_is_confirmed(seat: Seat, db: Database) -> None:
    page = send(seat, HEADS + "00001;Ada;JJD1\n00002;Bén;JJD2\n")
    assert page.status_code == 200
    assert "2 parcels will leave" in words(page)
    assert (left(db), mails(db)) == ([], 0)


def test_confirmed_they_leave_each_with_one_mail_and_only_once(seat: Seat, db: Database) -> None:
    page = send(seat, HEADS + "00001;Ada;JJD1\n00002;Ben;JJD2\n")
    again = fields(page)
    assert seat.post(f"{PAGE}/ship", again).status_code == 303
    assert "2 parcels have left" in words(seat.get(PAGE))
    assert (left(db), mails(db)) == ([(1, "DHL", "JJD1"), (2, "DHL", "JJD2")], 2)
    with reading(db) as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.deed == "order.shipped")) == 2
        assert session.get_one(Shipment, 1).tracking_url.endswith("JJD1")
    assert seat.post(f"{PAGE}/ship", again).status_code == 303  # the same form once more
    assert "2 lines changed nothing" in words(seat.get(PAGE))
    shown = words(send(seat, HEADS + "00001;Ada;JJD1\n00002;Ben;JJD9\n"))  # and the same file, with a change
    assert "Nothing would change." in shown
    assert "It was shipped before, with this number." in shown
    assert "It was shipped before, with JJD2. Nothing is changed." in shown
    assert (len(left(db)), mails(db)) == (2, 2)


def test_every_line_that_stays_has_its_reason(seat: Seat, db: Database) -> None:
    seat.post("/staff/orders/1/ship", {"carrier": "DHL", "tracking": "OLD"})
    page = words(send(seat, HEADS + "\n".join([
        "00002;b;OLD", "00003;c;", "00003;c;3,4E+11", "00099;?;JJD5", "Zoë;?;JJD6", ";;JJD7", "00002;b;JJD2", "00002;b;JJD2",
        "00002;b;JJD3", "00003;c;JJD2", "00003;c;" + "9" * 81,
    ])))  # fmt: skip
    assert "1 parcel will leave" in page
    for why in (
        "Another parcel has this tracking number.", "There is no tracking number beside it.",
        "A spreadsheet has rounded this number.",
        "This label has no order with that number.", "That is no order number.", "The order's number is missing.",
        "The file says so twice.", "Further up the file gives it JJD2; that one counts.", "That is too long for a tracking number",
    ):  # fmt: skip
        assert why in page.replace("&#39;", "'"), why


def test_what_is_not_paid_stays(seat: Seat, db: Database) -> None:
    drop, run = open_drop(db)
    settle_as(db, open_attempt(db, take_with_details(db, drop, {run: 1}, BEN).id))
    sat = sit_down(seat.client.application, db, make_staff(db, "Other", {2: Role.PACKER}))
    assert "The money for this order has not been captured yet." in words(send(sat, HEADS + "00001;Ben;JJD1\n"))


def test_another_labels_order_is_unknown(seat: Seat, db: Database) -> None:
    drop, run = open_drop(db)
    paid_order(db, drop, {run: 1}, BEN)
    stranger = sit_down(seat.client.application, db, make_staff(db, "Stranger", {2: Role.PACKER}))
    page = send(stranger, HEADS + "00002;x;JJD1\n")
    assert "This label has no order with that number." in words(page)
    forged = {"label": "1", "carrier": "DHL", "other": "", "sent": "0", "refused": "0", "rows": "00002\tJJD1"}
    stranger.post(f"{PAGE}/ship", forged)
    both = sit_down(seat.client.application, db, make_staff(db, "Both", {1: Role.PACKER, 2: Role.PACKER}))
    assert both.post(f"{PAGE}/ship", {**forged, "label": "3"}).status_code == 404
    assert left(db) == []


def test_unknown_columns_are_chosen_by_hand(seat: Seat, db: Database) -> None:
    page = send(seat, "what;which\n00001;JJD1\n")
    assert "Which column is which?" in words(page)
    assert left(db) == []
    told = {**fields(page), "reference": "0", "tracking": "1"}
    assert "1 parcel will leave" in words(seat.post(PAGE, told))
    same = seat.post(PAGE, {**told, "tracking": "0"})
    assert (same.status_code, "cannot be the same column" in words(same)) == (422, True)
    assert seat.post(PAGE, {**told, "tracking": "7"}).status_code == 422


def test_what_is_no_such_file_is_said_beside_the_field(seat: Seat) -> None:
    for content, said in ((b"PK\x03\x04", "That is an Excel file."), (b"", "There is nothing in it.")):
        page = send(seat, content)
        assert (page.status_code, said in words(page)) == (422, True)
    assert seat.post(PAGE, {"carrier": "DHL", "other": ""}).status_code == 422
    huge = seat.client.post(PAGE, data=b"x" * 4 * 1024 * 1024, content_type="multipart/form-data; boundary=x")
    assert huge.status_code == 413


def test_many_leave_a_slice_at_a_time(seat: Seat, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracking, "SLICE", 2)
    page = seat.post(f"{PAGE}/ship", fields(send(seat, HEADS + "00001;a;JJD1\n00002;b;JJD2\n00003;c;JJD3\n")))
    assert (page.status_code, "2 of 3 have left" in words(page), len(left(db))) == (200, True, 2)
    assert seat.post(f"{PAGE}/ship", fields(page)).status_code == 303
    assert "3 parcels have left" in words(seat.get(PAGE))
    assert len(left(db)) == 3
