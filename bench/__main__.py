"""`python -m bench`: first version."""

import sys
import tempfile
from pathlib import Path

from bench.fans import Fans
from bench.rates import Length, Rates
from bench.rig import POSTGRES, SQLITE, Shop, start_seconds
from tests.postgres import TempPostgres


def main():
    with tempfile.TemporaryDirectory(prefix="runout-bench-") as f:
        home = Path(f)
        fans = Fans(home)
        for kind in sys.argv[1:] or (SQLITE, POSTGRES):
            pg = TempPostgres(durable=True) if kind == POSTGRES else None
            if pg:
                pg.start()
            try:
                with Shop(home / kind, kind, pg.create_database("shop") if pg else None, server=pg) as rig:
                    print(start_seconds(rig, home))
                    try:
                        for s in Rates(rig, fans, Length(2, 1, 60)).run():
                            print(
                                s.name,
                                s.database,
                                "rate",
                                round(s.middle("rate")),
                                "floor",
                                round(s.middle("rate", floor=True)),
                                "ratio",
                                s.ratio,
                                "cpu",
                                round(s.middle("cpu_ms"), 3),
                                "floorcpu",
                                round(s.middle("cpu_ms", floor=True), 3),
                                "db",
                                round(s.middle("database_ms"), 3),
                                s.rounds[0].ms if s.rounds else None,
                                [r.statuses for r in s.rounds],
                                [r.statuses for r in s.floor],
                                [round(r.fans, 2) for r in s.rounds],
                            )
                    except Exception:
                        print(rig.said())
                        raise
                    print("mem", rig.memory())
            finally:
                if pg:
                    pg.stop()


main()
