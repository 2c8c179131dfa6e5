"""The life-cycles of copies and holds, as pure tables; an illegal move raises."""

from enum import StrEnum


class CopyState(StrEnum):
    """Where a copy is in its life."""

    AVAILABLE = "available"
    HELD = "held"
    ALLOCATED = "allocated"
    SHIPPED = "shipped"
    WITHDRAWN = "withdrawn"


class HoldState(StrEnum):
    """A hold is live while active or closing; closing waits for Stripe to say that nobody can pay any more."""

    ACTIVE = "active"
    CLOSING = "closing"
    PUT_BACK = "put_back"
    SPENT = "spent"


LIVE = (HoldState.ACTIVE, HoldState.CLOSING)

COPY_MOVES: dict[CopyState, frozenset[CopyState]] = {
    CopyState.AVAILABLE: frozenset({CopyState.HELD, CopyState.ALLOCATED, CopyState.WITHDRAWN}),
    CopyState.HELD: frozenset({CopyState.AVAILABLE, CopyState.ALLOCATED, CopyState.WITHDRAWN}),
    CopyState.ALLOCATED: frozenset({CopyState.AVAILABLE, CopyState.SHIPPED, CopyState.WITHDRAWN}),
    CopyState.WITHDRAWN: frozenset({CopyState.AVAILABLE}),
    CopyState.SHIPPED: frozenset({CopyState.AVAILABLE, CopyState.WITHDRAWN}),  # a goods return
}

HOLD_MOVES: dict[HoldState, frozenset[HoldState]] = {
    HoldState.ACTIVE: frozenset({HoldState.CLOSING, HoldState.PUT_BACK, HoldState.SPENT}),
    HoldState.CLOSING: frozenset({HoldState.PUT_BACK, HoldState.SPENT}),
    HoldState.PUT_BACK: frozenset({HoldState.SPENT}),  # late money found free copies
    HoldState.SPENT: frozenset(),
}


class IllegalMove(Exception):
    """A move that no life-cycle allows: a fault of ours, never a fan's."""


def check_copy(before: CopyState, after: CopyState) -> None:
    """IllegalMove unless a copy may go from `before` to `after`."""
    if after not in COPY_MOVES[before]:
        raise IllegalMove(f"a copy cannot go from {before} to {after}")


def check_hold(before: HoldState, after: HoldState) -> None:
    """IllegalMove unless a hold may go from `before` to `after`."""
    if after not in HOLD_MOVES[before]:
        raise IllegalMove(f"a hold cannot go from {before} to {after}")
