"""A crowd at the door: whoever clicks is told to wait, in a page that looks like the shop and sends the click again by itself."""

import threading
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, Route, expect

from tests.browser import fan
from tests.browser.checks import CONTRAST, overflow, picture, report, settled, violations
from tests.browser.conftest import DESKTOP, PHONE, Visitors
from tests.browser.running import RunningShop
from tests.browser.shelf import Sale, put_up
from tests.browser.watch import shift

TITLE = "You are in, one moment."
COOKIE = "tabs=many"


class Crowd(threading.Thread):
    """All that a browser's other tabs may do: they ask for a run that is not there, more often than one person may in a second."""

    def __init__(self, address: str) -> None:
        super().__init__(daemon=True)
        self._address, self._gone, self._shut = address, threading.Event(), threading.Event()

    def run(self) -> None:
        """Click until sent away; note each moment from which the door is shut for the rest of a second."""
        with requests.Session() as line:
            line.headers["Cookie"] = COOKIE
            before = 0
            while not self._gone.is_set():
                status = line.post(self._address, {"run": "none"}, timeout=30).status_code
                if status == 429 != before:
                    self._shut.set()
                before = status

    def let_in_behind(self, route: Route) -> None:
        """A click that arrives when the door has just been shut."""
        self._shut.clear()
        assert self._shut.wait(20), "it was no crowd"
        route.continue_()

    def go(self) -> None:
        """Enough."""
        self._gone.set()
        self.join()


def busy(shop: RunningShop, page: Page, sale: Sale) -> None:
    """Click into a crowd, which then goes away."""
    name, _, value = COOKIE.partition("=")
    page.context.add_cookies([{"name": name, "value": value, "url": shop.url}])
    page.goto(sale.path)
    crowd = Crowd(f"{shop.url}{sale.path}/holds")
    crowd.start()
    page.route("**/holds", crowd.let_in_behind, times=1)
    try:
        fan.take(page)
        fan.headline(page, TITLE)
    finally:
        crowd.go()


@pytest.mark.parametrize("kind", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_how_it_looks(shop: RunningShop, visitor: Visitors, kind: dict[str, Any]) -> None:
    sale, page, width = put_up(shop, "Far Too Many", sizes=(3,)), visitor(shop, kind), kind["viewport"]["width"]
    page.add_init_script("HTMLFormElement.prototype.requestSubmit = () => {}")  # it shall stand still
    busy(shop, page, sale)
    settled(page)
    found = violations(page)
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme} {one}" for one in violations(page, CONTRAST)]
        picture(page, "no-busy", width, scheme)
    assert not found, report(found)
    assert not overflow(page)
    assert shift(page)[0] <= 0.05


def test_the_click_is_sent_again_by_itself(shop: RunningShop, visitor: Visitors) -> None:
    sale, page = put_up(shop, "Patience", sizes=(3,)), visitor(shop)
    busy(shop, page, sale)
    assert fan.holding(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("№")


def test_without_script_it_leads_back_to_the_drop_by_itself(shop: RunningShop, visitor: Visitors) -> None:
    sale, page = put_up(shop, "By Hand", sizes=(3,)), visitor(shop, java_script_enabled=False)
    busy(shop, page, sale)
    page.wait_for_url(f"**{sale.path}")
    fan.take(page)
    assert fan.holding(page)
