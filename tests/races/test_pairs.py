"""Every pair that can meet, one by one: the second deed is done inside the critical moment of the first, in both orders."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace

import pytest

from app.kernel.db import Database
from app.kernel.errors import Refusal
from app.payments.gateway import Gateway
from sandbox import Control as StripeControl
from tests.cast import StoppedClock
from tests.databases import loosen
from tests.races.desk_pairs import DESK
from tests.races.drop_pairs import DROPS
from tests.races.money_pairs import MONEY
from tests.races.pairs import Control, Pair, meet
from tests.races.rivals import no_locks
from tests.races.stock_pairs import STOCK
from tests.story import Story

pytestmark = pytest.mark.race

PAIRS = (*STOCK, *MONEY, *DESK, *DROPS)
GUARDED = [pair for pair in PAIRS if pair.control is not None]


def _named(pair: Pair) -> str:
    return pair.name.replace(" ", "-").replace("‖", "x")


@pytest.mark.parametrize("first", ["a", "b"])
@pytest.mark.parametrize("pair", PAIRS, ids=_named)
def test_pair(pair: Pair, first: str, story: Story) -> None:
    a, b = _play(pair, first, story, pair.stage(story))
    assert [said for said in (a, b) if isinstance(said, Exception) and not isinstance(said, Refusal)] == [], "a fault"


@pytest.fixture
def loose_story(breakable_db: Database, gateway: Gateway, clock: StoppedClock, stripe_control: StripeControl) -> Story:
    """A story on a database of its own, whose constraints may be removed."""
    return Story(breakable_db, gateway, clock, stripe_control)


@pytest.mark.parametrize("pair", GUARDED, ids=_named)
def test_control(pair: Pair, loose_story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its guard the race goes wrong: what must be true is not, or somebody meets a fault."""
    control = pair.control
    assert control is not None
    at = pair.stage(loose_story)
    _loosen(loose_story.db, *control.loose)
    for off in control.off:
        off(monkeypatch)
    with no_locks(loose_story.db) if control.bare else nullcontext(loose_story.db) as db:
        with pytest.raises(AssertionError):
            _play(_as_controlled(pair, control), control.first, replace(loose_story, db=db), at)


def test_how_many_races(record_property: Callable[[str, object], None]) -> None:
    names = [pair.name for pair in PAIRS]
    assert len(set(names)) == len(names)
    count = f"{len(PAIRS)} pairs × 2 orders × 2 databases = {len(PAIRS) * 4}"
    record_property("figure", f"races injected: {count}, and {len(GUARDED) * 2} controls that go wrong")


def _play(pair: Pair, first: str, story: Story, at: object) -> tuple[object, object]:
    if first == "a":
        a, b = meet(story, at, pair.a, pair.b)
    else:
        b, a = meet(story, at, pair.b, pair.a)
    pair.after(story, at, a, b)
    return a, b


def _as_controlled(pair: Pair, control: Control) -> Pair:
    """The pair with the control's own moment."""
    if control.moment is None:
        return pair
    if control.first == "a":
        return replace(pair, a=replace(pair.a, moment=control.moment))
    return replace(pair, b=replace(pair.b, moment=control.moment))


def _loosen(db: Database, *tables: str) -> None:
    """Take every constraint off some tables for good."""
    if tables:
        with db.engine.connect() as connection:
            loosen(connection, set(tables))
            connection.commit()
