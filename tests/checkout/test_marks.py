"""What stands on Stripe's objects: enough to tell what was sold, within Stripe's limits, and read with care."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.checkout import marks
from app.checkout.marks import Marks, SoldLine, _numbers, _ranges
from app.inventory.models import Hold
from app.kernel.money import Money
from app.orders.models import Order
from app.orders.totals import Postage, Quote, QuoteLine
from app.payments.models import CheckoutAttempt

NOTHING = Marks(0, 0, "", (), 0, 0, 0, "")


def _quote(*lines: tuple[int, int, tuple[int, ...]]) -> Quote:
    made = tuple(QuoteLine(run, f"Mira Vale – Night Bus ({run})", numbers, 100, Money(unit, "EUR")) for run, unit, numbers in lines)
    return Quote(made, Postage(4, "Letter", "DE", Money(195, "EUR")))


def _written(quote: Quote) -> dict[str, str]:
    return marks.of_session(CheckoutAttempt(id=7, idempotency_key="session:5:1:1"), Hold(id=5), quote, "night-bus", "shop.example")


def test_what_is_written_is_read() -> None:
    written = _written(_quote((12, 2400, (17, 18, 19, 22)), (13, 900, (5,))))
    assert written == {
        "shop": "shop.example",
        "hold": "5",
        "attempt": "7",
        "key": "session:5:1:1",
        "drop": "night-bus",
        "lines": "12@2400:17-19,22;13@900:5",
        "rate": "4",
        "copies": "Mira Vale – Night Bus (12): № 017, 018, 019, 022/100; Mira Vale – Night Bus (13): № 005/100",
    }
    read = marks.read({**written, **marks.of_order(Order(id=41, number=42))})
    assert read.lines == (SoldLine(12, 2400, (17, 18, 19, 22)), SoldLine(13, 900, (5,)))
    assert (read.hold_id, read.attempt_id, read.drop, read.rate_id, read.order_number, read.order_id) == (
        5,
        7,
        "night-bus",
        4,
        42,
        41,
    )


def test_what_is_too_long_is_left_out_rather_than_cut_off() -> None:
    written = _written(_quote(*[(run, 2400, tuple(range(1, 100, 2))) for run in range(5)]))
    assert written["lines"] == ""
    assert all(len(value) <= 500 for value in written.values())
    assert marks.read(written).lines == ()


@given(st.sets(st.integers(1, 2000), min_size=1, max_size=60))
def test_numbers_survive_being_written_as_ranges(numbers: set[int]) -> None:
    assert _numbers(_ranges(sorted(numbers))) == tuple(sorted(numbers))


@pytest.mark.parametrize(
    "lines", ["x", "12@2400", "12@2400:", "12@2400:1-2-3", "12@2400:1;", "@:", "12@-1:1", "12@2400:1-", "1" * 30 + "@1:1"]
)
def test_what_we_would_not_have_written_is_nothing(lines: str) -> None:
    read = marks.read({"lines": lines, "hold": "five", "order": "-1"})
    assert (read.lines, read.hold_id, read.order_number) == ((), 0, 0)


def test_an_object_that_says_nothing() -> None:
    assert marks.read({}) == NOTHING
