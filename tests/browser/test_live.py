"""What others do shows on an open page without a reload."""

import re
from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.browser import fan
from tests.browser.conftest import PHONE, SignIn, Visitors
from tests.browser.running import RunningShop
from tests.browser.shelf import change, hold, put_up

MARK = "window.sameDocument = true"


def _still_the_same(page: Page) -> None:
    assert page.evaluate("window.sameDocument") is True


def test_strip_and_counts_follow_another_fan(shop: RunningShop, visitor: Visitors) -> None:
    sale = put_up(shop, "Shared Lift", sizes=(6,))
    ada, ben = visitor(shop), visitor(shop, PHONE)
    for page in (ada, ben):
        page.goto(sale.path)
    ben.evaluate(MARK)
    strip = ben.locator("[data-strip]")
    expect(strip).to_have_attribute("data-copies", "aaaaaa")
    fan.take(ada, 2)
    fan.holding(ada)
    expect(strip).to_have_attribute("data-copies", "hhaaaa")
    expect(strip.locator("path.held")).to_have_count(1)
    expect(ben.get_by_text("4 free", exact=True)).to_be_visible()
    expect(ben.get_by_text("2 held", exact=True)).to_be_visible()
    ada.get_by_role("button", name="Put them back").click()
    expect(strip).to_have_attribute("data-copies", "aaaaaa")
    expect(ben.get_by_text("6 free", exact=True)).to_be_visible()
    _still_the_same(ben)


def test_a_page_where_all_is_held_opens_again(shop: RunningShop, visitor: Visitors) -> None:
    sale = put_up(shop, "Only One", sizes=(1,), limit=1)
    ada, ben = visitor(shop), visitor(shop, PHONE)
    ben.goto(sale.path)
    ben.evaluate(MARK)
    expect(ben.get_by_role("button", name="Hold one")).to_be_visible()
    ada.goto(sale.path)
    fan.take(ada)
    fan.holding(ada)
    expect(ben.get_by_role("heading", name="The one copy is held.")).to_be_visible()
    expect(ben.get_by_role("button", name="Hold one")).to_have_count(0)
    ada.get_by_role("button", name="Put it back").click()
    expect(ben.get_by_role("button", name="Hold one")).to_be_visible()
    _still_the_same(ben)
    fan.take(ben)
    fan.holding(ben)


def test_a_pause_and_its_end_show(shop: RunningShop, visitor: Visitors) -> None:
    sale = put_up(shop, "Short Break", sizes=(3,))
    page = visitor(shop)
    page.goto(sale.path)
    page.evaluate(MARK)
    change(shop, sale, paused_at=shop.now(), pause_reason="The kettle.")
    expect(page.get_by_text("“The kettle.”")).to_be_visible()
    change(shop, sale, paused_at=None, pause_reason="")
    expect(page.get_by_role("button", name="Hold copies")).to_be_visible()
    _still_the_same(page)


def test_the_timer_counts_and_the_page_says_when_it_is_over(shop: RunningShop, visitor: Visitors) -> None:
    sale = put_up(shop, "One Minute", sizes=(2,), hold_minutes=1)
    page = visitor(shop)
    page.goto(hold(shop, sale, 1, now=shop.now() - timedelta(seconds=52)))
    expect(page.get_by_text(re.compile(r"0:0\d left"))).to_be_visible()
    fan.headline(page, "The time is over.")


def test_drop_day_follows(shop: RunningShop, visitor: Visitors, signed_in: SignIn) -> None:
    sale = put_up(shop, "Kitchen Screen", sizes=(5,))
    page = visitor(shop)
    page.context.add_cookies(signed_in(shop, shop.login))
    page.goto(f"/staff/drops/{sale.drop_id}/day")
    page.evaluate(MARK)
    expect(page.get_by_text("5 free", exact=True)).to_be_visible()
    hold(shop, sale, 2)
    expect(page.get_by_text("3 free", exact=True)).to_be_visible()
    expect(page.get_by_text("2 held", exact=True)).to_be_visible()
    _still_the_same(page)
