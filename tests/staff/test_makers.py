"""Makers at the desk: entered, given a share, their costs and payouts noted, and their statement as page and files."""

import csv
import io
import re
import zipfile
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import AuditEntry, StaffSession
from app.catalogue.maker_models import Maker, MakerShare, Payout, RunCost
from app.kernel.db import Database, reading, transaction
from tests.builders import paid_order
from tests.cast import ADA, NOW
from tests.fulfilment.pdf_words import words as pdf_words
from tests.staff.conftest import Shelf
from tests.staff.seat import Seat, words

NOVEMBER = "from=2026-11-01&to=2026-11-30"


@pytest.fixture
def mira(db: Database, shelf: Shelf, owner: Seat) -> int:
    """A maker with half of the release after costs of 10.00, of which one copy was sold; entered at the desk."""
    new = {"name": "=Mira Vale", "address": "Quay 7", "artist": str(shelf.artist)}
    assert owner.post(f"/staff/labels/{shelf.label}/makers/new", new).status_code == 303
    share = {"maker": "1", "run": "", "share": "50", "costs_first": "1", "begins_on": "2026-11-01"}
    assert owner.post(f"/staff/releases/{shelf.release}/makers", share).status_code == 303
    cost = {"kind": "pressing", "amount": "10.00", "day": "2026-11-02", "words": "bill 7"}
    assert owner.post(f"/staff/runs/{shelf.run}/costs", cost).status_code == 303
    paid_order(db, shelf.drop, {shelf.run: 1}, ADA)
    return 1


def test_a_browser_sends_a_maker_who_is_no_artist_and_a_share_of_every_run(shelf: Shelf, owner: Seat, mira: int) -> None:
    """A choice that must be made, whose first option is empty, is not sent with that option."""
    for path, said in (
        (f"labels/{shelf.label}/makers/new", "none of them"),
        (f"releases/{shelf.release}/makers", "every run of the release"),
    ):
        page = owner.get(f"/staff/{path}").text
        [select] = [each for each in re.findall(r"<select.*?</select>", page, re.DOTALL) if said in each]
        assert " required" not in select.partition(">")[0], path


def test_what_was_typed_is_kept(db: Database, shelf: Shelf, mira: int) -> None:
    with reading(db) as session:
        maker, share = session.get_one(Maker, mira), session.get_one(MakerShare, 1)
        cost = session.get_one(RunCost, 1)
        deeds = session.scalars(select(AuditEntry.deed).order_by(AuditEntry.id)).all()
    assert (maker.name, maker.label_id, maker.artist_id, maker.address) == ("=Mira Vale", shelf.label, shelf.artist, "Quay 7")
    assert (share.basis_points, share.costs_first, share.run_id, f"{share.begins_on}") == (5000, True, None, "2026-11-01")
    assert (cost.amount, cost.words, cost.kind.value, f"{cost.spent_on}") == (1000, "bill 7", "pressing", "2026-11-02")
    assert deeds == ["maker.made", "maker.share_set", "run.cost_noted"]


def test_the_statement_says_what_is_owed(owner: Seat, mira: int) -> None:
    page = words(owner.get(f"/staff/makers/{mira}?{NOVEMBER}"))
    assert "Owed at the end €7.00" in page  # (24 − 10) / 2; Stripe was not asked for its fee in this story
    assert "What Stripe kept of one payment is not known yet" in page
    assert "50 % after costs" in page
    assert "€7.00" in words(owner.get("/staff/makers"))
    lines = words(owner.get(f"/staff/makers/{mira}/lines?{NOVEMBER}"))
    assert "cost: pressing: bill 7" in lines
    assert "№ 00001" in lines


def test_a_payout_is_noted_once_and_can_be_struck_out(db: Database, owner: Seat, mira: int) -> None:
    form = {"amount": "5.00", "day": "2026-11-27", "words": "transfer 12"}
    assert owner.post(f"/staff/makers/{mira}/payouts", form).status_code == 303
    assert owner.post(f"/staff/makers/{mira}/payouts", form).status_code == 409
    assert "Owed at the end €2.00" in words(owner.get(f"/staff/makers/{mira}?{NOVEMBER}"))
    for _ in range(2):
        assert owner.post("/staff/payouts/1/strike").status_code == 303
    assert "Owed at the end €7.00" in words(owner.get(f"/staff/makers/{mira}?{NOVEMBER}"))
    with reading(db) as session:
        [payout] = session.scalars(select(Payout))
        struck = session.scalars(select(AuditEntry).where(AuditEntry.deed == "maker.payout_struck")).all()
    assert (payout.amount, payout.struck_at, len(struck)) == (500, NOW, 1)


def test_a_cost_can_be_struck_out(owner: Seat, mira: int) -> None:
    assert owner.post("/staff/costs/1/strike").status_code == 303
    assert "Owed at the end €12.00" in words(owner.get(f"/staff/makers/{mira}?{NOVEMBER}"))


@pytest.mark.parametrize(
    ("path", "form", "said"),
    [
        ("makers/1/payouts", {"amount": "0", "day": "2026-11-27"}, "More than nothing"),
        ("makers/1/payouts", {"amount": "9" * 18, "day": "2026-11-27"}, "An amount in EUR"),
        ("makers/1/payouts", {"amount": "5", "day": "2026-11-28"}, "no later than 2026-11-27"),
        ("makers/1/payouts", {"amount": "5", "day": "yesterday"}, "A day, such as"),
        ("runs/1/costs", {"kind": "bribes", "amount": "5", "day": "2026-11-27"}, "choose one of the list"),
        ("runs/1/costs", {"kind": "art", "amount": "-5", "day": "2026-11-27"}, "An amount in EUR"),
        ("runs/1/costs", {"kind": "art", "amount": "5", "day": "0001-01-01"}, "A day, such as"),
        ("releases/1/makers", {"maker": "1", "share": "100.01", "begins_on": "2026-11-27"}, "From 0 to 100"),
        ("releases/1/makers", {"maker": "1", "share": "1e400", "begins_on": "2026-11-27"}, "From 0 to 100"),
        ("releases/1/makers", {"maker": "1", "share": "nan", "begins_on": "2026-11-27"}, "From 0 to 100"),
        ("releases/1/makers", {"maker": "1", "share": "33.333", "begins_on": "2026-11-27"}, "two decimals"),
        ("releases/1/makers", {"maker": "1", "run": "99", "share": "5", "begins_on": "2026-11-27"}, "one of the list"),
        ("labels/1/makers/new", {"name": ""}, "fill this in"),
        ("labels/1/makers/new", {"name": "=Mira Vale"}, "Another maker"),
        ("labels/1/makers/new", {"name": "Otto", "artist": "99"}, "one of the list"),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_changes(
    db: Database, owner: Seat, mira: int, path: str, form: dict[str, str], said: str
) -> None:
    answer = owner.post(f"/staff/{path}", form)
    assert (answer.status_code, said in words(answer)) == (422, True)
    with reading(db) as session:
        counts = [len(session.scalars(select(table.id)).all()) for table in (Maker, MakerShare, RunCost, Payout)]
    assert counts == [1, 1, 1, 0]


def test_files_say_the_same_and_are_no_formulas(owner: Seat, mira: int) -> None:
    owner.post(f"/staff/makers/{mira}/payouts", {"amount": "5.00", "day": "2026-11-27", "words": "=1+1"})
    answer = owner.get(f"/staff/makers/{mira}/statement.csv?{NOVEMBER}")
    assert answer.content_type == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert [row["what"] for row in rows] == ["owed before", "cost: pressing: bill 7", "sold", "paid out: =1+1"]
    assert sum(float(row["earned"]) for row in rows) == 2.0
    assert [row["paid"] for row in rows] == ["", "0.00", "24.00", ""]
    book = owner.get(f"/staff/makers/{mira}/statement.xlsx?{NOVEMBER}")
    assert zipfile.ZipFile(io.BytesIO(book.get_data())).testzip() is None
    paper = owner.get(f"/staff/makers/{mira}/statement.pdf?{NOVEMBER}")
    assert paper.content_type == "application/pdf"
    said = "|".join(pdf_words(paper.get_data()))
    for part in ("Statement for =Mira Vale", "Quay 7", "Owed at the end", "2.00", "50 % after costs", "Provisional"):
        assert part in said, part


def test_money_deeds_ask_again_who_it_is(app: Flask, db: Database, owner: Seat, mira: int) -> None:
    with transaction(db) as session:
        session.get_one(StaffSession, 1).confirmed_at = NOW - timedelta(hours=2)
    for path in ("makers/1/payouts", "payouts/1/strike", "runs/1/costs", "costs/1/strike", "releases/1/makers"):
        answer = owner.post(f"/staff/{path}", {})
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (303, "/staff/again"), path


def test_who_has_a_share_keeps_their_release(owner: Seat, shelf: Shelf, mira: int) -> None:
    owner.post(f"/staff/releases/{shelf.release}/unpublish")
    assert owner.post(f"/staff/runs/{shelf.planned}/remove").status_code == 303
    assert owner.post(f"/staff/releases/{shelf.release}/remove").status_code == 409
