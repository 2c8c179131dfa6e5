"""Drop day by hand: the switches follow what others do, and a fan's story is copied with one key."""

from playwright.sync_api import expect
from sqlalchemy import select

from app.kernel.db import reading
from app.orders.models import Order
from tests.browser.conftest import DESKTOP, SignIn, Visitors
from tests.browser.running import RunningShop
from tests.browser.shelf import change, put_up


def test_the_switches_follow_what_somebody_else_does(shop: RunningShop, visitor: Visitors, signed_in: SignIn) -> None:
    sale = put_up(shop, "Two Desks", sizes=(4,))
    page = visitor(shop, DESKTOP)
    page.context.add_cookies(signed_in(shop, shop.login))
    page.goto(f"/staff/drops/{sale.drop_id}/day")
    stop = page.get_by_role("link", name="Stop …")
    stop.focus()
    page.evaluate("document.querySelector('#switches').dataset.mine = 'as it was'")
    seen = page.locator("#day .mono", has_text="as of")
    first = seen.inner_text()
    expect(seen).not_to_have_text(first)  # asked again, and what was not changed was left alone
    expect(page.locator("#switches")).to_have_attribute("data-mine", "as it was")
    expect(stop).to_be_focused()
    change(shop, sale, paused_at=shop.now(), pause_reason="The kettle.")
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("link", name="Pause new holds …")).to_be_visible()
    expect(page).to_have_url(f"{shop.url}/staff/drops/{sale.drop_id}/day")


def test_a_fans_story_is_copied_with_one_key(shop: RunningShop, visitor: Visitors, signed_in: SignIn) -> None:
    with reading(shop.db) as session:
        order = session.scalars(select(Order).order_by(Order.id).limit(1)).one()
    page = visitor(shop, DESKTOP)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=shop.url)
    page.context.add_cookies(signed_in(shop, shop.login))
    page.goto(f"/staff/orders/{order.id}")
    page.keyboard.press("f")
    expect(page.get_by_role("heading", level=1)).to_contain_text("What happened to")
    page.keyboard.press("c")
    expect(page.get_by_role("button", name="Copied")).to_be_focused()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("All times are those of Berlin.\n\n")
    assert f"Your order № {order.reference} was placed" in copied
