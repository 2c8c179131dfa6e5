"""The flat duty of the European Union: by kind of thing, from its first day to its last, up to its limit; what a copy declares."""

from dataclasses import replace
from datetime import date

import pytest

from app.catalogue.models import Format, Run
from app.fulfilment import customs_things, second_things
from app.fulfilment.customs_things import KINDS, Copies, Second
from app.fulfilment.duties import RULES, Duty, duty
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import BadInput
from app.kernel.money import Money
from tests.builders import open_drop
from tests.fulfilment.parcels_to_post import TAPE

DAY = date(2026, 11, 29)
ZINE = replace(TAPE, what="Printed zine", hs_code="490199")


def test_one_kind_however_many_pieces() -> None:
    assert duty([replace(TAPE, pieces=5)], "GB", "DE", DAY) == Duty(Money(300, "EUR"), 1, Money(15000, "EUR"), sure=True)


@pytest.mark.parametrize(
    ("codes", "kinds"),
    [(["85232915", "85232919"], 1), (["85232915", "85238010"], 2), (["852329", "852329", "490199"], 2), (["", ""], 1),
     (["", "490199"], 2)],
)  # fmt: skip
def test_a_kind_is_six_digits_of_the_tariff(codes: list[str], kinds: int) -> None:
    found = duty([replace(TAPE, hs_code=code) for code in codes], "US", "FR", DAY)
    assert found is not None
    assert (found.kinds, found.total) == (kinds, Money(300 * kinds, "EUR"))


@pytest.mark.parametrize(
    ("origin", "to", "day", "due"),
    [
        ("GB", "DE", date(2026, 6, 30), False), ("GB", "DE", date(2026, 7, 1), True), ("GB", "DE", date(2028, 6, 30), True),
        ("GB", "DE", date(2028, 7, 1), False), ("FR", "DE", DAY, False), ("DE", "GB", DAY, False), ("GB", "CH", DAY, False),
        ("CH", "MC", DAY, True),
    ],
)  # fmt: skip
def test_when_and_where_it_holds(origin: str, to: str, day: date, due: bool) -> None:
    assert (duty([TAPE], origin, to, day) is not None) is due


def test_its_limit() -> None:
    assert duty([replace(TAPE, value=Money(15000, "EUR"))], "GB", "DE", DAY) is not None
    assert duty([replace(TAPE, value=Money(15001, "EUR"))], "GB", "DE", DAY) is None
    pounds = duty([replace(TAPE, value=Money(90000, "GBP"))], "GB", "DE", DAY)  # nobody knows the rate at the border
    assert pounds is not None
    assert pounds.sure is False
    assert duty([], "GB", "DE", DAY) is None


def test_every_rule_has_its_day_and_its_source_and_no_two_hold_at_once() -> None:
    for rule in RULES:
        assert rule.since < rule.until
        assert "looked up on 20" in rule.source
    for one in RULES:
        for other in RULES:
            assert one is other or not (one.into & other.into and one.since < other.until and other.since < one.until)


def _copies(kind: Format = Format.USB_ZINE) -> Copies:
    return Copies(7, kind, "50 sticks", 2, Money(3000, "EUR"), 120, "8523.51", "DE", "USB-001")


def test_a_copy_is_one_thing_unless_its_run_says_two() -> None:
    assert [(thing.what, thing.total, thing.weight) for thing in customs_things.things(_copies(), {})] == [
        ("Recorded USB stick with music", Money(6000, "EUR"), 120)
    ]
    two = customs_things.things(_copies(), {7: Second("Printed zine", "490199", 800, 90)})
    assert [(thing.what, thing.hs_code, thing.total, thing.weight) for thing in two] == [
        ("Recorded USB stick with music", "852351", Money(4400, "EUR"), 30), ("Printed zine", "490199", Money(1600, "EUR"), 90),
    ]  # fmt: skip
    found = duty(two, "GB", "DE", DAY)
    assert found is not None
    assert found.total == Money(600, "EUR")


def test_every_format_has_words_for_customs() -> None:
    assert set(KINDS) == set(Format)
    assert customs_things.called(_copies(Format.OTHER)) == "50 sticks"


def test_a_second_thing_is_kept_changed_and_taken_back(db: Database) -> None:
    _, run_id = open_drop(db)
    for second in (Second("Printed zine", "490199", 800, 30), Second("Shirt", "610910", 900, 40), None):
        with transaction(db) as session:
            second_things.say(session, session.get_one(Run, run_id), second)
        with reading(db) as session:
            assert second_things.of_runs(session, [run_id]) == ({run_id: second} if second else {})


@pytest.mark.parametrize(
    ("second", "field"),
    [
        (Second("", "490199", 800, 30), "what"), (Second("Zine", "4901", 800, 30), "hs_code"),
        (Second("Zine", "490199", 0, 30), "price"),
        (Second("Zine", "490199", 2400, 30), "price"), (Second("Zine", "490199", 800, 80), "weight"),
    ],
)  # fmt: skip
def test_a_second_thing_that_cannot_be(db: Database, second: Second, field: str) -> None:
    _, run_id = open_drop(db)
    with pytest.raises(BadInput) as no, transaction(db) as session:
        second_things.say(session, session.get_one(Run, run_id), second)
    assert set(no.value.fields) == {field}
