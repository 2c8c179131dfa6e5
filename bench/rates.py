"""How many requests a second, each step beside its floor: a round of the one, a round of the other, and so on."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from bench.bare import bare_claims
from bench.claim_floor import Books
from bench.fans import Answer, Ask, Came, Fans
from bench.figures import Round, Step, round_of
from bench.floor import keep, ready
from bench.rig import POSTGRES, FloorServer, Shop, serving, static
from bench.say import say
from bench.stand import TOTAL, Stall, look, make_sold_out, make_stall, post, take
from bench.statements import Counted, Request, count

CONNS = 32
PAYERS = 8
NETWORKS = 40 * CONNS
COPIES = 300
ROOM = 3000  # copies for each second of takes
WHOLE = 1 << 20  # bytes of an answer that is kept whole
LOCATION = 1024  # and of one that says where to go on
ROWS = ("page", "304", "live", "sold-out", "take", "claim", "quote", "pay")


@dataclass(frozen=True)
class Length:
    """How long it goes on: rounds, seconds of each, and how many go to pay."""

    rounds: int
    seconds: float
    pays: int


@dataclass
class Rates:
    """The steps on one shop; `tokens` are the holds that were taken on the way."""

    rig: Shop
    fans: Fans
    length: Length
    steps: dict[str, Step] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    stall: Stall = field(init=False)
    gone: Stall = field(init=False)

    def run(self) -> list[Step]:
        """All of it; the steps in the sequence of the table."""
        rig, now, rounds = self.rig, self.rig.now(), self.length.rounds
        stall, gone = make_stall(rig.db, now, COPIES), make_sold_out(rig.db, now)
        stalls = [make_stall(rig.db, now, self._room) for _ in range(rounds)]
        self.stall, self.gone = stall, gone
        with ExitStack() as stack:
            claims = stack.enter_context(self._claims(rounds + 1))
            rig.flush()
            self._warm_take(make_stall(rig.db, now, COPIES), claims)
            asked = self._asked(stall, gone)
            floor = stack.enter_context(self._static(asked))
            for text in asked.values():
                self._race(rig.port, text, 0.3)
            for number in range(rounds):
                say(f"{rig.kind}: rates, round {number + 1} of {rounds}")
                for name, text in asked.items():
                    self._beside_static(name, text, floor)
                self._beside_claim(stalls[number], claims, number)
        self._pay()
        return [self.steps[name] for name in ROWS]

    def counted(self) -> dict[str, Counted]:
        """What the same requests ask of the database; after `run`."""
        page, form = f"/drops/{self.stall.drop}", {"run": self.stall.run, "quantity": "1"}
        gone = Request("sold-out", "POST", f"/drops/{self.gone.drop}/holds", {"run": self.gone.run, "quantity": "1"})
        return count(
            self.rig,
            [
                Request("page", "GET", page), Request("live", "GET", f"{page}/live", accept="application/json"), gone,
                Request("take", "POST", f"{page}/holds", form), Request("quote", "GET", f"/holds/{self.tokens[0]}"),
            ],
        )  # fmt: skip

    @property
    def _room(self) -> int:
        return round(ROOM * max(1.0, self.length.seconds))

    def _step(self, name: str, floor: str = "") -> Step:
        return self.steps.setdefault(name, Step(name, self.rig.kind, floor_name=floor))

    def _asked(self, stall: Stall, gone: Stall) -> dict[str, bytes]:
        host, page = self.rig.host, f"/drops/{stall.drop}"
        tag = self._whole(look(host, page)).header("etag") or "none"
        return {
            "page": look(host, page),
            "304": look(host, page, more=[("If-None-Match", tag)]),
            "live": look(host, f"{page}/live", json=True),
            "sold-out": take(host, gone),
            "quote": look(host, f"/holds/{self.tokens[0]}"),
        }

    def _whole(self, text: bytes) -> Answer:
        return self.fans.play(int(self.rig.port), [Ask(0, 0, text, WHOLE)], sources=1).answers[0]

    def _race(self, port: str | int, text: bytes, seconds: float) -> Came:
        return self.fans.race(int(port), [Ask(0, conn, text) for conn in range(CONNS)], seconds)

    def _take(self, stall: Stall, seconds: float) -> Came:
        """Each time somebody new, and from another network than most."""
        host = self.rig.host
        asks = [Ask(0, who % CONNS, take(host, stall, who * 256), LOCATION) for who in range(NETWORKS)]
        came = self.fans.race(int(self.rig.port), asks, seconds)
        found = (answer.header("location") for answer in came.answers if answer.status == 303)
        self.tokens += [path.rpartition("/")[2] for path in found if path]
        return came

    def _measured(self, came: Callable[[], Came], good: set[int], cpu: Callable[[], float]) -> tuple[Round, Came]:
        before, base = cpu(), self.rig.database_cpu()
        found = came()
        used, database = cpu() - before, self.rig.database_cpu() - base
        return round_of(found.answers, good, used, database, found.cpu / found.seconds), found

    # Beside the same bytes from the same server, ready before they were asked for.

    @contextmanager
    def _static(self, asked: dict[str, bytes]) -> Iterator[FloorServer]:
        file = self.rig.folder / "floor.json"
        keep(file, [ready(f"/{name}", self._whole(text).text) for name, text in asked.items()])
        with static(self.rig, "floor", file, "/live") as floor:
            yield floor

    def _beside_static(self, name: str, text: bytes, floor: FloorServer) -> None:
        step, good = self._step(name, "the same bytes, static"), {"304": {304}, "sold-out": {409}}.get(name, {200})
        method, rest = text.partition(b" ")[0], text.partition(b"\r\n")[2]
        same = method + f" /{name} HTTP/1.1\r\n".encode() + rest
        seconds = self.length.seconds
        self._whole(text)  # the memory is as warm as it is in a drop
        step.rounds.append(self._measured(lambda: self._race(self.rig.port, text, seconds), good, self.rig.web_cpu)[0])
        step.floor.append(self._measured(lambda: self._race(floor.port, same, seconds), good, floor.cpu)[0])

    # Beside the smallest claim, and that beside the same claim without HTTP.

    @contextmanager
    def _claims(self, drops: int) -> Iterator[FloorServer]:
        url = self._floor_url
        books = Books(url, 1)
        books.prepare(drops, 4 * self._room)  # most of them for the claims without HTTP
        books.engine.dispose()
        with serving(self.rig, "claims", "bench.claim_floor:app", "/", {"DATABASE_URL": url}) as floor:
            yield floor

    @property
    def _floor_url(self) -> str:
        """A database of the same kind at the same place."""
        rig = self.rig
        if rig.kind != POSTGRES or rig.server is None:
            return rig.database_url.replace("runout.db", "floor.db")
        if "floor_url" not in self.__dict__:
            self.__dict__["floor_url"] = rig.server.create_database(f"floor_{rig.folder.name}".replace("-", "_"))
        return str(self.__dict__["floor_url"])

    def _warm_take(self, stall: Stall, claims: FloorServer) -> None:
        self._take(stall, 0.4)
        self._race(claims.port, self._claim_text(self.length.rounds, claims), 0.4)

    def _beside_claim(self, stall: Stall, claims: FloorServer, number: int) -> None:
        step, bare = self._step("take", "Flask + Core claim"), self._step("claim", "without HTTP")
        seconds = self.length.seconds
        mine = self._measured(lambda: self._take(stall, seconds), {303}, self.rig.web_cpu)[0]
        text = self._claim_text(number, claims)
        its = self._measured(lambda: self._race(claims.port, text, seconds), {303}, claims.cpu)[0]
        step.rounds.append(mine)
        step.floor.append(its)
        bare.rounds.append(its)
        bare.floor.append(bare_claims(self._floor_url, number, seconds, self.rig.folder))

    def _claim_text(self, drop: int, claims: FloorServer) -> bytes:
        return post(f"127.0.0.1:{claims.port}", f"/holds/claims/{drop}", {"quantity": "1"})

    # To Stripe: each hold once. Stripe is asked for at most 20 sessions a second, so most are told to wait for their turn.

    def _pay(self) -> None:
        tokens = self.tokens[1 : self.length.pays + 1]
        forms = [{"email": f"fan{n}@example.org", "country": "DE", "shown": str(TOTAL)} for n in range(len(tokens))]
        asks = [Ask(0, n % PAYERS, post(self.rig.host, f"/holds/{token}/checkout", forms[n], n)) for n, token in enumerate(tokens)]
        step = self._step("pay")
        race = self.fans.race
        step.rounds.append(self._measured(lambda: race(int(self.rig.port), asks, 20, cycle=False), {303}, self.rig.web_cpu)[0])
