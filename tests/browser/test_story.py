"""The whole story: a label presses a run and opens a drop, a fan takes and pays, the parcel leaves, the fan is told."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser import desk, post, stripe_page
from tests.browser.checks import violations
from tests.browser.conftest import DESKTOP, PHONE, Visitors, sign_in
from tests.browser.running import RunningShop
from tests.postgres import TempPostgres

SIZE = 12


@dataclass
class Tale:
    """The names in one telling; each is told once per shop."""

    shop: RunningShop
    staff: Page
    fan: Page
    title: str
    email: str
    mark: str
    opens: datetime
    zones: bool = True  # does postage depend on the country?

    @property
    def drop_page(self) -> str:
        """Its address on the shop."""
        return f"/drops/{self.title.lower().replace(' ', '-')}"


@pytest.fixture
def bare_shop(tmp_path: Path) -> Iterator[RunningShop]:
    """A shop on PostgreSQL with nothing in it but a label and its owner, both made on the command line."""
    with TempPostgres() as server:
        running = RunningShop(tmp_path / "shop", database_url=server.create_database("shop"))
        try:
            running.start_stripe()
            running.flask("db", "upgrade")
            words = ("--email", "hallo@schacht.example", "--currency", "EUR", "--time-zone", "Europe/Berlin", "--country", "DE")
            running.flask("label", "add", "Schacht", *words)
            running.login = running.add_staff("sam@schacht.example", "--name", "Sam")
            running.start_shop()
            yield running
        finally:
            running.stop()


def _tale(shop: RunningShop, visitor: Visitors, kind: dict[str, Any]) -> Tale:
    mark = uuid.uuid4().hex[:5]
    opens = (shop.now() + timedelta(minutes=45)).replace(second=0, microsecond=0)
    return Tale(shop, visitor(shop, kind), visitor(shop, kind), f"Lift Music {mark}", f"ada.{mark}@gmail.com", mark, opens)


def test_on_a_desktop_with_a_card_that_is_refused_first(shop: RunningShop, visitor: Visitors) -> None:
    tale = _tale(shop, visitor, DESKTOP)
    sign_in(tale.staff, shop, shop.login)
    _label_makes_a_drop(tale)
    _fan_is_reminded(tale)
    _page_opens_by_itself(tale)
    _fan_takes_two(tale)
    _fan_says_where_to(tale)
    _pay_after_a_refusal(tale)
    _fan_has_an_order(tale)
    _staff_packs_and_ships(tale)
    _fan_is_told(tale)


def test_on_a_phone_with_a_bank_that_asks(shop: RunningShop, visitor: Visitors) -> None:
    tale = _tale(shop, visitor, PHONE)
    sign_in(tale.staff, shop, shop.login)
    _label_makes_a_drop(tale)
    _fan_is_reminded(tale)
    _page_opens_by_itself(tale)
    _fan_takes_two(tale)
    _fan_says_where_to(tale)
    _pay_and_answer_the_bank(tale)
    _fan_has_an_order(tale)
    _staff_packs_and_ships(tale)
    _fan_is_told(tale)


def test_on_postgresql_in_a_shop_that_was_empty(bare_shop: RunningShop, visitor: Visitors) -> None:
    tale = _tale(bare_shop, visitor, DESKTOP)
    tale.zones = False
    sign_in(tale.staff, bare_shop, bare_shop.login)
    desk.postage(tale.staff)
    _label_makes_a_drop(tale)
    _fan_is_reminded(tale)
    _page_opens_by_itself(tale)
    _fan_takes_two(tale)
    _fan_says_where_to(tale)
    _pay_and_answer_the_bank(tale)
    _fan_has_an_order(tale)
    _staff_packs_and_ships(tale)
    _fan_is_told(tale)


def _label_makes_a_drop(tale: Tale) -> None:
    staff, run_title = tale.staff, f"{SIZE} numbered, red shell {tale.mark}"
    desk.artist(staff, f"Mira Vale {tale.mark}")
    desk.release(staff, f"Mira Vale {tale.mark}", tale.title, f"LIFT-{tale.mark}")
    desk.run(staff, run_title, SIZE, "14.00")
    desk.drop(staff, tale.title, run_title, tale.opens.astimezone(ZoneInfo("Europe/Berlin")), 2)
    for state in ("Open", "Sold out", "Paused"):
        staff.get_by_role("link", name=state, exact=True).click()
        expect(staff.get_by_text("A preview, as fans will see it")).to_be_visible()
        staff.go_back()
    assert tale.fan.goto(tale.drop_page).status == 404  # type: ignore[union-attr]  # a page was opened
    staff.get_by_role("link", name="Publish").click()
    staff.get_by_role("main").get_by_role("button", name="Publish").click()
    expect(staff.get_by_text("announced", exact=True)).to_be_visible()


def _fan_is_reminded(tale: Tale) -> None:
    fan = tale.fan
    fan.goto("/")
    fan.get_by_role("link", name=tale.title).first.click()
    expect(fan.get_by_role("heading", level=1, name=tale.title)).to_be_visible()
    expect(fan.get_by_role("button", name="Hold")).to_have_count(0)
    fan.get_by_label("One mail before it opens").fill(tale.email)
    fan.get_by_role("button", name="Remind me").click()
    expect(fan.get_by_role("heading", level=1, name="Look into your mail.")).to_be_visible()
    asked = post.letter(tale.shop.control, tale.email, tale.title)
    fan.goto(post.link(asked, f"{tale.shop.url}/reminders/"))
    fan.get_by_role("button", name="Yes, remind me").click()
    expect(fan.get_by_role("heading", level=1, name="We will tell you.")).to_be_visible()
    seen = len(tale.shop.control.mail(to=tale.email))
    tale.shop.forward(seconds=(tale.opens - timedelta(minutes=20) - tale.shop.now()).total_seconds())
    post.wait_for(lambda: len(tale.shop.control.mail(to=tale.email)) > seen, post.PATIENCE)


def _page_opens_by_itself(tale: Tale) -> None:
    fan = tale.fan
    fan.goto(tale.drop_page)
    fan.evaluate("window.sameDocument = true")
    tale.shop.forward(seconds=(tale.opens - timedelta(seconds=4) - tale.shop.now()).total_seconds())
    expect(fan.get_by_role("button", name="Hold copies")).to_be_visible()
    assert tale.shop.now() >= tale.opens
    assert fan.evaluate("window.sameDocument") is True


def _fan_takes_two(tale: Tale) -> None:
    fan = tale.fan
    fan.get_by_label("How many").select_option("2")
    fan.get_by_role("button", name="Hold copies").click()
    fan.wait_for_url("**/holds/*")
    expect(fan.get_by_role("heading", level=1)).to_contain_text(re.compile(r"№ 0?1, № 0?2"))
    expect(fan.get_by_text("Yours until")).to_be_visible()
    expect(fan.get_by_text(re.compile(r"^in Berlin, (\w+ )?\d\d:\d\d where you are$"))).to_be_visible()
    expect(fan.get_by_text(re.compile(r"\b9:\d\d left"))).to_be_visible()
    expect(fan.get_by_text("Yours: ")).to_be_visible()


def _fan_says_where_to(tale: Tale) -> None:
    fan = tale.fan
    pay = fan.get_by_role("button", name=re.compile("^Pay "))
    at_home = pay.inner_text()
    typed = tale.email.replace("gmail", "gmial")
    fan.get_by_label("E-mail").fill(typed)
    tracked = fan.get_by_role("radio", name=re.compile("tracked")).last
    tracked.check()
    expect(pay).not_to_have_text(at_home)
    dearer = pay.inner_text()
    _choose_country(fan, "Austria")
    if tale.zones:
        expect(pay).not_to_have_text(dearer)
    _choose_country(fan, "Germany")
    if tale.zones:
        expect(pay).to_have_text(at_home)
    fan.get_by_label("A note to the label").fill("Ring twice.")
    total = re.sub(r"^Pay ", "", pay.inner_text())
    pay.click()
    expect(fan.get_by_role("alert")).to_contain_text(f"Did you mean {tale.email}?")
    expect(fan.get_by_role("alert")).to_be_focused()
    expect(fan.get_by_label("E-mail")).to_have_value(typed)
    assert violations(fan) == []
    fan.get_by_role("button", name=f"Yes, use {tale.email}").click()
    fan.wait_for_url("**/c/pay/**")
    expect(fan.get_by_text(total).first).to_be_visible()


def _choose_country(fan: Page, name: str) -> None:
    with fan.expect_response("**/details"):
        fan.get_by_label("Country").select_option(name)


def _pay_after_a_refusal(tale: Tale) -> None:
    stripe_page.address(tale.fan)
    stripe_page.card(tale.fan, stripe_page.REFUSED)
    expect(tale.fan.get_by_role("alert")).to_contain_text("declined")
    stripe_page.card(tale.fan, stripe_page.WORKS)


def _pay_and_answer_the_bank(tale: Tale) -> None:
    stripe_page.address(tale.fan)
    stripe_page.card(tale.fan, stripe_page.ASKS)
    stripe_page.say_yes_to_the_bank(tale.fan)


def _fan_has_an_order(tale: Tale) -> None:
    fan = tale.fan
    fan.wait_for_url(f"{tale.shop.url}/orders/*")
    expect(fan.get_by_role("heading", level=1)).to_contain_text(re.compile(r"№ 0?1, № 0?2"))
    expect(fan.get_by_text("These are yours.")).to_be_visible()
    confirmed = post.letter(tale.shop.control, tale.email, "are yours")
    assert re.search(r"№ 0?1.*0?2", confirmed["subject"])
    assert post.link(confirmed, f"{tale.shop.url}/orders/") == fan.url
    fan.reload()
    expect(fan.get_by_text("Paid. Next we pack it.")).to_be_visible()
    expect(fan.get_by_text("Ring twice.")).to_be_visible()


def _staff_packs_and_ships(tale: Tale) -> None:
    staff = tale.staff
    sign_in(staff, tale.shop, tale.shop.login)  # nobody was at the desk for more than half an hour
    staff.get_by_role("searchbox").fill(tale.email)
    staff.get_by_role("searchbox").press("Enter")
    expect(staff.get_by_role("main")).to_contain_text(tale.email)  # what happened to the fan
    staff.get_by_role("main").get_by_role("link", name=re.compile(r"^№ \d{5}$")).first.click()
    expect(staff.get_by_text("Ring twice.")).to_be_visible()
    slip = staff.request.get(staff.get_by_role("link", name="Packing slip").get_attribute("href") or "")
    assert slip.headers["content-type"] == "application/pdf"
    assert slip.body().startswith(b"%PDF-")
    staff.get_by_role("button", name="Packed").click()
    staff.get_by_label("Carrier", exact=True).select_option("DHL")
    staff.get_by_label("Tracking number").fill("003400001234")
    staff.get_by_role("button", name="Ship it and tell the fan").click()
    expect(staff.get_by_role("link", name="003400001234")).to_be_visible()


def _fan_is_told(tale: Tale) -> None:
    shipped = post.letter(tale.shop.control, tale.email, "On its way")
    assert "003400001234" in shipped["text"]
    tale.fan.goto(post.link(shipped, f"{tale.shop.url}/orders/"))
    expect(tale.fan.get_by_text("On its way.")).to_be_visible()
    expect(tale.fan.get_by_role("link", name="003400001234")).to_be_visible()
