"""What more than one machine is worth: two machines on one PostgreSQL, a cache in front, and when SQLite should be left."""

import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.cache import behind_nginx
from bench.fans import Fans
from bench.leaving import Leaving
from bench.nginx import find_nginx
from bench.report import Gate, Row
from bench.say import say
from bench.together import two_machines


@dataclass
class Scale:
    """All of it, or the `parts` that are named."""

    home: Path
    fans: Fans
    seed: str
    rows: list[Row] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)

    def all(self, parts: Iterable[str] = ()) -> None:
        """One after the other; one that breaks is a row that failed. Raises NoNginx before anything when there is none."""
        wanted = list(parts) or list(PARTS)
        if {"nginx", "machines"} & set(wanted):
            find_nginx()
        for name in wanted:
            try:
                PARTS[name](self)
            except Exception as fault:
                said = traceback.format_exc(limit=-3)
                say(f"{name} broke\n{said}")
                self.rows.append(Row(name, "", gates=[Gate(f"broke: {type(fault).__name__}", good=False)]))
                self.more.setdefault("broke", []).append(said)

    def machines(self) -> None:
        """Two machines."""
        self.rows += two_machines(self.home, self.fans, self.seed)

    def nginx(self) -> None:
        """A cache in front."""
        self.rows += behind_nginx(self.home, self.fans)

    def leaving(self) -> None:
        """SQLite or PostgreSQL."""
        found = Leaving(self.home, self.fans, self.seed, self.rows)
        found.all()
        self.more["drops"] = found.drops


PARTS: dict[str, Callable[[Scale], None]] = {"machines": Scale.machines, "nginx": Scale.nginx, "leaving": Scale.leaving}
