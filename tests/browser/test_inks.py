"""A colour is chosen or written, and each follows the other."""

from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, SignIn, Visitors
from tests.browser.running import RunningShop


def test_what_is_chosen_is_written_and_the_other_way_round(shop: RunningShop, visitor: Visitors, signed_in: SignIn) -> None:
    page = visitor(shop, DESKTOP)
    page.context.add_cookies(signed_in(shop, shop.login))
    page.goto("/staff/labels/1/inks")
    written, chooser = page.get_by_label("Loud ink", exact=True), page.get_by_label("Choose the loud ink")
    expect(chooser).to_have_value(written.input_value())
    chooser.fill("#0a7a4b")
    expect(written).to_have_value("#0a7a4b")
    written.fill("#7A3fa0")
    expect(chooser).to_have_value("#7a3fa0")
    written.fill("oklch(62% 0.2 33)")  # read by the shop, and of no use to a chooser
    expect(chooser).to_have_value("#7a3fa0")
