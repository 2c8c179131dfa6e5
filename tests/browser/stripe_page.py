"""What a fan does on the local Stripe's hosted page, by the words on it."""

from playwright.sync_api import Page, expect

WORKS, REFUSED, ASKS = "4242424242424242", "4000000000000002", "4000002760003184"


def address(page: Page, *, country: str = "Germany", name: str = "Ada Lovelace") -> None:
    """Fill in where it goes."""
    page.get_by_label("Full name").fill(name)
    page.get_by_label("Country or region").select_option(country)
    page.get_by_label("Address", exact=True).fill("Prüfweg 1")
    page.get_by_label("Postal code").fill("10115")
    page.get_by_label("Town or city").fill("Berlin")


def card(page: Page, number: str) -> None:
    """Type a card and press Pay."""
    page.get_by_label("Card number").fill(number)
    page.get_by_label("Expiry").fill("12 / 34")
    page.get_by_label("Security code").fill("123")
    page.get_by_role("button", name="Pay ").click()


def say_yes_to_the_bank(page: Page) -> None:
    """3-D Secure."""
    expect(page.get_by_role("heading", name="Is this you?")).to_be_visible()
    page.get_by_role("button", name="Complete authentication").click()
