"""Say where to: kept on the hold, cleaned, and refused while a payment is open."""

import pytest

from app.checkout.details import Details, normalise, say_where_to
from app.inventory.models import Hold
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import BadInput, HoldLapsed, Paying
from tests.builders import open_attempt, open_drop, take_some, take_with_details
from tests.cast import ADA, NOW


def _say(db: Database, hold: int, details: Details, minutes: float = 0) -> Hold:
    with transaction(db) as session:
        return say_where_to(session, hold, details, NOW.replace(minute=int(minutes)))


def _kept(db: Database, hold: int) -> tuple[str, str, str, int | None, str]:
    with reading(db) as session:
        row = session.get_one(Hold, hold)
    return row.email, row.email_key, row.country, row.rate_id, row.note


@pytest.fixture
def hold(db: Database) -> int:
    drop, run = open_drop(db)
    return take_some(db, drop, {run: 1}).hold.id


def test_details_are_kept(db: Database, hold: int) -> None:
    _say(db, hold, Details(" Ada+Tapes@Example.org ", "DE", 2, "  ring twice \n"))
    assert _kept(db, hold) == ("Ada+Tapes@example.org", "ada@example.org", "DE", 2, "ring twice")
    _say(db, hold, Details("", "JP", None, ""))
    assert _kept(db, hold) == ("", "", "JP", None, "")


@pytest.mark.parametrize(
    ("typed", "written", "key"),
    [
        ("ada@example.org", "ada@example.org", "ada@example.org"),
        ("ADA+1+2@EXAMPLE.ORG", "ADA+1+2@example.org", "ada@example.org"),
        ("+a@example.org", "+a@example.org", "+a@example.org"),
        ("jurgen@exämple.org", "jurgen@xn--exmple-cua.org", "jurgen@xn--exmple-cua.org"),
    ],
)
def test_addresses_of_one_person_are_equal(typed: str, written: str, key: str) -> None:
    assert normalise(typed) == (written, key)


@pytest.mark.parametrize(
    "typed", ["ada", "ada@", "@example.org", "a b@example.org", "ada@example", "ada@example.org\x00", "a" * 300 + "@x.org"]
)
def test_what_is_no_address_is_said(db: Database, hold: int, typed: str) -> None:
    with pytest.raises(BadInput) as refusal:
        _say(db, hold, Details(typed, "DE", None, ""))
    assert list(refusal.value.fields) == ["email"]
    assert _kept(db, hold)[0] == ""


@pytest.mark.parametrize("country", ["D", "DEU", "de", "D1", "DE\n", "ÄÖ", "x" * 10_000])
def test_what_is_no_country_is_said(db: Database, hold: int, country: str) -> None:
    with pytest.raises(BadInput) as refusal:
        _say(db, hold, Details(ADA.email, country, None, ""))
    assert list(refusal.value.fields) == ["country"]


@pytest.mark.parametrize("rate", [0, -1, 4711, 2**63, 10**30])
def test_an_unknown_rate_gives_way(db: Database, hold: int, rate: int) -> None:
    _say(db, hold, Details(ADA.email, "DE", rate, ""))
    assert _kept(db, hold)[3] is None


def test_a_note_is_bounded_and_clean(db: Database, hold: int) -> None:
    _say(db, hold, Details(ADA.email, "DE", None, "a\x00b\x1b[31m\ud800\n" + "x" * 1000))
    note = _kept(db, hold)[4]
    assert note.startswith("ab[31m\nx")
    assert len(note) == 500


def test_an_ended_hold_keeps_nothing(db: Database, hold: int) -> None:
    with pytest.raises(HoldLapsed):
        _say(db, hold, Details(ADA.email, "DE", None, ""), minutes=10)
    with pytest.raises(HoldLapsed):
        _say(db, 4711, Details(ADA.email, "DE", None, ""))
    assert _kept(db, hold)[0] == ""


def test_while_paying_only_the_same_can_be_said(db: Database) -> None:
    drop, run = open_drop(db)
    hold = take_with_details(db, drop, {run: 1})
    open_attempt(db, hold.id)
    assert _say(db, hold.id, Details(ADA.email, "DE", None, "")).id == hold.id
    with pytest.raises(Paying):
        _say(db, hold.id, Details(ADA.email, "AT", None, ""))
    assert _kept(db, hold.id)[2] == "DE"
