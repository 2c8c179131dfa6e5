"""A purchase on a phone with JavaScript off."""

import re
import uuid

from playwright.sync_api import expect

from tests.browser import fan, post, stripe_page
from tests.browser.conftest import PHONE, Visitors
from tests.browser.running import RunningShop
from tests.browser.shelf import put_up


def test_a_purchase(shop: RunningShop, visitor: Visitors) -> None:
    sale, email = put_up(shop, "Plain Paper", sizes=(4,)), f"ben.{uuid.uuid4().hex[:6]}@example.org"
    page = visitor(shop, PHONE, java_script_enabled=False)
    page.goto(sale.path)
    expect(page.get_by_text("4 free")).to_be_visible()
    fan.take(page, 2)
    hold = fan.holding(page)
    pay = page.get_by_role("button", name=re.compile("^Pay "))
    before = pay.inner_text()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Country").select_option("Austria")
    page.get_by_role("button", name="Update the total").click()
    expect(pay).not_to_have_text(before)
    expect(page.get_by_label("E-mail")).to_have_value(email)
    page.get_by_role("radio").last.check()
    page.get_by_role("button", name="Update the total").click()
    page.get_by_label("E-mail").fill(email.replace("example.org", "gmial.com"))
    pay.click()
    expect(page.get_by_text("Did you mean")).to_be_visible()
    page.get_by_label("E-mail").fill(email)
    pay.click()
    fan.pay(page, stripe_page.REFUSED, country="Austria")
    expect(page.get_by_role("alert")).to_contain_text("declined")
    page.get_by_role("link", name="Back to shop").click()
    assert page.url == hold
    page.get_by_role("link", name="Go back to the payment").click()
    fan.pay(page, country="Austria")
    page.wait_for_url("**/orders/*")
    expect(page.get_by_text("These are yours.")).to_be_visible()
    assert post.link(post.letter(shop.control, email, "are yours"), f"{shop.url}/orders/") == page.url
