"""A rig whose processes are forked from a loaded parent, so that one that died is replaced within a moment: for many crashes."""

import sys
import time

from app.serve.plan import shop
from app.serve.ports import listen
from faults.rig import PATIENCE, Rig
from tests.browser.running import HOST


class ForkingRig(Rig):
    """The shop without its supervisor: the web server, which forks what it has loaded, and a worker that is forked again."""

    def serve(self, *, worker: bool = True) -> float:
        """Both, with a socket that is held here."""
        begun = time.monotonic()
        self._socket = listen(HOST, int(self.port))
        child = shop(self._socket.fileno(), processes=1 if self.kind == "sqlite" else self.processes, threads=8, env=self.env)
        argv = ("faults.warm:shop" if word == "wsgi:app" else word for word in child.argv)
        self.programs.start("shop", tuple(argv), self.env, child.fds)
        if worker:
            self.programs.start("worker", (sys.executable, "-m", "faults.forever"), self.env)
        self.programs.until(self.is_up if worker else self.answers, "the shop", PATIENCE)
        return time.monotonic() - begun
