"""From memory comes what Flask itself would say, byte for byte, and no longer than it is true."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.gate.answer import Answer
from app.gate.back import KEEP
from app.gate.front import MOST, STALE, Front, Tally
from app.gate.pace import MOST as MOST_CLICKS
from app.gate.pace import NEARBY, network
from app.kernel.db import Database
from tests.builders import open_drop, take_some
from tests.cast import BEN
from tests.gate.asking import Front as Asking
from tests.gate.asking import Told, run

SOLD_OUT = b"run=run-1&quantity=1"


def alike(told: Told) -> tuple[int, dict[str, str], bytes]:
    """Without what differs from one request to the next."""
    status, headers, body = told
    return status, {name: value for name, value in headers.items() if name != "x-request-id"}, body


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/drops/drop-1", {"accept": "text/html", "accept_encoding": "gzip, br"}),
        ("/drops/drop-1", {"accept": "text/html"}),
        ("/drops/drop-1", {"accept": "application/json", "accept_encoding": "gzip"}),
        ("/drops/drop-1/live", {"accept_encoding": "gzip"}),
        ("/", {"accept": "text/html"}),
        ("/releases", {}),
        ("/static/icon.svg", {"accept_encoding": "gzip"}),
    ],
)
def test_what_is_kept_is_what_flask_says(app: Flask, db: Database, path: str, headers: dict[str, str]) -> None:
    open_drop(db)

    async def play() -> None:
        asking = Asking(app)
        first = await asking.ask("GET", path, **headers)
        again = await asking.ask("GET", f"{path}?t=123", **headers)
        assert first[0] == 200
        assert alike(again) == alike(first)
        assert again[1]["x-request-id"] != first[1]["x-request-id"]
        assert asking.behind.asked == 1
        if "etag" in first[1]:
            unchanged = [await asking.ask("GET", path, if_none_match=first[1]["etag"], **headers) for _ in range(2)]
            assert [told[0] for told in unchanged] == [304, 304]
            assert alike(unchanged[0]) == alike(unchanged[1])
            assert asking.behind.asked == 2

    run(play)


def test_who_comes_too_late_is_told_the_same_from_memory_and_who_holds_is_not(app: Flask, db: Database) -> None:
    drop, tape = open_drop(db, size=1)
    take_some(db, drop, {tape: 1}, BEN)

    async def play() -> None:
        asking = Asking(app)
        told = [await asking.ask("POST", "/drops/drop-1/holds", SOLD_OUT, accept="text/html") for _ in range(3)]
        assert [each[0] for each in told] == [409, 409, 409]
        assert alike(told[0]) == alike(told[1]) == alike(told[2])
        assert asking.behind.asked == 1
        other = await asking.ask("POST", "/drops/drop-1/holds", SOLD_OUT, accept="text/html", cookie="fan=somebody")
        assert other[0] == 409
        assert asking.behind.asked == 2

    run(play)


def test_a_take_is_never_answered_from_memory(app: Flask, db: Database) -> None:
    open_drop(db, size=3)

    async def play() -> None:
        asking = Asking(app)
        told = [await asking.ask("POST", "/drops/drop-1/holds", SOLD_OUT, accept="text/html") for _ in range(3)]
        assert len({each[1]["location"] for each in told}) == 3

    run(play)


def test_what_was_answered_from_memory_is_noted(app: Flask, db: Database) -> None:
    open_drop(db)

    async def play() -> None:
        asking = Asking(app)
        told = [await asking.ask("GET", "/drops/drop-1/live") for _ in range(4)]
        await asyncio.sleep(0.3)
        [(*what, took, mark)] = asking.behind.noted
        assert (what, len(took)) == (["GET", "/drops/<slug>/live", 200], 3)
        assert mark == told[-1][1]["x-request-id"]

    run(play)


def test_only_the_first_to_find_an_answer_old_makes_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    front = Front()
    front.keep("q", Answer(200, []), Tally("GET", "/", 200), 10.0)
    seen = [front.look("q", at) is not None for at in (9.0, 10.5, 10.6, 10.7, 10.0 + STALE + 0.1)]
    assert seen == [True, False, True, True, False]


def test_who_finds_an_answer_old_is_given_the_new_one() -> None:
    """And neither the old one once more, nor does anybody have to wait until it is too old for all."""
    made = iter(range(9))

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        environ[KEEP] = ("/", 0.05)
        start("200 OK", [])
        return [str(next(made)).encode()]

    async def play() -> None:
        asking = Asking(app)
        first, kept = await asking.ask("GET", "/"), await asking.ask("GET", "/")
        await asyncio.sleep(0.06)
        renewed = await asking.ask("GET", "/")
        assert [told[2] for told in (first, kept, renewed)] == [b"0", b"0", b"1"]

    run(play)


def test_questions_without_end_do_not_fill_the_memory() -> None:
    front = Front()
    for n in range(MOST * 3):
        front.keep(n, Answer(200, []), Tally("GET", "/", 200), 10.0)
    assert len(front._kept) <= MOST


def _app(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    time.sleep(0.05)
    start("200 OK", [])
    return [environ["PATH_INFO"].encode()]


def test_the_line_is_short_and_who_holds_copies_goes_first() -> None:
    async def play() -> None:
        asking = Asking(_app, threads=2)
        asking.lanes.take.pace = 1.5  # seconds that a take seems to need
        takes = [asyncio.create_task(asking.ask("POST", "/drops/x/holds", b"run=x")) for _ in range(4)]
        await asyncio.sleep(0)
        held = asyncio.create_task(asking.ask("GET", "/holds/token"))
        told = await asyncio.gather(*takes, held)
        assert [each[0] for each in told] == [200, 429, 429, 429, 200]
        assert all(each[1]["retry-after"] for each in told[1:4])
        assert asking.behind.asked == 2

    run(play)


def test_when_the_process_behind_dies_nobody_is_told_that_nothing_happened() -> None:
    async def play() -> None:
        asking = Asking(_app)
        asking.behind.gone = True
        assert (await asking.ask("GET", "/holds/token"))[0] == 502
        asking.behind.gone = False
        assert (await asking.ask("GET", "/holds/token"))[0] == 200

    run(play)


def test_one_browser_asks_no_faster_than_a_person_and_thirty_behind_one_address_are_not_one(app: Flask, db: Database) -> None:
    open_drop(db, size=40, limit=1)

    async def play() -> None:
        asking = Asking(app, threads=40)
        first = await asking.ask("POST", "/drops/drop-1/holds", SOLD_OUT)
        mine = first[1]["set-cookie"].partition(";")[0]
        bot = [(await asking.ask("POST", "/drops/drop-1/holds", SOLD_OUT, cookie=mine))[0] for _ in range(20)]
        assert set(bot) == {303, 429}
        assert bot.count(303) <= 2 * MOST_CLICKS  # in this second and perhaps the next
        elsewhere = {"client": "203.0.113.7:9"}
        fresh = await asyncio.gather(*(asking.ask("POST", "/drops/drop-1/holds", SOLD_OUT, **elsewhere) for _ in range(30)))
        assert [told[0] for told in fresh] == [303] * 30

    run(play)


def test_one_network_asks_no_faster_than_many_people_however_many_browsers_it_pretends_to_be() -> None:
    async def play() -> None:
        asking = Asking(_at_once, threads=100)
        asks = [asking.ask("POST", "/drops/x/holds", client=f"203.0.113.{n}:9", cookie=f"fan={n}") for n in range(200)]
        told = [each[0] for each in await asyncio.gather(*asks)]
        assert NEARBY <= told.count(200) <= 2 * NEARBY  # in this second and perhaps the next
        assert told.count(200) + told.count(429) == 200
        assert (await asking.ask("POST", "/drops/x/holds", client="203.0.114.1:9"))[0] == 200

    run(play)


def _at_once(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    start("200 OK", [])
    return [environ["REMOTE_ADDR"].encode()]


@pytest.mark.parametrize(
    ("client", "forwarded", "hops", "found"),
    [
        ("192.0.2.5:80", None, 0, "192.0.2"),
        ("192.0.2.5:80", "203.0.113.9", 0, "192.0.2"),  # nobody whom we trust has said so
        ("10.0.0.1:80", "203.0.113.9", 1, "203.0.113"),
        ("10.0.0.1:80", "198.51.100.1, 203.0.113.9", 1, "203.0.113"),  # what stands before is the visitor's own word
        ("10.0.0.1:80", "203.0.113.9, 10.9.9.9", 2, "203.0.113"),
        ("10.0.0.1:80", "203.0.113.9", 2, "10.0.0"),
        ("[2001:db8:1:2:3:4:5:6]:80", None, 0, "2001:0db8:0001:0002"),
        ("10.0.0.1:80", "2001:db8:1:2::9", 1, "2001:0db8:0001:0002"),
        ("10.0.0.1:80", "no:address", 1, "no:address"),
    ],
)
def test_a_network_is_known_by_whom_the_trusted_proxies_name(client: str, forwarded: str | None, hops: int, found: str) -> None:
    assert network(client, forwarded, hops) == found


def test_the_desk_is_served_however_many_pay() -> None:
    async def play() -> None:
        asking = Asking(_app, threads=2)  # 50 ms each
        paying = [asyncio.create_task(asking.ask("POST", f"/holds/{n}/checkout", b"x")) for n in range(20)]
        await asyncio.sleep(0)
        assert (await asking.ask("GET", "/staff/orders"))[0] == 200
        assert sum(task.done() for task in paying) < 3
        await asyncio.gather(*paying)

    run(play)
