"""The quote: lines with numbers, postage by weight and country, the cheapest way unless another was chosen."""

import pytest

from app.checkout.details import Details, say_where_to
from app.checkout.quote import Choice, quote
from app.inventory.models import Hold
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import CannotPostThere
from tests.builders import make_drop, make_label, make_release, make_run, open_drop, take_some
from tests.cast import ADA, NOW


def _quote(db: Database, hold: int, country: str = "", rate: int | None = None) -> Choice:
    with transaction(db) as session:
        say_where_to(session, hold, Details(ADA.email, country, rate, ""), NOW)
    with reading(db) as session:
        return quote(session, session.get_one(Hold, hold))


def test_lines_numbers_and_the_cheapest_way_home(db: Database) -> None:
    drop, run = open_drop(db)
    choice = _quote(db, take_some(db, drop, {run: 2}).hold.id)
    [line] = choice.quote.lines
    assert (line.title, line.numbers, line.unit.amount) == ("Mira Vale – Night Bus (10 numbered, clear shell)", (1, 2), 2400)
    assert (choice.quote.postage.name, choice.quote.postage.country, choice.quote.total.amount) == ("Letter", "DE", 4995)
    assert [(offer.name, offer.amount.amount) for offer in choice.offers] == [("Letter", 195), ("Parcel, tracked", 619)]


def test_another_way_is_taken_when_it_serves(db: Database) -> None:
    drop, run = open_drop(db)
    hold = take_some(db, drop, {run: 1}).hold.id
    assert _quote(db, hold, "DE", 2).quote.total.amount == 2400 + 619
    assert _quote(db, hold, "JP", 2).quote.total.amount == 2400 + 1499  # a rate that does not serve Japan gives way


def test_weight_decides(db: Database) -> None:
    drop, run = open_drop(db)
    assert _quote(db, take_some(db, drop, {run: 6}).hold.id).quote.postage.name == "Parcel, tracked"  # 6 × 80 g + 60 g


def test_packaging_counts(db: Database) -> None:
    with transaction(db) as session:
        run = make_run(session, make_release(session, make_label(session, packaging_weight=421)))
        drop = make_drop(session, [run])
    assert _quote(db, take_some(db, drop.id, {run.id: 1}).hold.id).quote.postage.name == "Parcel, tracked"  # 501 g


def test_where_nothing_goes(db: Database) -> None:
    with transaction(db) as session:
        run = make_run(session, make_release(session, make_label(session)), weight=2000)
        drop = make_drop(session, [run])
    with pytest.raises(CannotPostThere) as refusal:
        _quote(db, take_some(db, drop.id, {run.id: 1}).hold.id, "JP")
    assert (refusal.value.context, refusal.value.status) == ({"country": "JP"}, 422)


def test_currencies_without_decimals(db: Database) -> None:
    drop, run = open_drop(db, price=3000, currency="JPY")
    total = _quote(db, take_some(db, drop, {run: 1}).hold.id).quote.total
    assert (total.amount, total.currency, total.format()) == (3195, "JPY", "¥3,195")
