"""The disk's faults: compiles shim.c, tells it what to do, and says what a program's environment needs for it."""

import mmap
import shutil
import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".c")
FIELDS = ("eio_sync_every", "eio_write_every", "enospc", "delay_ms", "read_only", "syncs", "writes", "hits")
LAYOUT = struct.Struct("=8i")


class NoCompiler(Exception):
    """There is no C compiler here, or it does not compile this."""


class Shim:
    """One shim over the files of `files`; every program with its environment obeys, at once, what is set here."""

    def __init__(self, home: Path, files: Path, *, log: Path | None = None) -> None:
        """Compile it in `home`; raises NoCompiler."""
        self.library, self._control = home / "shim.so", home / "shim-control"
        self.files, self.log = files.resolve(), log
        _compile(self.library)
        self._control.write_bytes(bytes(LAYOUT.size))
        with self._control.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), LAYOUT.size)

    @property
    def env(self) -> dict[str, str]:
        """What a program's environment needs."""
        found = {"LD_PRELOAD": str(self.library), "SHIM_CONTROL": str(self._control), "SHIM_FOLDER": str(self.files)}
        return found | ({"SHIM_LOG": str(self.log)} if self.log else {})

    def set(self, **values: int) -> None:
        """Do this from now on: eio_sync_every and eio_write_every n, enospc, delay_ms of each sync, read_only."""
        for name, value in values.items():
            struct.pack_into("=i", self._map, 4 * FIELDS.index(name), value)

    def heal(self) -> None:
        """Be a good disk again."""
        self.set(eio_sync_every=0, eio_write_every=0, enospc=0, delay_ms=0, read_only=0)

    @property
    def hits(self) -> int:
        """How often a fault was met."""
        return int(LAYOUT.unpack(self._map)[FIELDS.index("hits")])


def _compile(library: Path) -> None:
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise NoCompiler("needs a C compiler (cc)")
    words = [compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(SOURCE), "-ldl"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoCompiler(f"needs a C compiler that can compile shim.c: {done.stderr[-300:]}")
