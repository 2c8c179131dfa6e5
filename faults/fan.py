"""One fan's story: takes copies, says where to, goes to pay, pays at the local Stripe, comes back; or something less tidy."""

import re
import threading
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from random import Random
from typing import Any, Protocol

import requests
from itsdangerous import URLSafeSerializer

from faults.browser import Browser, Gone, Lost
from faults.history import Bought, History, Take, clock
from faults.market import Stall

GOOD, DECLINED = "4242424242424242", "4000000000000002"
SESSION = re.compile(r"cs_test_\w+")
PREPARING = 40.0  # seconds that a fan looks at "your payment page is being prepared"
CONFIRMING = 10.0  # and at "we are asking Stripe", after which the mail will do


class Mood(StrEnum):
    """How a fan's story goes."""

    PAYS = "pays"
    PAYS_AND_LEAVES = "pays and leaves"  # never comes back from Stripe's page
    CHANGES = "changes"  # takes again with another number of copies before paying
    PUTS_BACK = "puts back"
    WALKS_AWAY = "walks away"
    DECLINED = "declined"  # by the bank, and then leaves Stripe's page open
    STOPS = "stops"  # goes to pay, stops the payment, goes to pay again
    CANCELS = "cancels"  # buys, and cancels the order at once


USUAL = {
    Mood.PAYS: 50, Mood.PAYS_AND_LEAVES: 15, Mood.CHANGES: 8, Mood.PUTS_BACK: 9, Mood.WALKS_AWAY: 6, Mood.DECLINED: 6,
    Mood.STOPS: 6,
}  # fmt: skip


class World(Protocol):
    """What fans need to know of the rig."""

    @property
    def url(self) -> str:
        """Where the shop is."""

    @property
    def secret_key(self) -> str:
        """What the shop signs cookies with."""

    def pay(self, session: str, card: str, **details: Any) -> dict[str, Any]:
        """Pay at the local Stripe."""

    def now(self) -> datetime:
        """The shop's time."""


@dataclass
class Fan:
    """One person, known by a cookie that the shop's own key has signed, as after an earlier visit.

    Once `closing` is set, who waits for something goes away.
    """

    name: str
    world: World
    history: History
    random: Random
    patience: float = 30
    email: str = ""
    closing: threading.Event = field(default_factory=threading.Event)
    browser: Browser = field(init=False)

    def __post_init__(self) -> None:
        assert 16 <= len(self.name) <= 64, "the shop takes no other ids from a cookie"  # noqa: S101 - a row's mistake
        self.email = self.email or f"{self.name}@example.org"
        cookie = str(URLSafeSerializer(self.world.secret_key, salt="fan").dumps(self.name))
        self.browser = Browser(
            self.world.url, self.name, self.history, cookie=("fan", cookie), patience=self.patience, closing=self.closing
        )

    def play(self, stall: Stall, mood: Mood) -> bool:
        """Play the whole story; False when everything at the stall is gone."""
        with self.browser:
            try:
                self._play(stall, mood)
            except Gone as no:
                return no.code != "sold-out"
            except Lost:
                pass
        return True

    def _play(self, stall: Stall, mood: Mood) -> None:
        hold = self.take(stall, self.random.choice((1, 1, 1, 2)))
        if mood is Mood.CHANGES:
            self.history.lets_go(self.name)
            hold = self.take(stall, self.random.choice((1, 2)))
        if mood is Mood.PUTS_BACK:
            self.history.lets_go(self.name)
            self.browser.ask("put back", "POST", f"{hold}/put-back")
        if mood in {Mood.PUTS_BACK, Mood.WALKS_AWAY}:
            return
        session = self.go_to_pay(hold)
        if mood is Mood.STOPS and session:
            self.browser.ask("stop paying", "POST", f"{hold}/stop-paying")
            session = self.go_to_pay(hold)
        if not session or not self.pay(session, DECLINED if mood is Mood.DECLINED else GOOD) or mood is Mood.PAYS_AND_LEAVES:
            return
        order = self.come_back(hold)
        if mood is Mood.CANCELS and order:
            self.history.gives_back(self.name)
            self.browser.ask("cancel", "POST", f"{order}/cancel")

    def take(self, stall: Stall, quantity: int) -> str:
        """Take so many copies of each run; the path of the hold."""
        runs = self.random.sample(stall.runs, len(stall.runs))  # whatever sequence the page's form has
        wants = {"run": runs, "quantity": [str(quantity)] * len(runs)}
        answer = self.browser.ask("take", "POST", f"/drops/{stall.drop}/holds", wants)
        said = answer.json()
        numbers = tuple((copy["run"], copy["number"]) for copy in said["copies"])
        self.history.told(Take(self.name, numbers, datetime.fromisoformat(said["expires_at"]), self.world.now()))
        return f"/holds/{said['token']}"

    def details(self) -> dict[str, str]:
        """What the fan types into the form."""
        return {"email": self.email, "country": "DE"}

    def go_to_pay(self, hold: str) -> str | None:
        """Fill in the form and press Pay until Stripe's page is there; the session, None when it never was."""
        self.browser.ask("details", "POST", f"{hold}/details", self.details())
        end = clock() + PREPARING
        while clock() < end:
            page = self.browser.ask("hold", "GET", hold)
            if page.status_code != 200:
                return None  # it became an order already
            total = page.json()["total"]
            if total is None:
                return None  # its time is over
            form = {**self.details(), "shown": str(total["amount"])}
            answer = self.browser.ask("checkout", "POST", f"{hold}/checkout", form)
            if answer.status_code == 200:
                found = SESSION.search(str(answer.json().get("pay")))
                return found[0] if found else None
            if answer.status_code != 202 or self.closing.wait(0.3):
                return None
        return None

    def pay(self, session: str, card: str = GOOD) -> bool:
        """Pay at Stripe; was it accepted? No answer counts as no: the fan then looks at the shop's page."""
        try:
            said = self.world.pay(session, card, email=self.email, name=self.name)
        except requests.RequestException:
            return False
        if said["outcome"] == "complete":
            self.history.pays(session)
        return bool(said["outcome"] == "complete")

    def come_back(self, hold: str) -> str | None:
        """Follow Stripe's way back until there is an order; its path, None when the shop goes on asking Stripe."""
        end = clock() + CONFIRMING
        while clock() < end:
            answer = self.browser.ask("way back", "GET", f"{hold}/paid")
            path = str(answer.headers.get("Location", ""))
            if path.startswith("/orders/"):
                self.see(path)
                return path
            if self.closing.wait(0.5):
                break
        return None

    def see(self, path: str) -> None:
        """Look at the order."""
        said = self.browser.ask("order", "GET", path).json()
        numbers = tuple((copy["run"], copy["number"]) for copy in said["copies"])
        self.history.buys(Bought(self.name, said["reference"], numbers))
