"""nginx as a cache in front of the shop: what is the same for all comes from it, what is somebody's own never does."""

import gzip
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from app.catalogue import media
from app.catalogue.models import Release, Run
from app.kernel.db import reading, transaction
from bench.asking import Told, ask, counted
from bench.fans import Answer, Ask, Fans, request
from bench.figures import milliseconds
from bench.machines import SOON, at_once
from bench.nginx import Nginx
from bench.people import sign_in
from bench.plan import cookies
from bench.rates import CONNS
from bench.report import Row, at_least, at_most, none_of
from bench.rig import SQLITE, Shop
from bench.run import shop_of
from bench.say import say
from bench.stand import Stall, look, make_stall, the_label
from tests.catalogue.files import picture

A_SECOND, SECONDS = 200, 4.0  # fans who ask for each page, and for how long
SEARCHES = 30  # an hour from one network, as app/shop/order_links.py has it
LATE, ALONE = 2.0, 0.5  # seconds after which everybody sees that a drop has opened: behind nginx, and without it
FRACTION = 0.3  # of a second after a whole one: where a cache that counts whole seconds is late
FOR_EVER = "max-age=31536000"
HEAD = 2048  # bytes of an answer: its headers


@dataclass
class Place:
    """A shop with nginx in front of it, and what is asked for."""

    rig: Shop
    nginx: Nginx
    fans: Fans
    stall: Stall
    release: str
    picture: str

    @property
    def page(self) -> str:
        """The drop page."""
        return f"/drops/{self.stall.drop}"

    @property
    def pages(self) -> dict[str, str]:
        """What is the same for all: its path by its route."""
        return {
            "/": "/", "/drops/<slug>": self.page, "/drops/<slug>/live": f"{self.page}/live",
            "/releases/<slug>": f"/releases/{self.release}", "/drops.atom": "/drops.atom",
        }  # fmt: skip

    def ask(self, path: str, **headers: str) -> Told:
        """Ask nginx."""
        return ask(self.nginx.port, path, {name.replace("_", "-"): value for name, value in headers.items()})


def behind_nginx(home: Path, fans: Fans) -> Iterator[Row]:
    """Everything that is tried with it."""
    with _place(home, fans) as place:
        for part in (crowd, files, own, variants, addresses, opening, rates):
            say(f"nginx: {part.__name__}")
            yield part(place)


@contextmanager
def _place(home: Path, fans: Fans) -> Iterator[Place]:
    with shop_of(home, SQLITE, None, "nginx") as rig, Nginx(home / "nginx", [int(rig.port)]) as nginx:
        stall = make_stall(rig.db, rig.now(), 300)
        with transaction(rig.db) as session:
            kept = media.keep_image(session, the_label(session).id, picture(), rig.folder / "media", rig.now()).file
        with reading(rig.db) as session:
            release = session.scalars(select(Release.slug).join(Run).where(Run.id == stall.run_id)).one()
        yield Place(rig, nginx, fans, stall, release, f"/media/{kept}")


def crowd(place: Place) -> Row:
    """Many ask for each page all the time; the shop is asked once a second."""
    host, before = place.nginx.host, counted(place.rig)
    asks = [
        Ask(n / A_SECOND, 8 * place_ + n % 8, look(host, path, n, json=path.endswith("/live")), HEAD)
        for n in range(round(A_SECOND * SECONDS))
        for place_, path in enumerate(place.pages.values())
    ]
    came = place.fans.play(place.nginx.port, sorted(asks), sources=1).answers
    time.sleep(0.3)  # the front counts what it gave from memory a little later
    asked = counted(place.rig) - before
    row = Row(f"{A_SECOND} fans a second for each of {len(place.pages)} pages", "nginx")
    row.cells = _milliseconds(came)
    row.figures = {"from the cache": f"{100 * sum(_kept(each) for each in came) / len(came):.1f} %"}
    row.gates = [at_most(f"asked of the shop for {r}", asked["GET", r], SECONDS + 1) for r in place.pages]
    row.gates.append(none_of("wrong answers", sum(each.status != 200 for each in came)))
    row.gates.append(none_of("cookies in what everybody gets", sum(each.header("set-cookie") is not None for each in came)))
    return row


def files(place: Place) -> Row:
    """Styles and pictures are kept for as long as they are right, which is for ever, and in parts as well."""
    sheet = re.search(rb'href="(/static/[^"]+\.css)"', place.ask(place.page).body)
    paths = [place.picture, sheet[1].decode() if sheet else "/static/there-is-none"]
    first, second = [place.ask(path) for path in paths], [place.ask(path) for path in paths]
    part = place.ask(place.picture, Range="bytes=10-19")
    shop = [ask(place.rig.port, path) for path in paths]
    row = Row("a picture and a style sheet, twice, and a part", "nginx")
    row.gates = [
        none_of("not kept", sum(not each.kept for each in (*second, part))),
        none_of("not for a year", sum(FOR_EVER not in each.headers.get("cache-control", "") for each in second)),
        none_of("wrong bytes", sum(a.body != b.body or a.status != 200 for a, b in zip((*first, *second), shop * 2, strict=True))),
        none_of("wrong parts", int((part.status, part.body) != (206, shop[0].body[10:20]))),
    ]
    return row


def own(place: Place) -> Row:
    """Two fans, and Sam at the desk: each sees their own, nothing of it is kept, and nothing of it is in anybody's pages."""
    mine = [cookies(place.rig.secret_key)(who) for who in (901, 902)]
    takes = [[_take(place, cookie) for cookie in mine] for _ in range(2)]
    links = [each.headers.get("location", "") for each in takes[0]]
    with sign_in(place.rig) as sam:
        desk = "; ".join(f"{name}={value}" for name, value in sam.cookies.items())
    private = [
        *[place.ask(path, Cookie=cookie) for path in 2 * ("/holds", *links, "/orders/find") for cookie in mine],
        *[place.ask(path, Cookie=cookie) for path in 2 * ("/staff/orders", "/staff/sign-in") for cookie in (desk, "")],
        *takes[0], *takes[1],
    ]  # fmt: skip
    found = [place.ask("/holds", Cookie=cookie).headers.get("location") for cookie in (*mine, *mine)]
    at_desk = [place.ask("/staff/orders", Cookie=cookie).status for cookie in (desk, "", desk)]
    public = [_made_by(place, path, cookie) for path in place.pages.values() for cookie in (*mine, desk)]
    row = Row("two fans and somebody at the desk ask in turn", "nginx", figures={"answers": len(private) + len(public)})
    row.gates = [
        none_of("from the cache", sum(each.kept for each in private)),
        none_of("without no-store", sum("no-store" not in each.headers.get("cache-control", "") for each in private)),
        none_of("somebody else's hold", sum(a != b for a, b in zip(found, links * 2, strict=True)) + (len(set(links)) != 2)),
        none_of("somebody else's desk", int(at_desk[0::2] != [200, 200] or at_desk[1] == 200)),
        none_of("cookies or names in what everybody gets", sum(public)),
    ]
    return row


def _take(place: Place, cookie: str) -> Told:
    form = {"run": place.stall.run, "quantity": "1"}
    return ask(place.nginx.port, f"{place.page}/holds", {"Cookie": cookie}, form=form)


def _made_by(place: Place, path: str, cookie: str) -> bool:
    """Have somebody's request, with a claim about the host, make what is kept; is anything of them in it?"""
    accept = f"text/html;q=0.{time.time_ns() % 10**9:09d}1"  # nobody has asked like this, so it is made now
    made = place.ask(path, Accept=accept, Cookie=cookie, Host="eve.example")
    return "set-cookie" in made.headers or b"eve.example" in made.body


def variants(place: Place) -> Row:
    """Compressed for who can read that and plain for who cannot; told that it is the same to who has it."""
    wrong: Counter[str] = Counter()
    for path in place.pages.values():
        for coding in ("gzip", "identity", "gzip"):  # as the first to ask and as one who comes after the others
            found = place.ask(path, Accept_Encoding=coding)
            zipped = found.headers.get("content-encoding") == "gzip"
            plain = gzip.decompress(found.body) if zipped else found.body
            wrong["coding"] += (zipped and coding != "gzip") or not plain.lstrip().startswith((b"<", b"{"))
            wrong["Vary"] += zipped and "accept-encoding" not in found.headers.get("vary", "").lower()
    for accept in ("text/html", "application/json") * 2:
        wrong["kind"] += accept not in place.ask(place.page, Accept=accept).headers.get("content-type", "")
    wrong += _tags(place)
    row = Row("gzip and plain, HTML and JSON, 304", "nginx")
    row.gates = [none_of(f"wrong {what}", wrong[what]) for what in ("coding", "Vary", "kind", "bytes", "304")]
    return row


def _tags(place: Place) -> Counter[str]:
    """What is wrong with the tags of a page whose bytes do not change with the time, and of live counts."""
    path, live, codings = place.pages["/releases/<slug>"], f"{place.page}/live", ("gzip", "identity")
    both = {coding: place.ask(path, Accept_Encoding=coding) for coding in codings}
    wrong = Counter({"bytes": int(gzip.decompress(both["gzip"].body) != both["identity"].body)})
    for asked in codings:
        for known in codings:
            answer = place.ask(path, Accept_Encoding=asked, If_None_Match=both[known].headers.get("etag", ""))
            wrong["304"] += answer.status != (304 if asked == known else 200)
    seen = place.ask(live).headers.get("etag", "")
    wrong["304"] += place.ask(live, If_None_Match=seen).status != 304
    return wrong


def addresses(place: Place) -> Row:
    """A limit by network counts where the fan comes from, whatever the fan claims."""

    def search(n: int, source: str) -> int:
        claims = {"X-Forwarded-For": f"10.9.{n}.1", "Accept": "application/json"}
        return ask(place.nginx.port, "/orders/find", claims, form={"email": f"fan{n}@example.org"}, source=source).status

    here = [search(n, "127.0.0.1") for n in range(SEARCHES + 5)]
    elsewhere = search(99, "127.0.1.1")
    row = Row("searches for orders from two networks, with made-up addresses", "nginx")
    row.gates = [
        none_of("let through too many or too few", abs(sum(status == 200 for status in here) - SEARCHES)),
        none_of("refused from elsewhere", int(elsewhere != 200)),
    ]
    return row


def opening(place: Place) -> Row:
    """A drop opens while many look: until when somebody is still shown that it has not."""
    now = place.rig.now()
    wait = 3.0 - now.timestamp() % 1 + FRACTION
    stall = make_stall(place.rig.db, now, 50, opens_in=wait)
    zero = now.timestamp() + wait
    plain, page, host = [("Accept", "text/html")], f"/drops/{stall.drop}", place.nginx.host
    asks = [Ask(n / 100, n % 16, look(host, f"{page}/live", n, json=True), 2048) for n in range(600)]
    asks += [Ask(n / 20, 16 + n % 4, request("GET", page, host, plain), 1 << 16) for n in range(120)]
    start = time.time() + SOON
    behind, alone = at_once(place.fans, [place.nginx.port, int(place.rig.port)], [sorted(asks)] * 2, start)

    def closed_until(came: list[Answer]) -> float:
        return max((start + each.sent - zero for each in came if each.status == 200 and not _open(each)), default=0.0)

    row = Row("a drop opens", "nginx", figures={"fans looked": len(behind) + len(alone)})
    row.gates = [
        at_most("shown closed until, after T0", closed_until(behind), LATE, " s"),
        at_most("by the shop alone until", closed_until(alone), ALONE, " s"),
        at_least("looked after that", sum(start + each.sent > zero + LATE for each in behind), 1),
        none_of("wrong answers", sum(each.status != 200 for each in (*behind, *alone))),
    ]
    return row


def _open(answer: Answer) -> bool:
    body = gzip.decompress(answer.body) if answer.header("content-encoding") == "gzip" else answer.body
    return b'"state":"open"' in body or b'data-state="open"' in body


def rates(place: Place) -> Row:
    """How many pages a second come from nginx, and from the shop alone, whose front has a memory of its own. For information."""

    def a_second(port: int, host: str, path: str) -> float:
        came = place.fans.race(port, [Ask(0, conn, look(host, path, json=path.endswith("/live"))) for conn in range(CONNS)], 1.5)
        return sum(each.status == 200 for each in came.answers) / came.seconds

    row = Row("pages a second", "nginx")
    for what, path in (("page", place.page), ("live", f"{place.page}/live")):
        row.figures[f"{what}, nginx"] = a_second(place.nginx.port, place.nginx.host, path)
        row.figures[f"{what}, shop alone"] = a_second(int(place.rig.port), place.rig.host, path)
    return row


def _kept(answer: Answer) -> bool:
    return Told(answer.status, {"x-cache": answer.header("x-cache") or ""}, b"").kept


def _milliseconds(came: list[Answer]) -> dict[str, float]:
    return {f"{name} ms": value for name, value in milliseconds(each.took for each in came).items()}
