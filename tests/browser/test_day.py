"""A small day whole: what `make day` does with three hundred orders is done here with a dozen, by the same hands."""

from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.conftest import DESKTOP
from tests.browser.watch import Watch
from tests.day import proof, sale, work
from tests.day.shop import DayShop


def test_a_dozen_right_parcels(browser: Browser, tmp_path: Path) -> None:
    shop = DayShop(tmp_path / "shop")
    try:
        sale.open_label(shop)
        sold = sale.sell(shop, orders=12, ticked=12, single=2)
        context = browser.new_context(base_url=shop.url, locale="en-GB", timezone_id="Europe/Berlin", **DESKTOP)
        context.set_default_timeout(20_000)
        (watch := Watch()).over(context)
        day = work.live(shop, sold, context.new_page())
        context.close()
        told = proof.weigh(day, watch.faults, most=99)
    finally:
        shop.stop()
    assert told.faults == ()
