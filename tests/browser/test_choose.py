"""Who fills in what belongs to one choice has made that choice."""

from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, SignIn, Visitors
from tests.browser.running import RunningShop


def test_touching_a_part_of_a_refund_chooses_it(shop: RunningShop, visitor: Visitors, signed_in: SignIn) -> None:
    page = visitor(shop, DESKTOP)
    page.context.add_cookies(signed_in(shop, shop.login))
    page.goto("/staff/orders?stage=shipped")
    page.get_by_role("main").get_by_role("row").nth(1).get_by_role("link").first.click()
    page.get_by_role("link", name="Give money back").click()
    words = ("Everything that is left", "Copies and postage that", "An amount, whatever")
    whole, parts, amount = (page.get_by_label(each) for each in words)
    expect(whole).to_be_checked()
    page.get_by_label("Money back for №").first.check()
    expect(parts).to_be_checked()
    page.get_by_label("Amount in EUR").fill("1")
    expect(amount).to_be_checked()
