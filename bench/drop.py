"""A drop as it happens: refreshers, the stampede at T0, bots, payers, the desk; then the second wave, when holds lapse."""

import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from bench.fans import Came, Fans
from bench.figures import percentile
from bench.people import Desk, Payers
from bench.plan import Arrivals, Kind, Size, asks, cookies, second_wave, stampede
from bench.report import shown
from bench.rig import Shop
from bench.say import say
from bench.stand import Stall, make_stall
from bench.story import Story, judged, moves_of, tell, token_of

LEAD, EACH = 2.0, 1 / 12_000  # seconds for making the requests of a plan, and for each of them
HOLD_MINUTES = 10
SECOND = 0.2, 2.0  # of the fans come again in so many seconds once holds have lapsed
REMEMBERED = 2.0  # seconds after which nothing of before the leap is remembered; in life those minutes pass
PATIENCE = 10.0  # seconds after which somebody goes away without an answer


@dataclass(frozen=True)
class Wanted:
    """Which drop: its name, its seed, how big, how many copies, how many go on to pay, and whether there is a second wave.

    `thinks` are the seconds, from and to, that somebody takes between having a copy and going to pay.
    """

    name: str
    seed: str
    size: Size
    copies: int = 300
    payers: int = 100
    thinks: tuple[float, float] = (5.0, 35.0)
    again: bool = True
    tries: int = 3  # of each fan, as long as the answer is: one moment


@dataclass
class Played:
    """A drop that was played."""

    wanted: Wanted
    database: str
    first: Story
    second: Story | None = None
    copies: int = 0
    oversold: int = 0
    false_sold_out: int = 0
    refused: int = 0
    desk: list[float] = field(default_factory=list)
    desk_wrong: int = 0
    paid: int = 0
    faults: list[str] = field(default_factory=list)
    server_cpu: float = 0.0
    database_cpu: float = 0.0
    fans: Came | None = None

    @property
    def stories(self) -> list[Story]:
        """The first wave and the second."""
        return [self.first, *([self.second] if self.second else [])]

    def late(self) -> float:
        """How late the generator itself was, p99 in milliseconds."""
        return 1000 * percentile([answer.late for answer in self.first.answers], 0.99)

    def figures(self) -> dict[str, Any]:
        """What is shown of it."""
        took = self.first.of(Kind.TAKE, Kind.BOT)
        counts = Counter(answer.status for answer in took)
        winners = self.first.granted
        gone = [answer for answer in took if answer.status == 409]
        found: dict[str, Any] = {
            "all held after s": self.first.held_after(self.copies),
            "winners": len({self.first.fan(answer) for answer in winners}),
            "p50/p99 ms": self._two(winners),
            "sold-out": f"{len(gone):,} {self._two(gone)}",
            "busy": counts[429],
            "page": self._two(self.first.of(Kind.PAGE)),
            "live": self._two(self.first.of(Kind.LIVE)),
            "answers": len(self.first.answers),
            "paid": self.paid,
            "server CPU s": self.server_cpu,
            "fans late p99 ms": self.late(),
        }
        if self.database_cpu:
            found["database CPU s"] = self.database_cpu
        if self.fans:
            found["fans' share of a core"] = self.fans.cpu / self.fans.seconds
        if self.second:
            found["second wave winners"] = len(self.second.granted)
        return found

    def _two(self, answers: Any) -> str:
        return f"{shown(1000 * self.first.p(0.5, answers))}/{shown(1000 * self.first.p(0.99, answers))}"

    def as_json(self) -> dict[str, Any]:
        """For the file."""
        strange = [{"kind": self.first.moment(a).kind, "status": a.status, "at": a.planned} for a in self.first.errors[:20]]
        return {
            "name": self.wanted.name, "database": self.database, "waves": [story.as_json() for story in self.stories],
            "figures": self.figures(), "strange": strange, "faults": self.faults[:20],
        }  # fmt: skip


def play(rig: Shop, fans: Fans, wanted: Wanted) -> Played:
    """One drop from its first page to its second wave."""
    arrivals = stampede(wanted.seed, wanted.size)
    say(f"{rig.kind}: {wanted.name}, {len(arrivals.moments):,} requests, plan {arrivals.digest}")
    rig.flush()
    with ExitStack() as stack:
        desk = stack.enter_context(Desk(rig))
        payers = stack.enter_context(Payers(rig, Random(wanted.seed), wanted.payers, wanted.thinks))  # noqa: S311 - a story, no secret
        lead = LEAD + EACH * len(arrivals.moments)
        start = time.time() + lead
        opens_in = wanted.size.before + lead
        stall = make_stall(rig.db, rig.now(), wanted.copies, opens_in=opens_in, hold_minutes=HOLD_MINUTES)
        played = Played(wanted, rig.kind, Story(arrivals, 0.0), copies=wanted.copies)
        before, base = rig.whole_cpu(), rig.database_cpu()
        played.fans = _stampede(rig, fans, played, stall, start, payers)
        played.server_cpu, played.database_cpu = rig.whole_cpu() - before, rig.database_cpu() - base
        say(f"{rig.kind}: {len(played.first.answers):,} answers")
        payers.finish()
        played.desk, played.desk_wrong, played.paid, played.faults = desk.took, desk.wrong, len(payers.paid), payers.faults
    tell(rig, played.first, set(payers.paid))
    if wanted.again:
        say(f"{rig.kind}: holds lapse, and some come again")
        played.second = _again(rig, fans, wanted, stall)
        tell(rig, played.second)
    moves = moves_of(rig.db, stall.run_id)
    played.oversold, played.false_sold_out, played.refused = judged(played.stories, wanted.copies, moves)
    return played


def _stampede(rig: Shop, fans: Fans, played: Played, stall: Stall, start: float, payers: Payers) -> Came:
    """The plan, over HTTP; winners are sent to pay as soon as they are known."""
    story = played.first
    requests = asks(story.arrivals, rig.host, stall, cookies(rig.secret_key), played.wanted.tries)
    story.zero = start + _offset(rig)
    if time.time() > start:
        raise RuntimeError("the requests were not ready in time: this machine is too busy to measure anything")
    with fans.begin(int(rig.port), requests, start=start, patience=PATIENCE, sources=16) as crowd:
        while not crowd.over:
            for answer in crowd.new():
                if story.arrivals.moments[answer.ask].kind is Kind.TAKE and answer.status in {201, 303}:
                    payers.win(token_of(answer) or "")
            time.sleep(0.1)
        came = crowd.end()
    story.answers = came.answers
    return came


def _again(rig: Shop, fans: Fans, wanted: Wanted, stall: Stall) -> Story:
    """Time goes on, holds lapse, and some come again."""
    rig.forward(minutes=HOLD_MINUTES + 1)
    time.sleep(REMEMBERED)
    arrivals: Arrivals = second_wave(f"{wanted.seed}/again", round(wanted.size.fans * SECOND[0]), SECOND[1])
    requests = asks(arrivals, rig.host, stall, cookies(rig.secret_key))
    story = Story(arrivals, datetime.now(UTC).timestamp() + 0.1 + _offset(rig))
    story.answers = fans.play(int(rig.port), requests, start=time.time() + 0.1, patience=PATIENCE).answers
    return story


def _offset(rig: Shop) -> float:
    """Seconds by which the shop's clock was moved on."""
    return round(rig.now().timestamp() - time.time(), 2)
