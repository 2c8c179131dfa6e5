"""Every polite no a fan can meet: its own page, in plain words, with one thing to do next.

Their pages are older than the truth, so their scripts are off: a live page would have noticed.
"""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from app.drops.models import DropRun
from app.inventory.models import Copy
from app.inventory.states import CopyState
from app.kernel.db import reading
from sandbox.client import wait_for
from tests.browser import fan, stripe_page
from tests.browser.conftest import Visitors
from tests.browser.post import PATIENCE
from tests.browser.running import RunningShop
from tests.browser.shelf import Sale, change, hold, put_up


@pytest.fixture
def stale(shop: RunningShop, visitor: Visitors) -> Page:
    """A browser whose pages notice nothing by themselves."""
    return visitor(shop, java_script_enabled=False)


def _soon(shop: RunningShop) -> dict[str, Any]:
    return {"opens_at": shop.now() + timedelta(hours=1)}


def _over(shop: RunningShop) -> dict[str, Any]:
    return {"closed_at": shop.now()}


def _paused(shop: RunningShop) -> dict[str, Any]:
    return {"paused_at": shop.now(), "pause_reason": "The duplicator ate a tape."}


Change = Callable[[RunningShop], dict[str, Any]]


@pytest.mark.parametrize(
    ("what", "status", "headline", "says", "way_on"),
    [
        (_soon, 403, "Not open yet.", "Nobody has a head start", "Wait at the drop"),
        (_over, 403, "This drop is over.", "Nothing was held for you", "See what is coming"),
        (_paused, 403, "Paused.", "The duplicator ate a tape.", "Wait at the drop"),
        (lambda _: {"limit_per_fan": 1}, 409, "That is more than one fan may have.", "more people get one", "Choose fewer"),
    ],
    ids=["too-early", "over", "paused", "over-the-limit"],
)
def test_the_drop_changed_while_the_page_was_open(
    what: Change, status: int, headline: str, says: str, way_on: str, shop: RunningShop, stale: Page
) -> None:
    sale = put_up(shop, "Late Page", sizes=(5,))
    stale.goto(sale.path)
    change(shop, sale, **what(shop))
    _refused(stale, lambda: fan.take(stale, 2), status, headline, says)
    expect(stale.get_by_role("main").get_by_role("link", name=way_on)).to_be_visible()


def test_sold_out_by_a_moment(shop: RunningShop, stale: Page) -> None:
    sale = put_up(shop, "Two Left", sizes=(2,))
    stale.goto(sale.path)
    hold(shop, sale, 1)
    _refused(stale, lambda: fan.take(stale, 2), 409, "Fewer are left.", "Only one copy is free right now.")
    stale.get_by_role("link", name="Choose fewer").click()
    hold(shop, sale, 1)
    _refused(stale, lambda: fan.take(stale, 1), 409, "Too late by a moment.", "You have paid nothing.")
    stale.get_by_role("link", name="Watch the drop").click()
    _comes(stale, stale.get_by_role("heading", name="All 2 are held or sold."))


def test_a_hold_that_lapsed(shop: RunningShop, stale: Page) -> None:
    sale = put_up(shop, "Ten Minutes", sizes=(2,))
    stale.goto(sale.path)
    fan.take(stale, 1)
    mine = fan.holding(stale)
    shop.forward(minutes=11)
    _refused(stale, lambda: fan.press_pay(stale, "ada@example.org"), 410, "The time is over.", "You were not charged.")
    answer = stale.goto(mine)
    assert answer is not None
    assert answer.status == 410
    fan.headline(stale, "The time is over.")
    expect(stale.get_by_text("You were not charged.")).to_be_visible()
    stale.get_by_role("link", name="See what is left").click()
    expect(stale.get_by_role("button", name=re.compile("^Hold"))).to_be_visible()


def test_somebody_elses_hold(shop: RunningShop, stale: Page) -> None:
    sale = put_up(shop, "Not Yours", sizes=(2,))
    token = hold(shop, sale, 1)
    forged = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    answer = stale.goto(forged)
    assert answer is not None
    assert answer.status == 404
    fan.headline(stale, "Nothing here.")
    stale.goto("/holds")
    expect(stale.get_by_text("Nothing, right now.")).to_be_visible()


def test_you_are_paying(shop: RunningShop, stale: Page) -> None:
    sale = put_up(shop, "Half Way", sizes=(3,))
    stale.goto(sale.path)
    fan.take(stale, 1)
    mine = fan.holding(stale)
    fan.press_pay(stale, _someone())
    stale.wait_for_url("**/c/pay/**")
    stale.goto(sale.path)
    with stale.expect_navigation() as navigation:
        fan.take(stale, 2)
    assert navigation.value.status == 409
    expect(stale.get_by_role("alert")).to_contain_text("You are paying for this hold.")
    stale.get_by_role("button", name="Stop the payment").click()
    assert fan.holding(stale) == mine
    stale.goto(sale.path)
    fan.take(stale, 2)
    assert fan.holding(stale) == mine
    expect(stale.get_by_role("heading", level=1)).to_contain_text(re.compile(r"№ 1, № 2"))


def test_put_back(shop: RunningShop, stale: Page) -> None:
    sale = put_up(shop, "Second Thoughts", sizes=(3,))
    stale.goto(sale.path)
    fan.take(stale, 2)
    fan.holding(stale)
    stale.get_by_role("button", name="Put them back").click()
    fan.headline(stale, "Put back.")
    stale.get_by_role("link", name="Back to the drop").click()
    _comes(stale, stale.get_by_text("3 free"))


def test_paid_after_the_time_was_over(shop: RunningShop, stale: Page) -> None:
    sale = put_up(shop, "Slow Bank", sizes=(1,), limit=1)
    stale.goto(sale.path)
    fan.take(stale)
    mine = fan.holding(stale)
    fan.press_pay(stale, _someone())
    stale.wait_for_url("**/c/pay/**")
    shop.forward(minutes=11)
    _until_free(shop, sale)
    stripe_page.address(stale)
    stripe_page.card(stale, stripe_page.WORKS)
    expect(stale.get_by_text("a timeout occurred")).to_be_visible()
    stale.get_by_role("link", name="Back to Halbschatten").click()
    assert stale.url == mine
    fan.headline(stale, "The time is over.")


def _until_free(shop: RunningShop, sale: Sale) -> None:
    """The page's own counts are a moment old: they may be of the time before the copy was taken."""
    free = select(Copy.id).join(DropRun, DropRun.run_id == Copy.run_id)
    free = free.where(DropRun.drop_id == sale.drop_id, Copy.state == CopyState.AVAILABLE)

    def is_free() -> bool:
        with reading(shop.db) as session:
            return session.scalar(free.limit(1)) is not None

    wait_for(is_free, PATIENCE)


def _comes(page: Page, what: Locator) -> None:
    """A drop's page may be of a moment ago, and this browser's do not follow: it is loaded again until it shows this."""

    def shown() -> bool:
        if what.is_visible():
            return True
        page.reload()
        return what.is_visible()

    wait_for(shown, PATIENCE)


def _someone() -> str:
    return f"ada.{uuid.uuid4().hex[:6]}@example.org"


def _refused(page: Page, deed: Callable[[], None], status: int, headline: str, says: str) -> None:
    with page.expect_navigation() as navigation:
        deed()
    assert navigation.value.status == status
    fan.headline(page, headline)
    expect(page.get_by_role("main")).to_contain_text(says)
    expect(page.get_by_role("main").get_by_role("link").or_(page.get_by_role("main").get_by_role("button")).first).to_be_visible()
