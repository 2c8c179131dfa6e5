"""Rigs whose database lies on a disk with faults: one that can be full, and one that fails, is slow, or may not be written to."""

import subprocess
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from faults.rig import Rig
from faults.shim import NoCompiler, Shim
from faults.stage import NotRun
from tests.postgres import TempPostgres

SIZE = 24 * 1024 * 1024  # bytes of the small disk


class SmallDiskRig(Rig):
    """The database lies on a small tmpfs where we may mount one; else its connections are told how many pages there may be."""

    def __init__(
        self, folder: Path, kind: str, database_url: str | None = None, *, server: TempPostgres | None = None,
        patches: Iterable[str] = (), more: Mapping[str, str] | None = None, processes: int = 2,
    ) -> None:  # fmt: skip
        disk = folder / "disk"
        disk.mkdir(parents=True)
        words = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "runout-faults", str(disk)]
        self.mounted = subprocess.run(words, capture_output=True, check=False).returncode == 0
        super().__init__(
            folder, kind, database_url or f"sqlite:///{disk / 'runout.db'}", server=server,
            patches=(*patches, *(() if self.mounted else ("few_pages",))), more=more, processes=processes,
        )  # fmt: skip
        self.disk = disk

    def fill(self) -> None:
        """Leave no room on the disk."""
        if not self.mounted:
            (self.folder / "full").touch()
            return
        with suppress(OSError), (self.disk / "ballast").open("ab", buffering=0) as ballast:
            while ballast.write(bytes(64 * 1024)):
                pass
        with suppress(OSError), (self.disk / "ballast").open("ab", buffering=0) as ballast:
            while ballast.write(bytes(512)):
                pass

    def empty(self) -> None:
        """Make room again."""
        (self.folder / "full").unlink(missing_ok=True)
        (self.disk / "ballast").unlink(missing_ok=True)

    def stop(self) -> None:
        """End everything and give the disk back."""
        super().stop()
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.disk)], capture_output=True, check=False)  # noqa: S607 - as mount above


class BadDiskRig(Rig):
    """Whatever the shop does to its database passes the shim, which can fail it, delay it or refuse to open it."""

    def __init__(
        self, folder: Path, kind: str, database_url: str | None = None, *, server: TempPostgres | None = None,
        patches: Iterable[str] = (), more: Mapping[str, str] | None = None, processes: int = 2,
    ) -> None:  # fmt: skip
        disk = folder / "disk"
        disk.mkdir(parents=True)
        try:
            self.shim = Shim(folder, disk)
        except NoCompiler as missing:
            raise NotRun(str(missing)) from missing
        url = database_url or f"sqlite:///{disk.resolve() / 'runout.db'}"
        super().__init__(
            folder, kind, url, server=server, patches=patches, more={**(more or {}), **self.shim.env}, processes=processes
        )  # fmt: skip
