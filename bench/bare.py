"""The floor's claim straight on the database: pgbench where it is there, else (and on SQLite) threads of one Python process."""

import json
import re
import subprocess
import sys
from pathlib import Path

from sqlalchemy.engine import make_url

from bench.claim_floor import Books
from bench.figures import Round
from tests.postgres import NoPostgres, find_binaries
from tests.programs import environment

CLIENTS = 16
SCRIPT = """BEGIN;
INSERT INTO floor_holds (fan, created_at) VALUES ('fan', '2026') RETURNING id AS hold \\gset
{claim};
COMMIT;
"""


def bare_claims(url: str, drop: int, seconds: float, folder: Path) -> Round:
    """So many seconds of claims on a drop that `Books.prepare` has made."""
    program = None if url.startswith("sqlite") else _pgbench()
    return _pgbenched(program, url, drop, seconds, folder) if program else _threads(url, drop, seconds)


def _threads(url: str, drop: int, seconds: float) -> Round:
    words = [sys.executable, "-m", "bench.claims", url, str(drop), str(seconds), str(CLIENTS)]
    done = subprocess.run(words, env=environment({}), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the claims without HTTP failed: {done.stderr[-500:]}")
    said = json.loads(done.stdout)
    return Round(said["count"], said["seconds"], said["ms"], 1000 * said["cpu"] / max(1, said["count"]))


def _pgbench() -> Path | None:
    try:
        program = find_binaries().bin / "pgbench"
    except NoPostgres:
        return None
    return program if program.exists() else None


def _pgbenched(program: Path, url: str, drop: int, seconds: float, folder: Path) -> Round:
    books = Books(url, 1)
    claim = books.claim_words.replace(":drop", str(drop))
    books.engine.dispose()
    script = folder / "claim.sql"
    script.write_text(SCRIPT.format(claim=claim))
    where = make_url(url)
    words = [str(program), "-n", "-M", "prepared", "-c", str(CLIENTS), "-T", str(max(1, round(seconds))), "-f", str(script)]
    words += ["-h", str(where.query["host"]), "-U", str(where.username), str(where.database)]
    done = subprocess.run(words, env=environment({}), capture_output=True, text=True, check=False)
    rate, latency = re.search(r"tps = ([\d.]+)", done.stdout), re.search(r"latency average = ([\d.]+)", done.stdout)
    if rate is None or latency is None:
        raise RuntimeError(f"pgbench failed: {done.stderr[-500:]}")
    shares = dict.fromkeys(("p50", "p95", "p99", "p99.9"), float(latency[1]))  # it tells the average only
    return Round(round(float(rate[1]) * 100), 100, shares, 0.0)
