"""Nothing moves for somebody who asked for stillness, and something does for the others."""

from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.browser import fan
from tests.browser.conftest import Visitors
from tests.browser.running import RunningShop
from tests.browser.shelf import hold, put_up

# Every animation or transition that runs, and every page turn that is animated, is noted.
EYES = """
const note = (what) => sessionStorage.setItem('moved', (sessionStorage.getItem('moved') || '') + what + '; ');
const moving = (e) => (document.getAnimations().some((a) => a.effect.getComputedTiming().activeDuration > 0)) && note(
  `${e.type} ${e.propertyName || e.animationName} on ${e.target.className}`);
document.addEventListener('animationstart', moving, true);
document.addEventListener('transitionrun', moving, true);
addEventListener('pagereveal', (e) => e.viewTransition && note('page turn'));
"""


def _moved(page: Page) -> str:
    return str(page.evaluate("sessionStorage.getItem('moved') || ''"))


def _an_evening(shop: RunningShop, page: Page) -> None:
    """Wait for a drop to open, see a copy go, take one."""
    page.context.add_init_script(EYES)
    sale = put_up(shop, "Still Life", sizes=(5,), opens_in=timedelta(seconds=6))
    page.goto("/")
    page.goto(sale.path)
    expect(page.get_by_role("button", name="Hold copies")).to_be_visible()
    hold(shop, sale, 1)
    expect(page.get_by_text("4 free", exact=True)).to_be_visible()
    fan.take(page)
    fan.holding(page)


def test_nothing_moves(shop: RunningShop, visitor: Visitors) -> None:
    page = visitor(shop, reduced_motion="reduce")
    _an_evening(shop, page)
    assert _moved(page) == ""


def test_the_ink_floods_and_a_tick_fills(shop: RunningShop, visitor: Visitors) -> None:
    page = visitor(shop, reduced_motion="no-preference")
    _an_evening(shop, page)
    assert "countdown" in _moved(page)
    assert "strip-fill" in _moved(page)
