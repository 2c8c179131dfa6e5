"""A drop's door in every state, and a millisecond before and after each boundary."""

from datetime import datetime, timedelta

import pytest

from app.drops import doors
from app.drops.doors import Door, DoorState
from app.drops.models import Drop
from app.kernel.errors import Closed, NotFound, NotOpenYet, Paused, Refusal
from tests.cast import NOW

MS = timedelta(milliseconds=1)
OPENS, CLOSES = NOW, NOW + timedelta(hours=2)
SOON = timedelta(minutes=15)


def _door(*, published: bool = True, paused: bool = False, closes: datetime | None = CLOSES) -> Door:
    return Door(published, OPENS, closes, paused)


@pytest.mark.parametrize(
    ("door", "now", "available", "held", "state"),
    [
        (_door(published=False), OPENS, 5, 0, DoorState.DRAFT),
        (_door(), OPENS - SOON - MS, 5, 0, DoorState.ANNOUNCED),
        (_door(), OPENS - SOON, 5, 0, DoorState.ABOUT_TO_OPEN),
        (_door(), OPENS - MS, 5, 0, DoorState.ABOUT_TO_OPEN),
        (_door(), OPENS, 5, 0, DoorState.OPEN),
        (_door(), CLOSES - MS, 1, 0, DoorState.OPEN),
        (_door(), CLOSES, 5, 0, DoorState.CLOSED),
        (_door(closes=None), CLOSES + timedelta(days=900), 5, 0, DoorState.OPEN),
        (_door(), OPENS, 0, 1, DoorState.ALL_HELD),
        (_door(), OPENS, 0, 0, DoorState.SOLD_OUT),
        (_door(), OPENS - MS, 0, 0, DoorState.ABOUT_TO_OPEN),
        (_door(paused=True), OPENS, 5, 0, DoorState.PAUSED),
        (_door(paused=True), OPENS, 0, 1, DoorState.PAUSED),
        (_door(paused=True), OPENS, 0, 0, DoorState.SOLD_OUT),
        (_door(paused=True), OPENS - MS, 5, 0, DoorState.PAUSED),
        (_door(paused=True), CLOSES, 5, 0, DoorState.CLOSED),
    ],
)
def test_what_the_page_says(door: Door, now: datetime, available: int, held: int, state: DoorState) -> None:
    assert doors.state(door, now, available=available, held=held) is state


def _drop(**decided: datetime | str | None) -> Drop:
    kept = {"published_at": NOW, "opens_at": OPENS, "closes_at": CLOSES, "closed_at": None, "paused_at": None, "pause_reason": ""}
    return Drop(slug="night-bus", **{**kept, **decided})


def _knock(drop: Drop, now: datetime) -> None:
    doors.knock(Door.of(drop), drop.slug, now)


@pytest.mark.parametrize(
    ("drop", "now", "refusal"),
    [
        (_drop(published_at=None), OPENS, NotFound),
        (_drop(), OPENS - MS, NotOpenYet),
        (_drop(paused_at=NOW), OPENS - MS, NotOpenYet),
        (_drop(), CLOSES, Closed),
        (_drop(closed_at=NOW + timedelta(minutes=1)), NOW + timedelta(minutes=1), Closed),
        (_drop(closed_at=CLOSES + timedelta(hours=1)), CLOSES, Closed),
        (_drop(paused_at=NOW, pause_reason="The van broke down."), OPENS, Paused),
    ],
)
def test_who_knocks_too_early_or_too_late(drop: Drop, now: datetime, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        _knock(drop, now)


def test_fans_are_told_why_it_was_stopped() -> None:
    with pytest.raises(Closed, match=r"^The label has stopped this drop\. Wrong tapes\. Nothing was held for you\.$"):
        _knock(_drop(closed_at=OPENS, close_reason="Wrong tapes.", paused_at=OPENS, pause_reason="Counting."), OPENS)
    with pytest.raises(Closed, match=r"^This drop is over\. Nothing was held for you\.$"):
        _knock(_drop(paused_at=OPENS, pause_reason="Counting."), CLOSES)


@pytest.mark.parametrize(("drop", "now"), [(_drop(), OPENS), (_drop(), CLOSES - MS), (_drop(closes_at=None), CLOSES)])
def test_who_knocks_in_time(drop: Drop, now: datetime) -> None:
    _knock(drop, now)


def test_a_pause_says_why() -> None:
    with pytest.raises(Paused, match=r"paused this drop\. The van broke down\. Holds"):
        _knock(_drop(paused_at=NOW, pause_reason="The van broke down."), OPENS)
