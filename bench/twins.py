"""A drop at two machines at once: who gets what, and who pays where."""

import json
import math
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from random import Random

import requests
from sqlalchemy import func, select

from app.inventory.models import Copy
from app.kernel.db import reading
from bench.fans import Answer, Ask, Fans
from bench.figures import milliseconds
from bench.judge import Told, behind, oversold
from bench.machines import Eyes, at_once
from bench.orders import KEEP, TooLong, orders, until
from bench.people import GOOD, browser, go_to_pay
from bench.plan import cookies
from bench.report import Row, at_least, at_most, none_of
from bench.rig import POSTGRES, Shop
from bench.say import say
from bench.stand import Stall, make_stall, take
from faults.history import History, Take

COPIES, FANS, TWICE, LIMIT = 100, 400, 25, 2  # of the fans so many ask both machines at once, for as many as one may have
SPREAD = 5.0  # seconds in which all of them come, more and more of them: so counts fall while one looks
CROSSING = 15  # of each machine's fans pay at the other
SAME = 2.0  # seconds after which both machines show the same


@dataclass(frozen=True)
class Won:
    """A fan was told at a machine that copies are theirs."""

    machine: int
    fan: str
    token: str
    numbers: tuple[int, ...]
    at: float
    until: datetime


@dataclass
class Stampede:
    """Fans come to both, some to both at once; then some of each machine's pay at the other."""

    machines: Sequence[Shop]
    fans: Fans
    seed: str
    history: History

    def row(self) -> Row:
        """Play it."""
        say(f"two machines: {COPIES} copies and {FANS} fans, {TWICE} of them at both")
        first = self.machines[0]
        stall = make_stall(first.db, first.now(), COPIES, limit=LIMIT)
        with Eyes(self.machines, stall.drop) as eyes:
            came = self._come(stall)
            won = [each for machine, answers in enumerate(came) for each in self._won(machine, answers)]
            self._remember(stall, won)
            time.sleep(SAME)
            held = self._held(stall)
            paid, faults = self._cross(won)
            until(lambda: orders(first, stall), paid, "orders")
            with suppress(TooLong):  # the gate says how many are missing
                until(lambda: len(first.sink.copies()), paid, "letters")
        row = self._shown([answer for answers in came for answer in answers], won, held)
        letters, missing = first.sink.copies(), 2 * CROSSING - paid
        row.figures |= {"paid at the other machine": paid, "workers with jobs in hand": eyes.workers()}
        row.gates += [
            at_most("one machine shows what the other did, after", _apart(eyes), SAME, " s"),
            none_of("shown differently at the end", len({seen[-1].free for seen in eyes.seen}) - 1),
            none_of("not paid at the other machine, and faults", missing + len(faults) + len(eyes.broken)),
            none_of("letters missing or twice", abs(len(letters) - paid) + sum(count - 1 for count in letters.values())),
            at_least("workers with jobs in hand", eyes.workers(), len(self.machines)),
        ]
        for fault in (*faults, *eyes.broken):
            say(fault)
        return row

    def _shown(self, answers: Sequence[Answer], won: Sequence[Won], held: int) -> Row:
        """What the answers say."""
        mine: dict[str, set[int]] = {}
        for each in won:
            mine.setdefault(each.fan, set()).update(each.numbers)
        told = [Told(number, each.at, math.inf, each.fan) for each in won for number in each.numbers]
        row = Row("two machines: a stampede, and payments at the other one", POSTGRES)
        row.cells = {f"{name} ms": value for name, value in milliseconds(each.took for each in answers).items()}
        row.figures = {"fans with copies": len(mine)}
        row.gates = [
            none_of("oversold", len(oversold(told))),
            none_of("copies not held, or that nobody was told of", COPIES - held + COPIES - len({each.number for each in told})),
            none_of("fans above their limit", sum(len(numbers) > LIMIT for numbers in mine.values())),
            none_of("wrong answers", sum(each.status not in {200, 201, 409, 429} for each in answers)),
        ]
        return row

    def _come(self, stall: Stall) -> list[list[Answer]]:
        """Everybody's takes; the answers by machine, each to the request of the fan with its number."""
        random, cookie = Random(self.seed), cookies(self.machines[0].secret_key)  # noqa: S311 - a story, no secret
        at = sorted(SPREAD * random.random() ** 0.5 for _ in range(FANS))

        def asks(machine: int) -> Iterator[Ask]:
            for fan in range(FANS):
                if _both(fan) or fan % len(self.machines) == machine:
                    quantity = LIMIT if _both(fan) else 1
                    host = self.machines[machine].host
                    yield Ask(
                        at[fan],
                        fan,
                        take(host, stall, fan * 256, json=True, cookie=cookie(fan), quantity=quantity),
                        KEEP,
                        3,
                        last=True,
                    )

        plans = [list(asks(machine)) for machine in range(len(self.machines))]
        came = at_once(self.fans, [int(each.port) for each in self.machines], plans)
        return [
            [each._replace(ask=plan[each.ask].conn) for each in answers] for plan, answers in zip(plans, came, strict=True)
        ]  # fmt: skip

    def _won(self, machine: int, answers: Sequence[Answer]) -> Iterator[Won]:
        for each in answers:
            if each.status in {200, 201}:
                said = json.loads(each.body)
                numbers = tuple(copy["number"] for copy in said["copies"])
                yield Won(machine, name(each.ask), said["token"], numbers, each.done, datetime.fromisoformat(said["expires_at"]))

    def _remember(self, stall: Stall, won: Sequence[Won]) -> None:
        for each in won:
            numbers = tuple((stall.run, number) for number in each.numbers)
            self.history.told(Take(each.fan, numbers, each.until, self.machines[0].now()))

    def _held(self, stall: Stall) -> int:
        with reading(self.machines[0].db) as session:
            return session.scalar(select(func.count(Copy.id)).where(Copy.run_id == stall.run_id, Copy.hold_id.is_not(None))) or 0

    def _cross(self, won: Sequence[Won]) -> tuple[int, list[str]]:
        """Holds of one copy that were taken at one machine are looked at and paid at the other; how many, and what went wrong."""
        faults: list[str] = []

        def pay(mine: Won) -> int:
            try:
                self._pay(mine)
            except (requests.RequestException, LookupError) as fault:
                faults.append(f"{type(fault).__name__}: {fault}")
                return 0
            return 1

        alone = [[each for each in won if each.machine == n and len(each.numbers) == 1] for n in range(len(self.machines))]
        with ThreadPoolExecutor(6) as pool:
            return sum(pool.map(pay, [each for mine in alone for each in mine[:CROSSING]])), faults

    def _pay(self, mine: Won) -> None:
        home, there = self.machines[mine.machine].url, self.machines[mine.machine - 1].url
        email = f"{mine.fan}@example.org"
        with browser() as visitor:
            if visitor.get(f"{there}/holds/{mine.token}", timeout=15, allow_redirects=False).status_code != 200:
                raise LookupError("the other machine does not know the hold")
            session = go_to_pay(visitor, there, mine.token, email)
            self.machines[0].pay(session, GOOD, email=email, name=mine.fan)
            visitor.get(f"{home}/holds/{mine.token}/paid", timeout=15, allow_redirects=False)


def name(fan: int) -> str:
    """The id in a fan's cookie, as `bench.plan.cookies` makes it."""
    return f"bench-fan-{fan:012d}"


def _apart(eyes: Eyes) -> float:
    """For how many seconds one machine showed more than the other had."""
    one, other = eyes.seen
    return max(behind(one, other), behind(other, one))


def _both(fan: int) -> bool:
    """Does this fan ask both machines at once? They are spread among the others."""
    return fan % (FANS // TWICE) == 0
