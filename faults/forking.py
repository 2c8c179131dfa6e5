"""A rig whose processes are forked from a loaded parent, so that one that died is replaced within a moment: for many crashes."""

import time

from app.serve.plan import shop
from app.serve.ports import listen
from faults.rig import PATIENCE, Rig
from tests.browser.running import HOST


class ForkingRig(Rig):
    """The shop without its supervisor: the web server, which forks what it has loaded, the worker too."""

    def serve(self, *, worker: bool = True) -> float:
        """Both, with a socket that is held here."""
        begun = time.monotonic()
        self._socket = listen(HOST, int(self.port))
        processes = 1 if self.kind == "sqlite" else self.processes
        child = shop(self._socket.fileno(), processes=processes, threads=8, env=self.env, worker=worker)
        self.programs.start("shop", child.argv, self.env, child.fds)
        self.programs.until(self.is_up if worker else self.answers, "the shop", PATIENCE)
        return time.monotonic() - begun
