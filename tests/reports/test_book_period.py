"""The stretches of time that books are kept by: whole days of the label's calendar."""

from datetime import UTC, date, datetime

import pytest

from app.reports.book_period import Period, Span, of_span

EVE = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)  # 00:30 on 1 January in Berlin


@pytest.mark.parametrize(
    ("span", "zone", "first", "last"),
    [
        (Span.THIS_MONTH, "UTC", date(2026, 12, 1), date(2026, 12, 31)),
        (Span.THIS_MONTH, "Europe/Berlin", date(2027, 1, 1), date(2027, 1, 31)),
        (Span.LAST_MONTH, "Europe/Berlin", date(2026, 12, 1), date(2026, 12, 31)),
        (Span.THIS_QUARTER, "UTC", date(2026, 10, 1), date(2026, 12, 31)),
        (Span.LAST_QUARTER, "UTC", date(2026, 7, 1), date(2026, 9, 30)),
        (Span.LAST_QUARTER, "Europe/Berlin", date(2026, 10, 1), date(2026, 12, 31)),
        (Span.THIS_YEAR, "UTC", date(2026, 1, 1), date(2026, 12, 31)),
        (Span.LAST_YEAR, "UTC", date(2025, 1, 1), date(2025, 12, 31)),
    ],
)
def test_spans_by_the_zones_calendar(span: Span, zone: str, first: date, last: date) -> None:
    assert of_span(span, EVE, zone) == Period(first, last, zone)


def test_days_are_as_long_as_the_zone_has_them() -> None:
    turned = Period(date(2026, 10, 25), date(2026, 10, 25), "Europe/Berlin")
    assert (turned.begins, turned.ends) == (datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC))
    assert (turned.days, turned.day_of(datetime(2026, 10, 25, 22, 59, tzinfo=UTC))) == (1, date(2026, 10, 25))
