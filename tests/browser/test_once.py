"""A form is sent once, however often it is clicked while the answer is on its way."""

from typing import Any

from playwright.sync_api import Page
from sqlalchemy import func, select

from app.inventory.models import Hold
from app.kernel.db import reading
from tests.browser import fan
from tests.browser.conftest import PHONE, Visitors
from tests.browser.held import Held
from tests.browser.running import RunningShop
from tests.browser.shelf import put_up

# Clicks, the page coming back from the history, and which of the three submits was stopped; none is really sent.
AGAIN = """() => {
  const stopped = [], button = document.querySelector('form.offers button');
  addEventListener('submit', (event) => { stopped.push(event.defaultPrevented); event.preventDefault(); });
  button.click();
  button.click();
  dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
  button.click();
  return stopped;
}"""


def _posts(page: Page) -> list[str]:
    posts: list[str] = []

    def note(request: Any) -> None:
        if request.method == "POST":
            posts.append(request.url)

    page.on("request", note)
    return posts


def _double_click(page: Page) -> None:
    """With the mouse itself: a locator's click would wait for the answer that is held."""
    button = page.get_by_role("button", name="Hold copies")
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box is not None
    page.mouse.dblclick(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, delay=40)


def test_two_first_clicks_are_one_post_and_one_hold(shop: RunningShop, visitor: Visitors) -> None:
    sale = put_up(shop, "Twice Pressed", sizes=(4,))
    page = visitor(shop, PHONE)
    page.goto(sale.path)
    posts, held = _posts(page), Held(page, "**/drops/*/holds")
    _double_click(page)
    page.wait_for_timeout(500)  # a second post would be on its way by now
    held.let_go()
    fan.holding(page)
    assert posts == [f"{shop.url}{sale.path}/holds"]
    with reading(shop.db) as session:
        assert session.scalar(select(func.count()).where(Hold.drop_id == sale.drop_id)) == 1


def test_who_comes_back_can_send_again(shop: RunningShop, visitor: Visitors) -> None:
    page = visitor(shop)
    page.goto(put_up(shop, "Come Back", sizes=(4,)).path)
    assert page.evaluate(AGAIN) == [False, True, False]
