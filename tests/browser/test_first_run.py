"""A newcomer sets up an empty shop: on a desktop, on a phone without a script, and by keyboard alone; counted."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import checks, desk
from tests.browser.conftest import DESKTOP, PHONE, Visitors
from tests.browser.running import RunningShop
from tests.databases import quick_folder

SECONDS = 300  # five minutes
# A person's time, by the keystroke-level model: to find a field or button and get there, and for each sign typed.
REACH, SIGN = 1.35 + 1.1, 0.28
ELSEWHERE = 12.0  # to open an app or a mail programme, and come back
STEPS = ("Your label", "Logo and inks", "Texts", "Postage", "Mail", "Stripe", "Backup and clock", "What works")


class EmptyShop(RunningShop):
    """Tables and nothing in them; it knows where its backups go."""

    @property
    def env(self) -> dict[str, str]:
        """With a folder for backups, as docs/operations.md has it."""
        return super().env | {"BACKUP_DIR": str(self.folder / "backups")}


@pytest.fixture
def empty() -> Iterator[EmptyShop]:
    folder = quick_folder("first-run")
    try:
        made = EmptyShop(folder)
        try:
            made.start_stripe()
            made.flask("db", "upgrade")
            made.start_shop()
            yield made
        finally:
            made.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Newcomer:
    """Somebody before a browser; counts what they type, press and fetch from elsewhere."""

    page: Page
    typed: int = 0
    fields: int = 0
    pressed: int = 0
    fetched: int = 0

    def fill(self, label: str, text: str) -> None:
        """Type into a field."""
        self._into(self.page.get_by_label(label, exact=True), text)
        self.typed, self.fields = self.typed + len(text), self.fields + 1

    def choose(self, label: str, value: str) -> None:
        """Take one of a list, by a few signs."""
        self._choose(self.page.get_by_label(label), value)
        self.typed, self.fields = self.typed + 4, self.fields + 1

    def press(self, name: str) -> None:
        """A button."""
        self._press(self.page.get_by_role("button", name=name, exact=True).first)
        self.pressed += 1

    def follow(self, name: str) -> None:
        """A link."""
        self._press(self.page.get_by_role("link", name=name, exact=True).first)
        self.pressed += 1

    def fetch(self) -> None:
        """Something from the phone or the mail."""
        self.fetched += 1

    @property
    def seconds(self) -> float:
        """What all of it takes a person who does not hurry."""
        return (self.fields + self.pressed) * REACH + self.typed * SIGN + self.fetched * ELSEWHERE

    def _into(self, field: Locator, text: str) -> None:
        field.fill(text)

    def _choose(self, field: Locator, value: str) -> None:
        field.select_option(value)

    def _press(self, verb: Locator) -> None:
        verb.click()


class Typist(Newcomer):
    """The same by keyboard alone."""

    def _into(self, field: Locator, text: str) -> None:
        self._reach(field)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def _choose(self, field: Locator, value: str) -> None:
        self._reach(field)
        self.page.keyboard.type(field.locator(f"option[value='{value}']").inner_text())

    def _press(self, verb: Locator) -> None:
        self._reach(verb)
        self.page.keyboard.press("Enter")

    def _reach(self, wanted: Locator) -> None:
        wanted.wait_for()
        for _ in range(60):
            if wanted.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        pytest.fail("not to be reached by Tab")


KINDS: dict[str, tuple[type[Newcomer], dict[str, Any]]] = {
    "desktop": (Newcomer, DESKTOP),
    "phone": (Newcomer, {**PHONE, "java_script_enabled": False}),
    "keyboard": (Typist, DESKTOP),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_newcomer_sets_up_a_shop(empty: EmptyShop, visitor: Visitors, kind: str, record_property: Any, tmp_path: Path) -> None:
    make, browser = KINDS[kind]
    newcomer = make(visitor(empty, browser))
    page = newcomer.page
    page.goto("/")
    expect(page.get_by_text("This shop is being set up.")).to_be_visible()
    page.goto("/staff/")
    expect(page.get_by_text("Nobody works here yet.")).to_be_visible()
    link = empty.flask("setup").split()[2]
    page.goto(link)
    _look(page, kind, "A new shop")
    founding(newcomer, empty, kind)
    label(newcomer, kind, tmp_path)
    surroundings(newcomer, empty, kind)
    assert [page.request.get(path).status for path in (link, "/staff/setup", "/staff/setup/done")] == [404, 404, 404]
    page.goto("/")
    expect(page.get_by_text("The first drop is being prepared.")).to_be_visible()
    counted = f"{newcomer.fields} fields, {newcomer.typed} signs, {newcomer.pressed} presses, {newcomer.seconds:.0f} s"
    figure = f"first run ({kind}): {counted}"
    record_property("figure", figure)
    assert newcomer.seconds < SECONDS, figure
    assert newcomer.fields <= 14, figure
    assert newcomer.pressed <= 17, figure


def founding(newcomer: Newcomer, shop: EmptyShop, kind: str) -> None:
    """An account, and its second factor."""
    newcomer.fill("Your name", "Mara")
    newcomer.fill("Your e-mail", "mara@tinsel.example")
    newcomer.fill("A password", "seven tapes in a drawer")
    newcomer.fill("The password again", "seven tapes in a drawer")
    newcomer.press("Begin")
    page = newcomer.page
    newcomer.fetch()
    secret = page.locator(".secret").inner_text().replace(" ", "")
    newcomer.fill("The code it shows", pyotp.TOTP(secret).at(shop.now()))
    newcomer.press("Use this app")
    _look(page, kind, "Your recovery codes")
    expect(page.get_by_text("Mara, mara@tinsel.example")).to_be_visible()
    expect(page.get_by_role("button", name="Print them")).to_be_visible(visible=kind != "phone")  # only a script can print
    newcomer.follow("I have kept them")


def label(newcomer: Newcomer, kind: str, folder: Path) -> None:
    """Who it is, how it looks, what it says, what it posts."""
    page = newcomer.page
    _look(page, kind, STEPS[0])
    expect(page.get_by_label("Parcels leave from")).to_have_value("GB")  # the browser asks for British English
    newcomer.fill("Name", "Tinsel Tapes")
    newcomer.choose("Parcels leave from", "IE")
    if kind == "phone":  # without a script the form comes back with what goes with the country
        newcomer.press("Make the label")
        expect(page.get_by_text("Parcels leave from Ireland, so this now says EUR and Europe/Dublin.")).to_be_visible()
    expect(page.get_by_label("Currency")).to_have_value("EUR")
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Dublin")
    newcomer.press("Make the label")
    _look(page, kind, STEPS[1])
    picture = desk.artwork()
    (folder / "logo.png").write_bytes(picture["buffer"])
    page.get_by_label("Logo").set_input_files(folder / "logo.png")
    newcomer.fill("Loud ink", "#0a7d4f")
    newcomer.press("Keep and go on")
    _look(page, kind, STEPS[2])
    expect(page.get_by_label("Privacy")).to_have_value(re.compile("What we keep"))
    expect(page.get_by_label("Withdrawal")).to_have_value(re.compile("within fourteen days"))
    newcomer.fill("Terms optional", "We post within a week, and write if we cannot.")
    newcomer.press("Keep and go on")
    _look(page, kind, STEPS[3])
    expect(page.get_by_role("group", name="Ireland")).to_be_visible()
    newcomer.press("Keep and go on")


def surroundings(newcomer: Newcomer, shop: EmptyShop, kind: str) -> None:
    """Mail, Stripe, backup and clock, each really tried; then the desk."""
    page = newcomer.page
    _look(page, kind, STEPS[4])
    newcomer.press("Send it")
    newcomer.fetch()
    expect(page.get_by_text("The mail server took a letter to mara@tinsel.example.")).to_be_visible()
    word = next(mail["subject"] for mail in reversed(shop.control.mail()) if mail["subject"].endswith("is the word")).split()[0]
    newcomer.fill("The word in the letter", word)
    newcomer.press("It arrived")
    expect(page.get_by_text("A letter to mara@tinsel.example arrived.")).to_be_visible()
    newcomer.press("Go on")
    _look(page, kind, STEPS[5])
    newcomer.press("Check all of it")
    for said in ("The key may do everything", "the account “Halbschatten”", "with all events", "signed with the right secret"):
        expect(page.get_by_text(said)).to_be_visible()
    newcomer.press("Go on")
    _look(page, kind, STEPS[6])
    expect(page.get_by_text("clock and Stripe's agree")).to_be_visible()
    newcomer.press("Make one now")
    expect(page.get_by_text("The last backup was made")).to_be_visible()
    assert list((shop.folder / "backups").glob("runout-*.zip"))
    newcomer.press("Go on")
    _look(page, kind, STEPS[7])
    expect(page.get_by_text("Nothing stands in the way of a drop.")).to_be_visible()
    newcomer.press("To the desk")
    expect(page.get_by_role("heading", level=1, name="Today")).to_be_visible()
    expect(page.get_by_text("The shop is set up.")).to_be_visible()


def _look(page: Page, kind: str, heading: str) -> None:
    """The right page, accessible (axe needs a script), and not wider than its window; a picture where they are kept."""
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    if kind != "phone":
        assert checks.violations(page) == []
        assert checks.overflow(page) == []
        checks.picture(page, f"first-run-{heading.lower().replace(' ', '-')}-{kind}", 1440, "light")
