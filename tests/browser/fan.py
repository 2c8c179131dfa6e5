"""What a fan does on the shop's pages, by the words on them."""

import re

from playwright.sync_api import Page, expect

from tests.browser import stripe_page


def take(page: Page, quantity: int = 1) -> None:
    """Hold copies of a drop with one run, from its page."""
    how_many = page.get_by_label("How many")
    if how_many.count():
        how_many.select_option(str(quantity))
    page.get_by_role("button", name=re.compile("^Hold (one|copies)")).click()


def holding(page: Page) -> str:
    """Wait for the hold's page; its address."""
    page.wait_for_url("**/holds/*-*")
    expect(page.get_by_text(re.compile("^Yours until"))).to_be_visible()
    return page.url.partition("?")[0]


def press_pay(page: Page, email: str) -> None:
    """Fill in the details and go to pay."""
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name=re.compile("^Pay ")).click()


def pay(page: Page, number: str = stripe_page.WORKS, *, country: str = "Germany") -> None:
    """Give address and card on Stripe's page."""
    page.wait_for_url("**/c/pay/**")
    stripe_page.address(page, country=country)
    stripe_page.card(page, number)


def headline(page: Page, words: str) -> None:
    """The page's one heading says this."""
    expect(page.get_by_role("heading", level=1, name=words)).to_be_visible()
