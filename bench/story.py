"""What the answers of a stampede say: who got what, who was told that it is gone, and how long everybody waited."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import requests
from sqlalchemy import select

from app.inventory.models import Copy, StockMovement
from app.inventory.states import CopyState
from app.kernel.db import Database, reading
from bench.fans import Answer
from bench.figures import milliseconds, percentile
from bench.judge import Move, Refused, Told, false_sold_out, oversold
from bench.plan import Arrivals, Kind, Moment
from bench.rig import Shop

GRANTED = {200, 201, 303}


@dataclass
class Story:
    """The answers of one drop. `zero` is the moment of the shop's clock at which its plan began."""

    arrivals: Arrivals
    zero: float
    answers: list[Answer] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)

    def moment(self, answer: Answer) -> Moment:
        """What was asked for."""
        return self.arrivals.moments[answer.ask]

    def of(self, *kinds: Kind) -> list[Answer]:
        """The answers to some kinds of requests."""
        return [answer for answer in self.answers if self.moment(answer).kind in kinds]

    @property
    def granted(self) -> list[Answer]:
        """Takes that were."""
        return [answer for answer in self.of(Kind.TAKE, Kind.BOT) if answer.status in GRANTED]

    @property
    def errors(self) -> list[Answer]:
        """Faults, and what had no answer."""
        return [answer for answer in self.answers if answer.status >= 500 or answer.status < 0]

    def fan(self, answer: Answer) -> str:
        """Who it was; without a cookie each request is somebody new."""
        moment = self.moment(answer)
        return f"fan {moment.who}" if moment.kind is Kind.TAKE else f"bot's request {answer.ask}"

    def held_after(self, copies: int) -> float:
        """Seconds from T0 until so many holds were known to those who have them; infinity when they never were."""
        firsts: dict[str, float] = {}
        for answer in self.granted:
            firsts[self.fan(answer)] = min(answer.done, firsts.get(self.fan(answer), answer.done))
        done = sorted(firsts.values())
        return done[copies - 1] - self.arrivals.t0 if len(done) >= copies else math.inf

    def refused(self) -> list[Refused]:
        """Who was told that nothing is left, in the shop's time."""
        found = (answer for answer in self.of(Kind.TAKE, Kind.BOT) if answer.status == 409)
        return [Refused(self.zero + answer.sent, self.zero + answer.done) for answer in found]

    def busy_without_hint(self) -> int:
        """How many busy answers did not say when to come again."""
        kept = (answer for answer in self.answers if answer.status == 429 and answer.text)
        return sum(answer.header("retry-after") is None for answer in kept)

    def p(self, share: float, answers: Iterable[Answer]) -> float:
        """A percentile of how long these took, in seconds."""
        return percentile([answer.took for answer in answers], share)

    def as_json(self) -> dict[str, Any]:
        """For the file: per kind of request how many answers of each status, and what they took."""
        kinds = {kind: self.of(kind) for kind in Kind}
        return {
            "plan": self.arrivals.as_json(),
            **{
                kind.value: {"statuses": dict(Counter(a.status for a in mine)), "ms": milliseconds(a.took for a in mine)}
                for kind, mine in kinds.items()
                if mine
            },
        }


def token_of(answer: Answer) -> str | None:
    """The hold that a granted take began."""
    if answer.status == 303:
        return (answer.header("location") or "").rpartition("/")[2] or None
    try:
        return str(json.loads(answer.body)["token"])
    except (ValueError, KeyError):
        return None


def tell(rig: Shop, story: Story, paid: Set[str] = frozenset()) -> None:
    """Note which numbers the winners were told; who has only a link looks at it now. Whoever has paid has them for ever."""
    granted = story.granted
    with ThreadPoolExecutor(8) as pool:
        whole = list(pool.map(lambda answer: _said(answer) or _looked(rig, token_of(answer) or ""), granted))
    for answer, said in zip(granted, whole, strict=True):
        for_ever = token_of(answer) in paid or "expires_at" not in said
        until = math.inf if for_ever else datetime.fromisoformat(said["expires_at"]).timestamp()
        at = story.zero + answer.done
        story.told += [Told(copy["number"], at, until, story.fan(answer)) for copy in said["copies"]]


def _said(answer: Answer) -> dict[str, Any] | None:
    if answer.status == 303:
        return None
    found: dict[str, Any] = json.loads(answer.body)
    return found


def _looked(rig: Shop, token: str) -> dict[str, Any]:
    json_please = {"Accept": "application/json"}
    answer = requests.get(f"{rig.url}/holds/{token}", headers=json_please, timeout=30, allow_redirects=False)
    if answer.status_code == 303:  # it is an order already
        answer = requests.get(rig.url + answer.headers["Location"], headers=json_please, timeout=30)
    found: dict[str, Any] = answer.json()
    return found


def moves_of(db: Database, run_id: int) -> list[Move]:
    """When copies of a run became free or were taken."""
    columns = StockMovement.at, StockMovement.before, StockMovement.after
    wanted = select(*columns).join(Copy, Copy.id == StockMovement.copy_id).where(Copy.run_id == run_id)
    with reading(db) as session:
        rows = session.execute(wanted.where(StockMovement.before.is_not(None))).all()
    free = CopyState.AVAILABLE
    return [Move(at.timestamp(), (after is free) - (before is free)) for at, before, after in rows]


def judged(stories: Sequence[Story], copies: int, moves: Sequence[Move]) -> tuple[int, int, int]:
    """How many copies two fans were told to have, how many fans were wrongly told that nothing is left, and of how many."""
    told = [each for story in stories for each in story.told]
    refused = [each for story in stories for each in story.refused()]
    return len(oversold(told)), len(false_sold_out(refused, copies, moves)), len(refused)
