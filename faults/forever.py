"""`python -m faults.forever`: a worker that is there again at once when it is killed, as it is forked and not started anew."""

import os
import signal
import sys
import time
from importlib import import_module

from flask import Flask

from app.serve.processes import die_with_parent
from app.web.house import house
from app.worker import make_worker


def main() -> int:
    """Fork workers, one after the other, until one ends by itself."""
    app: Flask = import_module("wsgi").app  # it has no connection open yet, so a fork shares none
    parent = os.getpid()
    while True:
        child = os.fork()
        if not child:
            die_with_parent(parent)()
            with app.app_context():
                make_worker(house()).run()
            os._exit(0)
        signal.signal(signal.SIGTERM, lambda *_, child=child: os.kill(child, signal.SIGTERM))
        _pid, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            return 0
        time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main())
