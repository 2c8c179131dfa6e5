"""Fans: what each wants and does next, knowing only what their browser was told."""

import re
from random import Random
from typing import TYPE_CHECKING

from flask.testing import FlaskClient

from sandbox import confirm, fan
from sandbox.errors import StripeError
from tests.sim.browser import Browser, said_of
from tests.sim.history import hold_of

if TYPE_CHECKING:
    from tests.sim.stage import OnSale
    from tests.sim.world import World

GOOD, DECLINED, SECURE = "4242424242424242", "4000000000000002", "4000002760003184"
# Cards that are good, and later bring a dispute, an inquiry, a refund that fails, one that takes a while; and how often each.
CARDS = {
    GOOD: 8,
    DECLINED: 1,
    SECURE: 1,
    "4000000000000259": 0.3,
    "4000000000001976": 0.3,
    "4000000000005126": 0.7,
    "4000000000007726": 0.7,
}


class Fan(Browser):
    """One person with one browser; `paid` are the payment pages where they have paid, `secure` when their bank asks them."""

    def __init__(self, number: int, client: FlaskClient) -> None:
        self.name = f"fan{number}"
        self.email = f"fan{max(number, 1)}@example.org" if number else "Fan1+zwei@example.org"  # the first two are one person
        client.environ_base["REMOTE_ADDR"] = f"10.0.{number}.1"
        super().__init__(client)
        self.secure = False
        self.paid: list[str] = []

    def act(self, world: "World", dice: Random) -> str:
        """Do what comes to mind."""
        if self.hold is None:
            acts = {"take": 9, "find": 1} | ({"order": 1, "cancel": 1, "alone": 0.3, "together": 0.3} if self.orders else {})
        elif self.session is None:
            acts = {"pay": 8, "change": 2, "look": 2, "back": 1, "leave": 1, "paid": 1}
        elif self.session in self.paid:
            acts = {"paid": 8, "leave": 2, "look": 1, "card": 1, "pay": 1, "change": 1, "back": 1}
        else:
            acts = {"card": 9, "pay": 1, "other": 1, "stop": 1, "change": 1, "back": 1, "look": 1, "paid": 1, "leave": 1}
        [act] = dice.choices(list(acts), list(acts.values()))
        said = getattr(self, f"_{act}")(world, dice)
        return f"{self.name} {act} {said}"

    def rush(self, world: "World", dice: Random) -> str:
        """Take what is newest."""
        return f"{self.name} {self._take_from(world, dice, world.drops[-1])}"

    def _take(self, world: "World", dice: Random) -> str:
        return self._take_from(world, dice, dice.choice(world.drops[-3:]))  # what is new is wanted

    def _take_from(self, world: "World", dice: Random, drop: "OnSale") -> str:
        runs = drop.runs if dice.random() < 0.3 else [dice.choice(drop.runs)]
        wants = {"run": runs, "quantity": [str(dice.choice((1, 1, 1, 2))) for _ in runs]}
        with world.history.changing(self.links):
            answer = self.post(world, f"/drops/{drop.slug}/holds", wants)
        if answer.status_code in {200, 201}:
            self.told(world, answer)
        return said_of(answer)

    def _change(self, world: "World", dice: Random) -> str:
        return self._take(world, dice)

    def _find(self, world: "World", dice: Random) -> str:
        answer = self.get(world, "/holds")
        mine = (answer.get_json() or {}).get("holds") or []
        if mine:
            self.hold, self.session = dice.choice(mine)["token"], None
            self.keep(self.hold)
        return f"{answer.status_code} {len(mine)}"

    def _look(self, world: "World", dice: Random) -> str:
        return said_of(self.get(world, f"/holds/{self.hold}"))

    def _pay(self, world: "World", dice: Random) -> str:
        return self._go_to_pay(world, dice, country="DE")

    def _other(self, world: "World", dice: Random) -> str:
        """Change the mind about the country in another tab, and pay again."""
        return self._go_to_pay(world, dice, country="FR")

    def _go_to_pay(self, world: "World", dice: Random, country: str) -> str:
        hold = self.hold
        self.post(world, f"/holds/{hold}/details", {"email": self.email, "country": country})
        page = self.get(world, f"/holds/{hold}")
        total = (page.get_json(silent=True) or {}).get("total") or {"amount": 0}
        shown = total["amount"] - (1 if dice.random() < 0.03 else 0)
        form = {"email": self.email, "country": country, "shown": str(shown), "name": "Fan", "line1": "Road 1", "city": "Berlin"}
        answer = self.post(world, f"/holds/{hold}/checkout", form | {"postal_code": "10115"})
        found = re.search(r"cs_test_\w+", answer.get_data(as_text=True)) if answer.status_code == 200 else None
        if found:
            self.session, self.secure = found[0], False
        return said_of(answer)

    def _card(self, world: "World", dice: Random) -> str:
        """On Stripe's page: pay, be declined, be asked by the bank, or turn back."""
        assert self.session is not None
        try:
            if self.secure:
                self.secure = False
                with world.box.store.transaction():
                    said = confirm.authenticate(world.box, self.session, success=dice.random() < 0.7)
            else:
                [card] = dice.choices(list(CARDS), list(CARDS.values()))
                said = fan.pay(world.box, self.session, card, {"email": self.email})
                self.secure = said == "authenticate"
        except StripeError as no:
            return f"refused {no.code or no.status}"
        if said == "complete":
            self.paid.append(self.session)
        return said

    def _paid(self, world: "World", dice: Random) -> str:
        """Come back from Stripe, or pretend to."""
        return said_of(self.get(world, f"/holds/{self.hold}/paid"))

    def _stop(self, world: "World", dice: Random) -> str:
        answer = self.post(world, f"/holds/{self.hold}/stop-paying", {})
        self.session = None if answer.status_code == 303 else self.session
        return said_of(answer)

    def _back(self, world: "World", dice: Random) -> str:
        hold = str(self.hold)
        with world.history.changing([hold]):
            answer = self.post(world, f"/holds/{hold}/put-back", {})
        if answer.status_code == 200:
            world.history.lets_go(hold_of(hold))
            self.forget()
        return said_of(answer)

    def _order(self, world: "World", dice: Random) -> str:
        return said_of(self.get(world, dice.choice(self.orders)[1]))

    def _cancel(self, world: "World", dice: Random) -> str:
        hold, page = dice.choice(self.orders)
        world.history.lets_go(hold)
        return said_of(self.post(world, f"{page}/cancel", {}))

    def _alone(self, world: "World", dice: Random) -> str:
        return said_of(self.post(world, f"{dice.choice(self.orders)[1]}/alone", {}))

    def _together(self, world: "World", dice: Random) -> str:
        return said_of(self.post(world, f"{dice.choice(self.orders)[1]}/together", {}))

    def _leave(self, world: "World", dice: Random) -> str:
        self.forget()
        return "away"
