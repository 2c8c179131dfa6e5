"""Packing by scanning with the script: codes come faster than answers, wherever the focus is, and no page is loaded anew."""

import re

from playwright.sync_api import expect
from sqlalchemy import func, select

from app.fulfilment.models import Parcel, ParcelState
from app.inventory.codes import code_of
from app.inventory.models import Copy
from app.inventory.states import CopyState
from app.kernel.db import reading
from app.orders.models import OrderLine
from tests.browser.conftest import DESKTOP, SignIn, Visitors
from tests.browser.running import RunningShop


def _to_pack(shop: RunningShop) -> list[tuple[int, int]]:
    """Two orders of one copy that are not packed: (order, copy); in this shop an order's id is its number."""
    alone = (
        select(Copy.order_line_id).where(Copy.state == CopyState.ALLOCATED).group_by(Copy.order_line_id).having(func.count() == 1)
    )
    single = select(OrderLine.order_id).group_by(OrderLine.order_id).having(func.count() == 1)
    wanted = (
        select(OrderLine.order_id, Copy.id)
        .join(Copy, Copy.order_line_id == OrderLine.id)
        .join(Parcel, Parcel.order_id == OrderLine.order_id)
        .where(OrderLine.id.in_(alone), OrderLine.order_id.in_(single), Parcel.state == ParcelState.OPEN)
        .order_by(OrderLine.order_id)
        .limit(2)
    )
    with reading(shop.db) as session:
        return [(order_id, copy_id) for order_id, copy_id in session.execute(wanted)]


def test_a_hand_scanner_packs_without_waiting(shop: RunningShop, visitor: Visitors, signed_in: SignIn) -> None:
    (one, first), (two, second) = _to_pack(shop)
    page = visitor(shop, DESKTOP)
    page.context.add_cookies(signed_in(shop, shop.login))
    page.goto("/staff/packing/scan")
    said, head = page.locator("[data-scan-part=said]"), page.locator(".scan-head")
    page.evaluate("document.activeElement.blur(); window.here = true")
    for code in (code_of(first), f"{shop.url}/staff/orders/{one}"):  # typed as a scanner does, at once and wherever the focus is
        page.keyboard.type(code)
        page.keyboard.press("Enter")
    expect(head).to_contain_text(f"Packed: № {one:05d}")
    expect(said).to_have_attribute("data-tone", "packed")
    for code in (f"{shop.url}/staff/orders/{two}", code_of(second)):
        page.keyboard.type(code)
        page.keyboard.press("Enter")
    expect(head).to_contain_text(f"Packed: № {two:05d}")
    expect(page.locator(".scan-copies")).to_contain_text("in")
    with reading(shop.db) as session:
        states = session.scalars(select(Parcel.state).where(Parcel.order_id.in_((one, two)))).all()
    assert (states, page.evaluate("window.here")) == ([ParcelState.PACKED] * 2, True)
    mute = page.get_by_role("button", name="Mute the sounds")
    mute.click()
    expect(mute).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Undo the last scan").click()
    expect(head).to_contain_text("Undone")
    expect(mute).to_have_attribute("aria-pressed", "true")
    expect(said).to_contain_text(re.compile("is not in the parcel any more"))
