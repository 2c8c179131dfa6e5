"""The desk by keyboard alone: signing in, drop day, and each key that the guide lists."""

import re
from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn, Visitors
from tests.browser.keys import Keys
from tests.browser.running import RunningShop
from tests.day import sale
from tests.day.sale import Sold
from tests.day.shop import DayShop
from tests.staff.test_guide import EVERYWHERE
from tests.staff.test_guide import keys as keys_of_the_guide


@pytest.fixture(scope="module")
def sold(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningShop, Sold]]:
    """A label with five paid orders, and its shop running."""
    shop = DayShop(tmp_path_factory.mktemp("keys"))
    try:
        sale.open_label(shop)
        yield shop, sale.sell(shop, orders=4, ticked=0, single=1)
    finally:
        shop.stop()


def test_sign_in_and_drop_day_by_keys(sold: tuple[RunningShop, Sold], visitor: Visitors) -> None:
    shop, _ = sold
    keys = Keys(visitor(shop))
    _sign_in(shop, keys)
    _drop_day(keys)
    assert keys.pointer == []


def _sign_in(shop: RunningShop, keys: Keys) -> None:
    """Past the password to a new app, and past the rail to what the page is about."""
    page, (email, password) = keys.page, shop.add_staff("kim@schacht.example", "--name", "Kim")
    page.goto("/staff/")
    keys.to(page.get_by_label("E-mail"))
    keys.write(email)
    keys.to(page.get_by_label("Password"))
    keys.write(password)
    keys.press("Enter")
    keys.is_at("A second factor")
    secret = page.locator(".secret").inner_text().replace(" ", "")
    keys.to(page.get_by_label("The code it shows"))
    keys.write(pyotp.TOTP(secret).at(shop.now()))
    keys.press("Enter")
    keys.enter(page.get_by_role("link", name="I have kept them"))
    keys.is_at("Today")
    keys.press("Tab")
    keys.look()
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def _drop_day(keys: Keys) -> None:
    page = keys.page
    keys.press("d")
    keys.is_at("Drops")
    keys.press("j")
    keys.look()
    keys.press("Enter")
    keys.enter(page.get_by_role("link", name="Drop day"))
    for key, why, after in (("z", "The kettle.", "y"), ("x", "The wrong tapes.", None), ("y", "The right ones came.", None)):
        expect(page.locator(f"#switches [data-key={key}]")).to_be_visible()
        keys.press(key)
        keys.to(page.get_by_label("Why"))
        keys.write(why)
        keys.press("Escape", "y")  # out of the field, and yes
        expect(page.locator("#day")).to_contain_text(why)
        if after:
            expect(page.locator(f"#switches [data-key={after}]")).to_have_text(re.compile("Resume"))
            keys.press(after)
            expect(page.locator("#day")).not_to_contain_text(why)
    stop = page.locator("#switches [data-key=x]")
    keys.to(stop)
    first = page.locator("#day .mono", has_text="as of").inner_text()
    expect(page.locator("#day .mono", has_text="as of")).not_to_have_text(first)  # swapped, and the focus is where it was
    expect(stop).to_be_focused()
    keys.look()


def test_each_key_of_the_guide_does_what_it_says(sold: tuple[RunningShop, Sold], visitor: Visitors, signed_in: SignIn) -> None:
    shop, _ = sold
    page = visitor(shop)
    page.context.add_cookies(signed_in(shop, shop.login))
    keys = Keys(page)
    page.goto("/staff/")
    for key, words in keys_of_the_guide().items():
        if key not in EVERYWHERE:
            keys.press(*key.split())
            expect(page.locator(".rail-nav [aria-current=page]")).to_contain_text(words)
    keys.press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    expect(sheet.get_by_text("g b", exact=True)).to_be_visible()
    _trap(page, keys)
    keys.press("Escape")
    expect(sheet).to_be_hidden()
    keys.press("g", "Escape", "b")
    expect(page.locator(".rail-nav [aria-current=page]")).to_contain_text("Audit")  # Escape took the g back


def _trap(page: Page, keys: Keys) -> None:
    """What is open keeps the focus to itself, and shows it."""
    for _ in range(4):
        keys.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
