"""Everything that matters can be reached and done with keys alone, and the focus is always seen."""

import uuid

from playwright.sync_api import Locator, Page, expect

from tests.browser import fan
from tests.browser.conftest import DESKTOP, SignIn, Visitors
from tests.browser.running import RunningShop
from tests.browser.shelf import put_up

RING = """() => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
  return { ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2, seen: box.width > 0 && box.bottom > 0
           && box.top < innerHeight, what: e.outerHTML.slice(0, 120) };
}"""


def _tab_to(page: Page, target: Locator, key: str = "Tab") -> None:
    """Press Tab until the target has the focus; every stop on the way must be seen."""
    for _ in range(80):
        page.keyboard.press(key)
        stop = page.evaluate(RING)
        assert stop["ring"], f"no focus ring on {stop['what']}"
        assert stop["seen"], f"out of sight: {stop['what']}"
        if target.evaluate("(e) => e === document.activeElement"):
            return
    raise AssertionError(f"{target} is not reached by {key}")


def test_a_fan_takes_and_pays_with_keys(shop: RunningShop, visitor: Visitors) -> None:
    sale = put_up(shop, "Ten Keys", sizes=(4,))
    page = visitor(shop)
    page.goto(sale.path)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    _tab_to(page, page.get_by_label("How many"))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("How many")).to_have_value("2")
    _tab_to(page, page.get_by_role("button", name="Hold copies"))
    page.keyboard.press("Enter")
    fan.holding(page)
    _tab_to(page, page.get_by_label("E-mail"))
    page.keyboard.type(f"ada.{uuid.uuid4().hex[:6]}@example.org")
    _tab_to(page, page.get_by_label("Country"))
    _tab_to(page, page.get_by_role("radio").first)
    pay = page.get_by_role("button", name="Pay ")
    before = pay.inner_text()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio").nth(1)).to_be_checked()
    expect(pay).not_to_have_text(before)
    _tab_to(page, pay)
    page.keyboard.press("Enter")
    page.wait_for_url("**/c/pay/**")


def test_the_desk_has_keys(shop: RunningShop, visitor: Visitors, signed_in: SignIn) -> None:
    page = visitor(shop, DESKTOP)
    page.context.add_cookies(signed_in(shop, shop.login))
    page.goto("/staff/")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("?hanne")
    expect(page.get_by_role("searchbox")).to_have_value("?hanne")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_be_visible()
    expect(keys.get_by_text("Orders", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.keyboard.press("o")
    page.wait_for_url("**/staff/orders")
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.get_by_role("main").get_by_role("row").nth(2).get_by_role("link").first
    expect(second).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/staff/orders/*")
