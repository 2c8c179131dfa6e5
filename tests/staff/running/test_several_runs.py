"""A drop of several runs: wherever the desk names a copy, it says of which run."""

import csv
import io
import re
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select

from app.catalogue.models import Format, Run
from app.drops.models import Drop, DropRun
from app.inventory.models import Copy
from app.kernel.db import Database, reading, transaction
from tests.builders import make_release, make_run, paid_order, take_some
from tests.cast import BEN
from tests.staff.running.conftest import Shop
from tests.staff.running.desk import Desk

SAID = "TAPE-001 cassette № 01, 02 · TAPE-001 zine № 001 · TAPE-002 № 1"


@pytest.fixture
def three(db: Database, shop: Shop) -> dict[str, int]:
    """The shop's drop sells a cassette, the zine to it and another release; Ada bought of all, Ben holds two. Their runs."""
    with transaction(db) as session:
        drop, tape = session.get_one(Drop, shop.drop_id), session.get_one(Run, shop.run_id)
        zine = make_run(session, tape.release, size=120, price=700)
        zine.format, zine.title = Format.ZINE, "120 tide tables"
        other = make_run(session, make_release(session, tape.release.label, title="Slow Lift"), size=9)
        drop.entries += [DropRun(run_id=zine.id, position=2), DropRun(run_id=other.id, position=3)]
        runs = {"tape": tape.id, "zine": zine.id, "other": other.id}
    paid_order(db, shop.drop_id, {runs["tape"]: 2, runs["zine"]: 1, runs["other"]: 1})
    take_some(db, shop.drop_id, {runs["zine"]: 1, runs["other"]: 2}, BEN)
    return runs


def _text(page: str) -> str:
    """A page without its tags, on one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", page)).split())


@pytest.mark.parametrize(
    "path",
    [
        "/staff/orders",
        "/staff/packing",
        "/staff/packing/ship?order=1",
        "/staff/search?q=lovelace",
        "/staff/orders?q=TAPE-001+zine+1",
    ],
)
def test_lists_of_orders_say_it(three: dict[str, int], packer: Desk, path: str) -> None:
    assert SAID in _text(packer.get(path).text)


def test_the_scanner_asks_which_run_was_meant(three: dict[str, int], packer: Desk) -> None:
    answer = packer.post("/staff/packing/scan", code="TAPE-001 1")
    said = "may be TAPE-001 cassette № 01/10, or TAPE-001 zine № 001/120. Type it as it is called here."
    assert (answer.status_code, said in _text(answer.text)) == (404, True)
    assert packer.post("/staff/packing/scan", code="TAPE-001 zine № 001/120").status_code == 303


def test_drop_day_says_it(three: dict[str, int], shop: Shop, packer: Desk) -> None:
    page = _text(packer.get(f"/staff/drops/{shop.drop_id}/day").text)
    assert "TAPE-001 zine № 002 · TAPE-002 № 2, 3" in page.split("Holds that end next", 1)[1]
    for title in ("10 numbered, clear shell", "120 tide tables", "9 numbered, clear shell"):
        assert title in page, title
    assert "TAPE-001 · TAPE-002" in page
    assert "TAPE-001 · TAPE-002" in _text(packer.get("/staff/").text)


def test_the_export_says_it(three: dict[str, int], manager: Desk) -> None:
    text = manager.get("/staff/orders/export.csv").get_data(as_text=True).removeprefix("\ufeff")
    [row] = csv.DictReader(io.StringIO(text, newline=""))
    assert row["copies"] == SAID


def test_the_search_tells_the_copies_apart(three: dict[str, int], packer: Desk) -> None:
    page = _text(packer.get("/staff/search?q=TAPE-001 3").text)
    assert "TAPE-001 cassette № 03/10" in page
    assert "TAPE-001 zine № 003/120" in page
    assert "120 tide tables free" in page
    only = packer.get("/staff/search", q="TAPE-001 zine № 003/120")
    assert only.status_code == 303


def test_a_withdrawn_copy_is_named_wherever_it_is_spoken_of(
    db: Database, three: dict[str, int], app: Flask, manager: Desk, packer: Desk
) -> None:
    with reading(db) as session:
        copy_id = session.scalars(select(Copy.id).where(Copy.run_id == three["zine"], Copy.number == 17)).one()
    manager.post(f"/staff/copies/{copy_id}/withdraw", reason="damaged")
    page = _text(manager.get(f"/staff/copies/{copy_id}").text)
    assert "TAPE-001 zine № 017/120 is off sale: damaged." in page
    assert "Put TAPE-001 zine № 017/120 back" in page
    assert "copy TAPE-001 zine № 017/120: taken off sale" in _text(manager.get("/staff/").text)
    manager.post(f"/staff/copies/{copy_id}/put-back", words="found")
    assert "TAPE-001 zine № 017/120 is on sale again." in _text(manager.get(f"/staff/copies/{copy_id}").text)
    assert packer.post("/staff/orders/1/pack").status_code == 303
    assert "order № 00001: packed" in _text(packer.get("/staff/").text)


def test_the_audit_log_names_copies_and_orders(db: Database, three: dict[str, int], manager: Desk) -> None:
    with reading(db) as session:
        copy_id = session.scalars(select(Copy.id).where(Copy.run_id == three["zine"], Copy.number == 17)).one()
    manager.post(f"/staff/copies/{copy_id}/withdraw", reason="damaged")
    manager.post("/staff/orders/1/pack")
    rows = manager.get("/staff/audit").text.split("<tbody>", 1)[1].split("</tr>")
    packed, withdrawn = _text(rows[0]), _text(rows[1])
    assert packed.endswith("packed order № 00001")
    assert withdrawn.endswith("taken off sale copy TAPE-001 zine № 017/120 reason: damaged")
