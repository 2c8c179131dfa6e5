"""A passkey in a real browser, with a virtual authenticator: made at the first sign-in, and used at the next."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import checks
from tests.browser.conftest import Visitors, show_password
from tests.browser.running import HOST, RunningShop, copy_of

KEY = {"protocol": "ctap2", "transport": "internal", "hasUserVerification": True, "isUserVerified": True}


@pytest.fixture
def named(template: Path, tmp_path: Path) -> Iterator[RunningShop]:
    """A shop whose address is a name, as browsers want it for passkeys."""
    shop, login = copy_of(template, tmp_path / "named")
    shop.url, shop.login = shop.url.replace(HOST, "localhost"), login
    with shop:
        yield shop


def test_a_passkey_opens_the_desk(named: RunningShop, visitor: Visitors) -> None:
    page = visitor(named)
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    key = device.send("WebAuthn.addVirtualAuthenticator", {"options": {**KEY, "automaticPresenceSimulation": True}})
    show_password(page, named.login)
    page.get_by_label("What you call it").fill("The phone in my pocket")
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_role("heading", level=1, name="Your recovery codes")).to_be_visible()
    expect(page.locator(".codes li")).to_have_count(10)
    assert checks.violations(page) == []
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("heading", level=1, name="Today")).to_be_visible()
    _again(page, named)
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.get_by_role("heading", level=1, name="Today")).to_be_visible()
    page.goto("/staff/me")
    expect(page.get_by_role("row", name="The phone in my pocket")).not_to_contain_text("never")
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("It is your only second factor")).to_be_visible()
    device.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": key["authenticatorId"]})
    device.send("WebAuthn.addVirtualAuthenticator", {"options": {**KEY, "automaticPresenceSimulation": True}})
    _again(page, named)  # with another device, which has no key of ours
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was done")
    page.goto("/staff/")
    expect(page.get_by_role("heading", level=1, name="Second step")).to_be_visible()


def _again(page: Page, shop: RunningShop) -> None:
    page.goto("/staff/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/staff/sign-in")
    show_password(page, shop.login)
