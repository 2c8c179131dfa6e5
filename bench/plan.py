"""Who comes when: the arrival plan of a drop, made from a seed and from nothing else."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from random import Random
from typing import NamedTuple

from itsdangerous import URLSafeSerializer

from bench.fans import Ask
from bench.stand import Stall, look, take

BOT_LINES = 10  # connections of each bot
BOT_POSTS = 40  # a second, of each bot
BOT_NETWORKS = 4
SHARED, BEHIND_ONE = 0xE00000, 30  # the first address that several fans share, and how many do
SPREAD, FIRST = 5.0, 0.6  # takes come within so many seconds, this share of them in the first
TAIL = 6.0  # seconds for which stock is polled
AGAIN = 0.05  # of the fans click twice
KNOWN = 0.5  # of the fans have been here before, and have our cookie
HEAD = 2048  # bytes of an answer that are kept


class Kind(StrEnum):
    """What is asked for."""

    PAGE = "page"
    TAKE = "take"
    LIVE = "live"
    BOT = "bot"


class Moment(NamedTuple):
    """One request: `who` asks on connection `conn`; `dice` decides how exactly."""

    at: float
    conn: int
    kind: Kind
    who: int
    dice: float


@dataclass(frozen=True)
class Size:
    """How big a stampede is: fans, pages a second before T0, polls a second after it, bots, seconds before T0."""

    fans: int
    pages: int
    live: int
    bots: int
    before: float

    def scaled(self, k: float) -> "Size":
        """So many times as many people; there are never more bots."""
        bots = round(self.bots * min(1, k))
        return Size(round(self.fans * k), round(self.pages * k), round(self.live * k), bots, self.before)


K1 = Size(fans=3000, pages=1500, live=600, bots=20, before=5.0)


@dataclass(frozen=True)
class Arrivals:
    """The plan; T0 is `t0` seconds after its start."""

    seed: str
    t0: float
    moments: tuple[Moment, ...]

    @property
    def digest(self) -> str:
        """The same for the same plan."""
        whole = sha256()
        for m in self.moments:
            whole.update(f"{m.at:.6f} {m.conn} {m.kind} {m.who} {m.dice:.6f}\n".encode())
        return whole.hexdigest()[:16]

    def as_json(self) -> dict[str, object]:
        """For the file: what is needed to have it again, and to see that one has."""
        counts = Counter(moment.kind.value for moment in self.moments)
        return {"seed": self.seed, "t0": self.t0, "digest": self.digest, "counts": dict(counts)}


def stampede(seed: str, size: Size) -> Arrivals:
    """Refreshers before T0, then takes, polls and bots."""
    random = Random(seed)  # noqa: S311 - a story, no secret
    found = [*_pages(random, size), *_takes(random, size), *_polls(random, size), *_bots(random, size)]
    return Arrivals(seed, size.before, tuple(sorted(found)))


def second_wave(seed: str, fans: int, seconds: float) -> Arrivals:
    """Fans who come once the first holds have lapsed."""
    random = Random(seed)  # noqa: S311
    made = (Moment(random.uniform(0, seconds), n, Kind.TAKE, 100_000 + n, random.random()) for n in range(fans))
    return Arrivals(seed, 0.0, tuple(sorted(made)))


def _pages(random: Random, size: Size) -> Iterator[Moment]:
    span = size.before + 1
    for _ in range(round(size.pages * span)):
        fan = random.randrange(size.fans)
        yield Moment(random.uniform(0, span), fan, Kind.PAGE, fan, random.random())


def _takes(random: Random, size: Size) -> Iterator[Moment]:
    for fan in range(size.fans):
        after = random.uniform(0, 1) if random.random() < FIRST else random.uniform(1, SPREAD)
        dice = random.random()
        yield Moment(size.before + after, fan, Kind.TAKE, fan, dice)
        if dice < AGAIN:
            yield Moment(size.before + after + random.uniform(0.05, 0.3), fan, Kind.TAKE, fan, dice)


def _polls(random: Random, size: Size) -> Iterator[Moment]:
    for _ in range(round(size.live * TAIL)):
        fan = random.randrange(size.fans)
        yield Moment(size.before + random.uniform(0, TAIL), fan, Kind.LIVE, fan, random.random())


def _bots(random: Random, size: Size) -> Iterator[Moment]:
    for bot in range(size.bots):
        for n in range(round(BOT_POSTS * SPREAD)):
            at = size.before + (n + random.random()) / BOT_POSTS
            yield Moment(at, size.fans + bot * BOT_LINES + n % BOT_LINES, Kind.BOT, bot, random.random())


def asks(arrivals: Arrivals, host: str, stall: Stall, cookie: Callable[[int], str], tries: int = 3) -> list[Ask]:
    """The requests of a plan, to a drop; `cookie` gives a known fan's."""
    last = {moment.conn: n for n, moment in enumerate(arrivals.moments)}
    return [
        Ask(m.at, m.conn, _text(m, host, stall, cookie), 0 if m.kind in {Kind.PAGE, Kind.LIVE} else HEAD,
            tries if m.kind is Kind.TAKE else 1, last[m.conn] == n)
        for n, m in enumerate(arrivals.moments)
    ]  # fmt: skip


def _text(m: Moment, host: str, stall: Stall, cookie: Callable[[int], str]) -> bytes:
    if m.kind is Kind.PAGE:
        busting = f"?r={int(m.dice * 1e6)}" if m.dice < 0.2 else ""
        return look(host, f"/drops/{stall.drop}{busting}", address(m.who))
    if m.kind is Kind.LIVE:
        return look(host, f"/drops/{stall.drop}/live", address(m.who), json=True)
    if m.kind is Kind.BOT:
        return take(host, stall, 0xFF0000 + (m.who % BOT_NETWORKS) * 256 + m.who, json=True)
    return take(host, stall, address(m.who), json=wants_json(m), cookie=cookie(m.who) if is_known(m) else "")


def address(who: int) -> int:
    """Where a fan comes from: most from a network of their own, each tenth with twenty-nine others from one."""
    return SHARED + (who // (10 * BEHIND_ONE) << 8) if who % 10 == 0 else who << 8


def wants_json(moment: Moment) -> bool:
    """Does this fan's browser ask by script?"""
    return int(moment.dice * 1000) % 5 != 0


def is_known(moment: Moment) -> bool:
    """Was this fan here before? Whoever clicks twice was, as both clicks are one person's."""
    return moment.dice < max(KNOWN, AGAIN)


def cookies(secret_key: str) -> Callable[[int], str]:
    """Cookies as an earlier visit has left them."""
    signer = URLSafeSerializer(secret_key, salt="fan")
    return lambda who: f"fan={signer.dumps(f'bench-fan-{who:012d}')}"
