"""The books at the desk: pages that lead from a sum to its lines, and the same numbers in files."""

import csv
import io
import zipfile

import pytest

from app.kernel.db import Database
from app.reports.book_wish import Kind
from tests.builders import paid_order
from tests.cast import ADA, BEN
from tests.staff.running.conftest import Shop
from tests.staff.running.desk import Desk

DAYS = {"from": "2026-11-27", "to": "2026-11-30"}


@pytest.fixture
def sold(db: Database, shop: Shop) -> Shop:
    """Ada bought one copy, Ben two."""
    paid_order(db, shop.drop_id, {shop.run_id: 1}, ADA)
    paid_order(db, shop.drop_id, {shop.run_id: 2}, BEN)
    return shop


def _read(desk: Desk, path: str, **query: str) -> list[dict[str, str]]:
    """A file of the books."""
    return _table(desk.get(path, **query).text)


def _table(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_nothing_sold_yet(manager: Desk) -> None:
    page = manager.get("/staff/books")
    assert (page.status_code, "Nothing was sold in these days." in page.text) == (200, True)


def test_each_sum_leads_to_its_lines(sold: Shop, manager: Desk) -> None:
    page = manager.get("/staff/books", **DAYS)
    assert page.status_code == 200
    assert all(sum_ in page.text for sum_ in ("€75.90", "€72.00", "3 of 10, 30 %", "Germany"))
    for query in ({"run": sold.run_id}, {"country": "DE"}, {"kind": "goods"}):
        assert f"{next(iter(query))}={next(iter(query.values()))}" in page.text
        lines = manager.get("/staff/books/lines", **DAYS, **query)
        assert (lines.status_code, "№ 00001" in lines.text, "№ 00002" in lines.text) == (200, True, True)
    assert "There is no such line" in manager.get("/staff/books/lines", **DAYS, country="FR").text
    assert "There is no such line" in manager.get("/staff/books/lines", **DAYS, kind=Kind.DISPUTE.value).text


def test_the_files_say_the_same(sold: Shop, manager: Desk) -> None:
    [run] = _read(manager, "/staff/books/table.csv", **DAYS, table="runs")
    assert (run["copies"], run["taken"], run["kept"], run["currency"], run["made"]) == ("3", "72.00", "72.00", "EUR", "10")
    lines = _read(manager, "/staff/books/table.csv", **DAYS, table="lines", kind="postage")
    assert [(line["order"], line["what"], line["amount"]) for line in lines] == [
        ("00001", "postage", "1.95"), ("00002", "postage", "1.95"),
    ]  # fmt: skip
    assert [day["first_day"] for day in _read(manager, "/staff/books/table.csv", **DAYS, table="days")] == [
        "2026-11-27", "2026-11-28", "2026-11-29", "2026-11-30",
    ]  # fmt: skip
    book = manager.get("/staff/books/workbook.xlsx", **DAYS)
    with zipfile.ZipFile(io.BytesIO(book.data)) as file:
        assert len([name for name in file.namelist() if name.startswith("xl/worksheets/sheet")]) == 4
        written = [file.read(f"xl/worksheets/sheet{number}.xml").decode() for number in (1, 2, 3, 4)]
    assert ["<v>72.00</v>" in page for page in written] == [True, False, False, False]  # by run, without postage
    assert ["<v>75.90</v>" in page for page in written] == [False, True, True, False]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"from": "2026-11-30", "to": "2026-11-27"}, "ends before it begins"),
        ({"from": "yesterday", "to": "2026-11-27"}, "both days"),
        ({"from": "2026-11-27"}, "both days"),
        ({"from": "1026-11-27", "to": "1026-11-28"}, "not a year"),
        ({"from": "2000-01-01", "to": "2100-01-01"}, "longer than any books"),
        ({"span": "next-year"}, "no such list"),
        ({"run": "x"}, "a number in it is none"),
        ({"country": "D\0"}, "two letters"),
        ({"country": "Germany"}, "two letters"),
    ],
)
def test_what_is_no_period(manager: Desk, query: dict[str, str], says: str) -> None:
    page = manager.get("/staff/books", **query)
    assert (page.status_code, says in page.text) == (422, True)


def test_what_is_not_there(sold: Shop, manager: Desk, stranger: Desk) -> None:
    assert manager.get("/staff/books/table.csv", **DAYS, table="everything").status_code == 422
    assert manager.get("/staff/books/lines", **DAYS, run=999).status_code == 404
    assert stranger.get("/staff/books", label=sold.label_id).status_code == 404
    assert stranger.get("/staff/books/lines", run=sold.run_id).status_code == 404
    assert stranger.get("/staff/books/table.csv", label=sold.label_id).status_code == 404


def test_packers_do_not_see_them(packer: Desk) -> None:
    assert packer.get("/staff/books").status_code == 403
    assert "/staff/books" not in packer.get("/staff/").text


@pytest.mark.parametrize("country", ["\0", "de", "ΔΕ", "DEU", "' OR 1"])
@pytest.mark.parametrize("where", ["lines", "table.csv", "vat/lines", "vat.csv"])
def test_a_country_that_is_none_is_refused(manager: Desk, where: str, country: str) -> None:
    assert manager.get(f"/staff/books/{where}", country=country).status_code == 422
