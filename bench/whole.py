"""A whole drop as it was played to the peers: 1,000 fans, 100 copies, 100 in the shop at once; page, take, pay, order."""

import time
from dataclasses import dataclass

from bench.fans import Ask, Came, Fans
from bench.figures import milliseconds
from bench.orders import GIVE_UP, KEEP, Settled, at_rest, gone_to_pay, held_back, paid_for, released
from bench.rig import Shop, serving
from bench.say import say
from bench.stand import look, make_stall, post, take
from bench.story import token_of
from bench.whole_floor import prepare

FANS, COPIES, AT_ONCE = 1000, 100, 100
TRIES = 5  # while the answer is: one moment


@dataclass(frozen=True)
class WholeDrop:
    """What it needed; seconds. `real` is from the first page to the last order."""

    settled: Settled
    sold: int
    busy: int  # answers that said: one moment
    browsing: float  # all fans' pages and takes
    real: float
    cpu: float
    database_cpu: float
    errors: int
    page_ms: dict[str, float]
    take_ms: dict[str, float]


@dataclass(frozen=True)
class WholeFloor:
    """What the floor needed; seconds."""

    took: float
    cpu: float


def whole_drop(rig: Shop, fans: Fans) -> WholeDrop:
    """The shop's drop; on PostgreSQL."""
    say(f"{rig.kind}: a whole drop, {FANS:,} fans and {COPIES} copies, {AT_ONCE} at a time")
    at_rest(rig)
    rig.flush()
    stall = make_stall(rig.db, rig.now(), COPIES, hold_minutes=60)
    cpu, base, begun = rig.whole_cpu(), rig.database_cpu(), time.monotonic()
    page, posts = f"/drops/{stall.drop}", [take(rig.host, stall, fan * 256, json=True) for fan in range(FANS)]
    came = fans.race(int(rig.port), _visits(rig.host, page, posts), GIVE_UP, cycle=False)
    browsing = time.monotonic() - begun
    pages, takes = [a for a in came.answers if a.ask % 2 == 0], [a for a in came.answers if a.ask % 2]
    won = [token for answer in takes if answer.status == 201 and (token := token_of(answer))]
    with held_back(rig):
        paid_for(rig, gone_to_pay(rig, fans, stall, won))
        settled = released(rig, stall, len(won))
    real = time.monotonic() - begun
    cpu, base = rig.whole_cpu() - cpu, rig.database_cpu() - base
    wrong = sum(a.status not in {200, 429} for a in pages) + sum(a.status not in {201, 409, 429} for a in takes)
    return WholeDrop(
        settled, len(won), sum(a.status == 429 for a in came.answers), browsing, real, cpu, base,
        wrong + settled.webhooks_refused,
        milliseconds(a.took for a in pages), milliseconds(a.took for a in takes),
    )  # fmt: skip


def _visits(host: str, page: str, posts: list[bytes]) -> list[Ask]:
    """Each fan looks at the page and takes; a hundred connections, each a fan's after the other's."""
    found = []
    for fan, text in enumerate(posts):
        found += [Ask(0, fan % AT_ONCE, look(host, page, fan * 256), 0, TRIES), Ask(0, fan % AT_ONCE, text, KEEP, TRIES)]
    return found


def whole_floor(rig: Shop, fans: Fans) -> WholeFloor:
    """The same drop on the floor: from the first page until all copies are ordered."""
    assert rig.server is not None  # noqa: S101 - there is no floor of it on SQLite
    url = rig.server.create_database("whole_floor").replace("+psycopg", "")
    prepare(url, COPIES)
    with serving(rig, "whole", "bench.whole_floor:app", "/", {"DATABASE_URL": url}) as floor:
        host, before = f"127.0.0.1:{floor.port}", floor.cpu()
        came = fans.race(
            floor.port, _visits(host, "/", [post(host, "/holds", {}, fan) for fan in range(FANS)]), GIVE_UP, cycle=False
        )
        held = [a for a in came.answers if a.ask % 2 and a.status == 303]
        ids = [(answer.header("location") or "").rpartition("/")[2] for answer in held]
        asks = [Ask(0, n, post(host, "/orders", {"hold": id_}, n)) for n, id_ in enumerate(ids)]
        ordered = fans.race(floor.port, asks, GIVE_UP, cycle=False)
        if [a.status for a in ordered.answers] != [303] * COPIES:
            raise RuntimeError(f"the floor of a whole drop did not sell {COPIES} copies, but {len(ids)}")
        took = max(a.done for a in held) - _first(came) + max(a.done for a in ordered.answers) - _first(ordered)
        return WholeFloor(took, floor.cpu() - before)


def _first(came: Came) -> float:
    return min(answer.planned for answer in came.answers)
