"""Runs rows on rigs that they share, a lane for each kind of database, and keeps what came of each."""

import threading
import traceback
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from faults.history import clock
from faults.rig import POSTGRES, SQLITE, Rig
from faults.rows import ROWS, Row, Solo
from faults.stage import Bench, Figures, NotRun, Stage
from tests.postgres import NoPostgres, TempPostgres

HELD, CAUGHT, FAILED, NOT_RUN = "held", "caught", "FAILED", "not run"


@dataclass
class Result:
    """What came of a row: held, FAILED with the problems, or not run and why."""

    id: str
    fault: str
    database: str
    seconds: float
    verdict: str
    figures: Figures = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    log: str = ""  # the ends of what the programs wrote, for a row that failed

    def as_json(self) -> dict[str, Any]:
        """For the file."""
        return asdict(self)


class Runner:
    """Owns the PostgreSQL server and the rigs of the rows of one kind; a rig on which something did not hold is thrown away."""

    def __init__(self, folder: Path, seed: str, scale: float = 1.0) -> None:
        self.folder, self.seed, self.scale = folder, seed, scale
        self._rigs: dict[object, Rig] = {}  # by what rows want of them
        self._server: TempPostgres | None = None
        self._made = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_fault: object) -> None:
        for rig in self._rigs.values():
            rig.stop()
        if self._server:
            self._server.stop()

    def run(self, row: Row | Solo, later: Sequence[Row | Solo] = ()) -> Result:
        """One row, from its rig to its verdict; the rig stays up if one of the later rows wants the same."""
        kind, begun = _kind_of(row, self.seed), clock()
        print(f"{row.id} {row.fault}, on {kind} …", flush=True)
        result = Result(row.id, row.fault, kind, 0.0, HELD)
        try:
            if isinstance(row, Solo):
                self._alone(row, result)
            else:
                self._play(row, kind, result, later)
        except (NotRun, NoPostgres) as missing:
            result.verdict, result.problems, result.log = NOT_RUN, [str(missing)], ""
        except Exception:
            result.verdict = FAILED
            result.problems.append(traceback.format_exc(limit=-4))
        result.seconds = round(clock() - begun, 1)
        told = [f"{row.id} {result.verdict}, {result.seconds:.0f} s", *(f"    {each}" for each in result.problems)]
        print("\n".join((*told, result.log[-4000:])).rstrip(), flush=True)
        return result

    def _alone(self, row: Solo, result: Result) -> None:
        bench = Bench(self.folder / row.id, f"{self.seed}/{row.id}", self.scale)
        result.figures, result.problems = row.run(bench), bench.problems
        result.verdict = FAILED if result.problems else HELD

    def _play(self, row: Row, kind: str, result: Result, later: Sequence[Row | Solo]) -> None:
        rig = self._rig(row, kind)
        result.verdict = FAILED  # until it is known
        try:
            stage = Stage(rig.folder, f"{self.seed}/{row.id}", self.scale, rig=rig)
            figures = row.run(stage)
            verdict, usual = stage.finish()
            result.figures, result.counts, result.problems = usual | figures, verdict.counts, verdict.problems
            result.verdict = FAILED if result.problems else HELD
            if row.caught_by:
                _judge_control(row, result)
        finally:
            if result.verdict == FAILED:
                result.log = rig.said()
            wanted = any(isinstance(each, Row) and each.wants == row.wants for each in later)
            if not wanted or result.verdict == FAILED:
                del self._rigs[row.wants]
                rig.stop()

    def _rig(self, row: Row, kind: str) -> Rig:
        if row.wants in self._rigs:
            return self._rigs[row.wants]
        self._made += 1
        name = f"{kind}-{self._made}"
        server = self.server if kind == POSTGRES else None
        url = server.create_database(name.replace("-", "_")) if server else None
        rig = row.rig(self.folder / name, kind, url, server=server, patches=row.patches, more=row.more).__enter__()
        self._rigs[row.wants] = rig
        return rig

    @property
    def server(self) -> TempPostgres:
        """The PostgreSQL server, started when it is first wanted, with fsync on."""
        if self._server is None:
            self._server = TempPostgres(durable=True, max_connections=90)
            self._server.start()
        return self._server


def _kind_of(row: Row | Solo, seed: str) -> str:
    """Rows that are about both databases alternate, and the other way round with the next seed."""
    if len(row.kinds) == 1:
        return row.kinds[0]
    return row.kinds[(ROWS.index(row) + sum(map(ord, seed))) % 2]


def run_all(rows: Sequence[Row | Solo], folder: Path, seed: str, scale: float = 1.0) -> list[Result]:
    """Rows on SQLite beside rows on PostgreSQL, as each row waits often; the results in the sequence of the rows."""
    stop = threading.Event()

    def lane(kind: str) -> list[Result]:
        mine = [row for row in rows if _kind_of(row, seed) == kind]
        with Runner(folder / kind, seed, scale) as runner:
            return [runner.run(row, mine[at + 1 :]) for at, row in enumerate(mine) if not stop.is_set()]

    with ThreadPoolExecutor(2) as pool:
        lanes = [pool.submit(lane, kind) for kind in (SQLITE, POSTGRES)]
        try:
            found = {result.id: result for each in lanes for result in each.result()}
        finally:
            stop.set()  # whoever interrupts waits for the two rows that are under way
    return [found[row.id] for row in rows]


def _judge_control(row: Row, result: Result) -> None:
    """A guard was off: the row must have failed, for that reason. Its counts are no counts of the shop's."""
    seen = [each for each in result.problems if row.caught_by in each]
    result.counts = {}
    if seen:
        result.verdict, result.problems = CAUGHT, []
        result.figures = {"caught by": seen[0].partition(":")[0], **result.figures}
    else:
        result.verdict, result.problems = FAILED, ["the guard was off and nobody noticed", *result.problems]


__all__ = ["CAUGHT", "FAILED", "HELD", "NOT_RUN", "Result", "Runner", "run_all"]
