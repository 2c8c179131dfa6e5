"""What happens in the shop of a seed, step by step, and the look at all that must be true after each."""

import json
from contextlib import nullcontext
from random import Random

from werkzeug.test import TestResponse

from app.catalogue.models import Label
from app.kernel.db import transaction
from app.kernel.errors import Unavailable
from tests.builders import make_drop, make_release, make_run
from tests.databases import SqliteTemplate
from tests.sim import bank, plant
from tests.sim.deed import Deed, PowerCut
from tests.sim.desk import Desk
from tests.sim.history import History
from tests.sim.stage import WORKERS, Stage
from tests.sim.steps import Step
from tests.sim.trouble import Trouble, state_before
from tests.sim.truths import Broken

# How the clock moves: so many seconds at most, so often.
LEAPS = {2: 6, 45: 6, 11 * 60: 4, 50 * 60: 1, 6 * 3600: 0.3}


class World(Stage):
    """Everything that a story happens to."""

    def __init__(self, template: SqliteTemplate, seed: int) -> None:
        self.history = History()
        self.trace: list[str] = []
        self.covered: set[tuple[str, str]] = set()
        self.crashes = self.heard = 0
        super().__init__(template, seed, self._hear)
        self.trouble = Trouble(self)
        self.desk = Desk(self.db, self.labels)
        self._web = self.app.test_client()

    def step(self, step: Step) -> None:
        """Do one step, and look whether all is still true. Raises Broken."""
        deeds = {self._deed(each): each for each in (step, *step.beside)}
        self.dice.seed(step.dice)
        self.clock.forward(milliseconds=self.dice.randint(1, 1500))
        self.tell_time()
        meets = state_before(self, step)
        with self.trouble.during(step) as met:
            self.baton.round(*deeds)
        for deed, done in deeds.items():
            if deed.died:
                met.append("crash")
                self._bury(done)
        met += [f"beside {each.deed}" for each in step.beside]
        self.covered |= {(meets, fault) for fault in met}
        self.trace.append(f"{' | '.join(deed.said for deed in deeds)} {met or ''}")
        self.look()

    def tell_time(self) -> None:
        """Everybody looks at the clock; a clock that is put back makes nothing last longer."""
        self.history.latest = max(self.history.latest, f"{self.clock.now():%Y-%m-%dT%H:%M:%S.%f}")

    def look(self) -> None:
        """Is all true that must be true after every step? Raises Broken."""
        if self.complaints.faults:
            raise Broken(f"fault: {self.complaints.faults[0]}")
        self.watch.check(self.clock.now())

    def seen(self, answer: TestResponse) -> TestResponse:
        """An answer of the shop: never a fault, and who is put off is told for how long. Raises Broken."""
        if answer.status_code >= 500 and answer.status_code != 503:
            raise Broken(f"fault: {answer.request.path} answered {answer.status_code}; {self.complaints.faults[-1:]}")
        if answer.status_code in {429, 503} and "Retry-After" not in answer.headers:
            raise Broken(f"put_off_for_ever: {answer.request.path} answered {answer.status_code} without Retry-After")
        return answer

    # Deeds, by the names that steps have for them.

    def _deed(self, step: Step) -> Deed:
        dice = Random(step.dice)  # noqa: S311 - a story, no secret
        dies_at = dice.randint(1, 2 ** dice.randint(1, 7)) if step.fault == "crash" else 0

        def do() -> str:
            try:
                return str(getattr(self, f"_{step.deed}")(step.who, dice))
            except Unavailable:
                return f"{step.deed} busy"

        return Deed(do, dies_at=dies_at, impatient=step.fault == "database busy")

    def _fan(self, who: int, dice: Random) -> str:
        return self.fans[who % len(self.fans)].act(self, dice)

    def _rush(self, who: int, dice: Random) -> str:
        """What is newest has just opened, and everybody wants it."""
        return f"rush {self.fans[who % len(self.fans)].rush(self, dice)}"

    def _worker(self, who: int, dice: Random) -> str:
        done = self.workers[who % WORKERS].step(limit=dice.choice((1, 3, 10)))
        return f"worker{who % WORKERS} {done}"

    def _event(self, _who: int, dice: Random) -> str:
        """Stripe sends one event, any of those it holds, or one that came before; what failed is due again after a while."""
        again = self.deliveries.run_due()
        wanted = "delivered" if dice.random() < 0.2 else "held"
        able = self.box.store.select("delivery", lambda each: each["state"] == wanted)
        if not able:
            return f"event none {wanted}, {again} due"
        return f"{self.trouble.deliver(dice.choice(able)['event'])} {wanted}, {again} due"

    def _clock(self, _who: int, dice: Random) -> str:
        [most] = dice.choices(list(LEAPS), list(LEAPS.values()))
        self.clock.forward(seconds=dice.randint(1, most))
        return f"clock {self.clock.now():%d. %H:%M:%S}"

    def _desk(self, _who: int, dice: Random) -> str:
        return self.desk.act(self, dice)

    def _label(self, _who: int, dice: Random) -> str:
        """The label brings out something new."""
        with transaction(self.db) as session:
            release = make_release(session, session.get_one(Label, self.labels[0]))
            run = make_run(session, release, size=dice.randint(1, 3), limit=self.shop.run_limit)
            self.announce(make_drop(session, [run], limit=self.shop.limit, hold_minutes=self.shop.hold_minutes))
        return f"label {self.drops[-1].slug}"

    def _plant(self, _who: int, dice: Random) -> str:
        return plant.act(self, dice)

    def _bank(self, _who: int, dice: Random) -> str:
        return bank.act(self, dice)

    # What goes on around them.

    def _hear(self, _url: str, body: bytes, headers: dict[str, str]) -> int:
        """An event comes to the shop; it may be news only once. Raises Broken, or OSError when the shop dies of it."""
        self.heard += 1
        try:
            with self.baton.undisturbed() if self.trouble.early else nullcontext():
                answer = self.seen(self._web.post("/webhooks/stripe", data=body, headers=headers))
        except PowerCut as cut:
            raise ConnectionResetError("the shop died") from cut
        if answer.status_code == 200 and answer.get_json()["heard"]:
            self.history.news(json.loads(body)["id"])
        return answer.status_code

    def _bury(self, step: Step) -> None:
        """A process died; another one is started in its place."""
        self.crashes += 1
        if step.deed == "worker":
            self.workers[step.who % WORKERS] = self.hire(step.who % WORKERS)
