"""A gate with processes of its own, before an application that is written for a test."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.programs import ROOT


class Served:
    """An application, its text in a file `who.py`, served with more words for the command line."""

    def __init__(self, folder: Path, text: str, *words: str) -> None:
        self.folder = folder
        (folder / "who.py").write_text(text)
        self.listening = socket.create_server(("127.0.0.1", 0))
        fd = self.listening.fileno()
        argv = [sys.executable, "-m", "app.gate", "who:app", "--fd", str(fd), *words]
        env = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
        self.master = subprocess.Popen(argv, cwd=folder, env=env, pass_fds=[fd])
        self.url = "http://{}:{}".format(*self.listening.getsockname())

    def children(self) -> set[int]:
        """The process ids of what is forked from the master."""
        pid = self.master.pid
        return {int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


@contextmanager
def running(served: Served) -> Iterator[None]:
    """End it with the block; it must end well where the block did."""
    try:
        yield
        served.master.terminate()
        assert served.master.wait(20) == 0
    finally:
        served.master.kill()
        served.master.wait()
        served.listening.close()
