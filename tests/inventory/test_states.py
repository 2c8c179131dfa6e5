"""The life-cycles of copies and holds: every pair of states, allowed or not."""

import itertools

import pytest

from app.inventory.states import CopyState, HoldState, IllegalMove, check_copy, check_hold

COPY = {
    "available>held", "available>allocated", "available>withdrawn", "held>available", "held>allocated", "held>withdrawn",
    "allocated>available", "allocated>shipped", "allocated>withdrawn", "withdrawn>available",
    "shipped>available", "shipped>withdrawn",
}  # fmt: skip
HOLD = {"active>closing", "active>put_back", "active>spent", "closing>put_back", "closing>spent", "put_back>spent"}


@pytest.mark.parametrize(("before", "after"), list(itertools.product(CopyState, CopyState)))
def test_copies(before: CopyState, after: CopyState) -> None:
    if f"{before}>{after}" in COPY:
        check_copy(before, after)
    else:
        with pytest.raises(IllegalMove, match=f"from {before} to {after}"):
            check_copy(before, after)


@pytest.mark.parametrize(("before", "after"), list(itertools.product(HoldState, HoldState)))
def test_holds(before: HoldState, after: HoldState) -> None:
    if f"{before}>{after}" in HOLD:
        check_hold(before, after)
    else:
        with pytest.raises(IllegalMove, match=f"from {before} to {after}"):
            check_hold(before, after)
