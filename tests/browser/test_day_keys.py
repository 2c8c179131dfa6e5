"""The whole day by keyboard alone, from the sign-in to the books: drop day, orders, parcels, money back."""

import re
from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.inventory.codes import code_of
from app.inventory.models import Copy
from app.kernel.db import reading
from app.orders.models import Order, OrderLine
from tests.browser.conftest import SignIn, Visitors
from tests.browser.keys import Keys
from tests.browser.running import RunningShop
from tests.day import sale
from tests.day.sale import Sold
from tests.day.shop import DayShop
from tests.day.work import tracking
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


def test_the_whole_day_by_keys(sold: tuple[RunningShop, Sold], visitor: Visitors) -> None:
    shop, things = sold
    page = visitor(shop)
    keys = Keys(page)
    secret = _sign_in(shop, keys)
    _drop_day(keys)
    _orders(keys)
    _pack(shop, things, keys)
    _post(shop, things, keys)
    shop.forward(minutes=20)
    _money_back(shop, things, keys, secret)
    _books(keys)
    assert keys.pointer == []


def _sign_in(shop: RunningShop, keys: Keys) -> str:
    """Past the password to a new app; its secret."""
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
    return secret


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


def _orders(keys: Keys) -> None:
    page = keys.page
    keys.press("o")
    keys.is_at("Orders")
    keys.press("w")
    keys.to(page.get_by_label("To", exact=True))
    keys.press("ArrowDown")  # across a customs border
    keys.enter(page.get_by_role("button", name="Look").last)
    expect(page).to_have_url(re.compile("country=outside"))
    keys.enter(page.get_by_text("Keep this list under a name"))
    keys.to(page.get_by_label("Name", exact=True))
    keys.write("Abroad")
    keys.press("Enter")
    expect(page.get_by_role("navigation", name="Saved views").get_by_role("link", name="Abroad")).to_be_visible()
    keys.press("o")
    keys.is_at("Orders")
    keys.press("1")
    expect(page).to_have_url(re.compile("country=outside"))
    keys.press("o")
    expect(page).not_to_have_url(re.compile("outside"))
    keys.press("j", "x", "j", "x")
    keys.look()
    expect(page.locator("tbody").get_by_role("checkbox", checked=True)).to_have_count(2)
    keys.press("c")
    keys.is_at("Lock the parcels")
    expect(page.get_by_text("Done for 2 orders.")).to_be_visible()
    keys.press("z")
    expect(page.get_by_text("Undone for 2 orders.")).to_be_visible()
    keys.press("b")
    keys.is_at("Orders")
    keys.press("j", "Enter")
    keys.is_at("№ 0")
    keys.press("n")
    keys.to(page.locator("textarea[name=note]"))
    keys.write("Ring twice.")
    keys.enter(page.get_by_role("button", name="Write it down"))
    expect(page.locator(".noted")).to_contain_text("Ring twice.")
    keys.press("n")
    keys.to(page.locator("input[name=tag]"))
    keys.write("gift")
    keys.press("Enter")
    expect(page.locator(".tags")).to_contain_text("gift")


def _pack(shop: RunningShop, things: Sold, keys: Keys) -> None:
    page = keys.page
    keys.press("p")
    keys.is_at("Pack")
    keys.enter(page.get_by_role("button", name="Lock them all"))
    expect(page.get_by_text("are locked for packing")).to_be_visible()
    keys.enter(page.get_by_role("link", name="Scan", exact=True))
    keys.is_at("Pack by scanning")
    expect(page.get_by_label("Code", exact=True)).to_be_focused()
    for order_id in things.scanned:
        page.keyboard.type(f"{shop.url}/staff/orders/{order_id}\n")
        for copy_id in _copies(shop, order_id):
            page.keyboard.type(f"{code_of(copy_id)}\n")
        expect(page.locator(".scan-head")).to_contain_text(f"Packed: № {_reference(shop, order_id)}")
    keys.enter(page.get_by_role("button", name="Undo the last scan"))
    expect(page.locator(".scan-head")).to_contain_text("Undone")
    page.keyboard.type(f"{code_of(_copies(shop, things.scanned[-1])[-1])}\n")
    expect(page.locator(".scan-head")).to_contain_text("Packed")
    [single] = things.single
    page.keyboard.type(f"{code_of(_copies(shop, single)[0])}\n{shop.url}/staff/orders/{single}\n")
    expect(page.locator(".scan-head")).to_contain_text(f"Packed: № {_reference(shop, single)}")
    keys.to(page.get_by_label("Tracking number"))
    page.keyboard.type(f"{tracking(_reference(shop, single))}\n")
    expect(page.locator(".scan-head")).to_contain_text("On its way")
    keys.press("Escape", "p")  # from here on the keys are the desk's
    keys.is_at("Pack")


def _post(shop: RunningShop, things: Sold, keys: Keys) -> None:
    page = keys.page
    keys.enter(page.get_by_role("link", name="Parcel slips"))
    keys.to(page.get_by_label("Carrier"))
    while page.get_by_label("Carrier").input_value() != "generic":
        keys.press("ArrowDown")
    keys.enter(page.get_by_role("button", name="Look"))
    expect(page.get_by_role("heading", name=re.compile("^3 parcels can be posted"))).to_be_visible()
    with page.expect_download():
        keys.press("y")
    keys.enter(page.get_by_role("link", name="Tracking", exact=True))
    keys.is_at("Tracking numbers")
    with page.expect_file_chooser() as chooser:  # before the way there, so that the browser surely knows when the key comes
        keys.to(page.get_by_label("The carrier's file"))
        keys.press("Enter")
    numbers = [f"{_reference(shop, id_)};{tracking(_reference(shop, id_))}" for id_ in things.scanned]
    content = "\n".join(["Order reference;Tracking number", *numbers]).encode()
    chooser.value.set_files({"name": "back.csv", "mimeType": "text/csv", "buffer": content})
    keys.press("y")
    keys.is_at("4 parcels will leave")
    keys.press("y")
    expect(page.get_by_text("4 parcels have left")).to_be_visible()


def _money_back(shop: RunningShop, things: Sold, keys: Keys, secret: str) -> None:
    page = keys.page
    keys.press("/")
    keys.write(f"№ {_reference(shop, things.scanned[0])}")
    keys.press("Enter")
    keys.is_at(f"№ {_reference(shop, things.scanned[0])}")
    keys.press("m")
    keys.is_at("Is it still you?")  # it is a while since the sign-in
    keys.to(page.get_by_label("Or the code of your app"))
    keys.write(pyotp.TOTP(secret).at(shop.now()))
    keys.press("Enter")
    keys.is_at("Give money back")
    keys.to(page.get_by_label("Amount in EUR"))
    keys.write("2.50")
    expect(page.get_by_label("An amount, whatever for")).to_be_checked()
    keys.to(page.get_by_label("Why the money goes back"))
    keys.write("crushed corner")
    keys.press("Enter")
    keys.is_at("Give €2.50 back?")
    keys.press("y")
    expect(page.get_by_text("€2.50").first).to_be_visible()
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("?")


def _books(keys: Keys) -> None:
    keys.press("g", "b")
    keys.is_at("Books")
    keys.press("v")
    keys.is_at("Lines of the books")
    keys.press("j")
    keys.look()


def _copies(shop: RunningShop, order_id: int) -> list[int]:
    mine = select(Copy.id).join(OrderLine, OrderLine.id == Copy.order_line_id).where(OrderLine.order_id == order_id)
    with reading(shop.db) as session:
        return list(session.scalars(mine.order_by(Copy.number)))


def _reference(shop: RunningShop, order_id: int) -> str:
    with reading(shop.db) as session:
        return session.get_one(Order, order_id).reference


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
