"""A shop with everything around it, in one process and one thread; nothing in it depends on the real time or on chance."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from random import Random
from types import TracebackType
from typing import Any, Self

from sqlalchemy import select

from app.checkout.breaker import Breaker
from app.checkout.house import House
from app.drops.models import Drop
from app.fulfilment.models import PostageRate
from app.kernel.db import transaction
from app.kernel.turns import Freely
from app.payments.gateway import open_gateway
from app.worker import Worker, make_worker
from sandbox import Clock as StripeClock
from sandbox import Options
from sandbox import make_app as make_stripe
from sandbox.behaviour import Behaviour
from sandbox.box import Sandbox
from sandbox.delivery import Deliveries
from tests.builders import make_drop, make_label, make_release, make_run
from tests.cast import NOW, StoppedClock
from tests.databases import SqliteTemplate
from tests.sim.baton import Baton
from tests.sim.chance import Complaints, mounted, quicken, tamed
from tests.sim.fans import Fan
from tests.sim.steps import shop_of
from tests.sim.truths import Watch
from tests.sim.wire import Postbox, Wire
from tests.site import WEBHOOK_SECRET, make_app

WORKERS = 2
HOLD = Behaviour("hold")  # Stripe sends no event by itself

Post = Callable[[str, bytes, dict[str, str]], int]


@dataclass(frozen=True)
class OnSale:
    """A drop as fans know it."""

    slug: str
    runs: list[str]


class Stage:
    """The shop of a seed, opened: its database, Stripe, mail, workers, fans and drops. `post` is where Stripe's events go."""

    def __init__(self, template: SqliteTemplate, seed: int, post: Post) -> None:
        self.seed, self.shop = seed, shop_of(seed)
        self.dice = Random(f"world {seed}")  # noqa: S311 - for what the shop, the SDK and the sandbox draw by themselves
        self.clock = StoppedClock(NOW)
        self.complaints = Complaints()
        self._undo = ExitStack()
        self._open_database(template)
        self._undo.enter_context(tamed(self.dice, self.complaints))
        self._open_stripe(post)
        self._open_shop()

    def hire(self, number: int) -> Worker:
        """A new worker process with this number."""
        worker = make_worker(self.house)
        for hand in worker.hands:
            hand.name = f"worker{number}"
        return worker

    def announce(self, drop: Drop) -> None:
        """Fans hear of a drop."""
        self.drops.append(OnSale(drop.slug, [entry.run.slug for entry in drop.entries]))

    def rows(self, sql: str, **given: Any) -> list[tuple[Any, ...]]:
        """What a query finds."""
        return self.watch.rows(sql, **given)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        self._undo.close()

    def _open_database(self, template: SqliteTemplate) -> None:
        fresh = template.fresh()
        self._undo.callback(template.remove, fresh)
        quicken(fresh.database.engine, self.dice)
        self.baton = Baton(fresh.database, self.dice)
        self.db = replace(fresh.database, _turns=Freely(fresh.database._sessions, self.baton.writers))
        self.watch = Watch(str(self.db.engine.url.database))
        self._undo.callback(self.watch.close)

    def _open_stripe(self, post: Post) -> None:
        options = Options(webhook="http://runout-tests/webhooks/stripe", webhook_secret=WEBHOOK_SECRET, seed=self.seed)
        clock = StripeClock(base=self._seconds)
        self.stripe = make_stripe(options, clock=clock, post=post, timer=self._seconds, pause=self._wait)
        self.box: Sandbox = self.stripe.extensions["sandbox"]
        self.box.ids._random = self.dice
        self.deliveries: Deliveries = self.stripe.extensions["deliveries"]
        self.deliveries.behave(HOLD)
        self.postbox = Postbox(self.baton.point)

    def _open_shop(self) -> None:
        self._undo.enter_context(mounted(Wire(self.stripe, self.baton.point), self.postbox, self._wait))
        gateway = open_gateway("sk_test_the_simulator", "http://127.0.0.1:9", Breaker(self.db, self.clock))
        self.app = make_app(self.db, self.clock, gateway)
        self.house: House = self.app.extensions["runout"]
        self.workers = [self.hire(n) for n in range(WORKERS)]
        self.fans = [Fan(n, self.app.test_client()) for n in range(self.shop.fans)]
        self.drops: list[OnSale] = []
        self.labels = self._stock()

    def _stock(self) -> list[int]:
        """Two drops that share a run, and one of another label where nothing is due; the labels."""
        shop = self.shop
        with transaction(self.db) as session:
            label, gifts = make_label(session), make_label(session)
            label.refund_limit = shop.refund_limit
            first, second = (
                make_run(session, make_release(session, label), size=size, limit=shop.run_limit) for size in shop.copies
            )
            gift = make_run(session, make_release(session, gifts), size=2, price=0)
            for rate in session.scalars(select(PostageRate).where(PostageRate.zone.has(label_id=gifts.id))):
                rate.amount = 0
            self.announce(make_drop(session, [second]))
            self.announce(make_drop(session, [gift], limit=1, hold_minutes=1))
            self.announce(make_drop(session, [first, second], limit=shop.limit, hold_minutes=shop.hold_minutes))
            return [label.id, gifts.id]

    def _seconds(self) -> float:
        return self.clock.now().timestamp()

    def _wait(self, seconds: float) -> None:
        """Somebody waits: for the SDK ten seconds at most."""
        self.clock.forward(seconds=min(seconds, 10.0))
