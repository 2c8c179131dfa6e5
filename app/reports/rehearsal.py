"""A drop page in a state that has not come yet, with copies and times made up to fit, for staff to look at."""

from dataclasses import replace
from datetime import timedelta

from app.drops.doors import DoorState
from app.inventory.counts import Stock
from app.reports.drop_sheet import DropPage
from app.reports.endings import Ending

# Staff look at a state before it comes: at which moment, and what would have become of the copies by then.
_REHEARSED = {
    DoorState.ANNOUNCED: (timedelta(days=-2), "a"),
    DoorState.ABOUT_TO_OPEN: (timedelta(minutes=-4), "a"),
    DoorState.OPEN: (timedelta(minutes=1), "a"),
    DoorState.ALL_HELD: (timedelta(minutes=2), "h"),
    DoorState.PAUSED: (timedelta(minutes=3), "a"),
    DoorState.SOLD_OUT: (timedelta(minutes=41), "s"),
    DoorState.CLOSED: (timedelta(days=2), "a"),
}


def rehearsed(page: DropPage, state: DoorState) -> DropPage:
    """The page as it will look in this state."""
    since, letter = _REHEARSED.get(state, (timedelta(0), "a"))
    now = page.opens_at + since
    closes = min(filter(None, (page.closes_at, now))) if state is DoorState.CLOSED else page.closes_at
    offers = tuple(
        replace(offer, pressing=replace(offer.pressing, stock=Stock(offer.pressing.stock.run_id, letter * offer.pressing.edition)))
        for offer in page.offers
    )
    return replace(
        page,
        state=state,
        now=now,
        closes_at=closes,
        offers=offers,
        paused_at=page.paused_at or now,
        pause_reason=page.pause_reason or "The reason you give stands here.",
        ending=Ending(holds=9, minutes=4),
        sold_out_at=now,
        preview=True,
    )
