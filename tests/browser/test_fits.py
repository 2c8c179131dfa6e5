"""The books' tables need no scrolling on a phone."""

from playwright.sync_api import expect

from tests.browser.conftest import PHONE, SignIn, Visitors
from tests.browser.running import RunningShop

TOO_WIDE = """() => [...document.querySelectorAll('.table-wrap')].filter((it) => it.scrollWidth > it.clientWidth)
  .map((it) => `${it.getAttribute('aria-label')}: ${it.scrollWidth} in ${it.clientWidth}`)"""


def test_the_books_fit_a_phone(shop: RunningShop, visitor: Visitors, signed_in: SignIn) -> None:
    page = visitor(shop, PHONE)
    page.context.add_cookies(signed_in(shop, shop.login))
    page.goto("/staff/books?span=this-year")
    expect(page.get_by_role("table", name="By run")).to_be_visible()
    assert page.evaluate(TOO_WIDE) == []
