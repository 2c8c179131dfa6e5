"""`python -m bench.statements FILE`: what each request asks of the database, and the ORM objects that it builds; as JSON.

It runs in the shop's environment, with a shop of its own in this process, on the shop's database. Counted is what reaches the
driver, so that nothing is missed that passes SQLAlchemy by; beginnings and ends of transactions do not count.
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.orm import Mapper
from werkzeug.test import Client

from bench.rig import Shop

FRAME = re.compile(r"\s*(begin|commit|rollback|savepoint|release|pragma|set |show |--)", re.IGNORECASE)
FRESH = 1.3  # seconds after which nothing that may be a second old is shown any more


@dataclass(frozen=True)
class Request:
    """One to count: it is sent first to warm up, then when what was remembered is too old, then again at once."""

    name: str
    method: str
    path: str
    form: Mapping[str, str] | None = None
    accept: str = "text/html"
    cookie: str = ""


@dataclass(frozen=True)
class Counted:
    """Statements and ORM objects of a request after a second's rest, and of the next one."""

    status: int
    statements: int
    objects: int
    warm_statements: int
    warm_objects: int


class Counter:
    """Counts what reaches the driver, and instances of mapped classes."""

    def __init__(self) -> None:
        self.statements = self.objects = 0

    def install(self) -> None:
        """From now on, for every connection that is opened."""
        event.listen(Engine, "connect", self._watch)
        for what in ("load", "init"):
            event.listen(Mapper, what, self._built)
        ask = psycopg.Cursor.execute

        def execute(cursor: Any, query: Any, *more: Any, **named: Any) -> Any:
            self._said(query if isinstance(query, str) else bytes(query).decode() if isinstance(query, bytes) else str(query))
            return ask(cursor, query, *more, **named)

        psycopg.Cursor.execute = execute  # type: ignore[method-assign, assignment]  # nothing else sees what passes SQLAlchemy by

    def _watch(self, connection: Any, _record: object) -> None:
        if hasattr(connection, "set_trace_callback"):
            connection.set_trace_callback(self._said)

    def _said(self, statement: str) -> None:
        self.statements += not FRAME.match(statement)

    def _built(self, *_what: object) -> None:
        self.objects += 1


def count(rig: Shop, requests: list[Request]) -> dict[str, Counted]:
    """The counts by name; raises RuntimeError when that program fails."""
    file = rig.folder / "requests.json"
    file.write_text(json.dumps([asdict(each) for each in requests]))
    words = [sys.executable, "-m", "bench.statements", str(file)]
    done = subprocess.run(words, env=rig.env, cwd=rig.folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"counting statements failed: {done.stderr[-2000:]}")
    said = json.loads(done.stdout.splitlines()[-1])
    return {name: Counted(**each) for name, each in said.items()}


def main(file: Path) -> None:
    """Send each request and print what it needed."""
    counter = Counter()
    counter.install()
    client = Client(import_module("wsgi").app, use_cookies=False)
    requests = [Request(**asked) for asked in json.loads(file.read_text())]
    for request in requests:
        _send(client, request)
    time.sleep(FRESH)
    found = {}
    for request in requests:
        seen = []
        for _ in range(2):
            counter.statements = counter.objects = 0
            status = _send(client, request)
            seen.append((counter.statements, counter.objects))
        found[request.name] = Counted(status, *seen[0], *seen[1])
    print(json.dumps({name: asdict(each) for name, each in found.items()}))


def _send(client: Client, request: Request) -> int:
    headers = {"Accept": request.accept, "Accept-Encoding": "gzip", "Sec-Fetch-Site": "same-origin", "X-Forwarded-For": "10.9.8.7"}
    if request.cookie:
        headers["Cookie"] = request.cookie
    answer = client.open(request.path, method=request.method, data=request.form, headers=headers)
    answer.get_data()
    answer.close()
    return answer.status_code


if __name__ == "__main__":
    main(Path(sys.argv[1]))
