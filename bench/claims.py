"""`python -m bench.claims URL DROP SECONDS THREADS`: the floor's claim on SQLite without HTTP; prints what came of it as JSON."""

import json
import sys
import threading
import time

from bench.claim_floor import Books
from bench.figures import milliseconds


def main(url: str, drop: int, seconds: float, threads: int) -> None:
    """Claim until the time is over."""
    books, took, lock = Books(url, threads + 1), list[float](), threading.Lock()
    end = time.monotonic() + seconds

    def work() -> None:
        mine = []
        while (begun := time.monotonic()) < end and books.claim(drop) is not None:
            mine.append(time.monotonic() - begun)
        with lock:
            took.extend(mine)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    begun = time.monotonic()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    wall = time.monotonic() - begun
    print(json.dumps({"count": len(took), "seconds": wall, "ms": milliseconds(took), "cpu": time.process_time()}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
