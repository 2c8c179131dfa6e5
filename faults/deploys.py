"""A rig that is deployed to: its code lies in a folder of its own, and somebody else holds the socket, as systemd does."""

import filecmp
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from app.serve.plan import flask_argv
from app.serve.ports import listen
from faults.rig import PATIENCE, Rig, children
from faults.stage import NotRun
from tests.browser.running import HOST
from tests.postgres import TempPostgres
from tests.programs import DEPLOYED, ROOT, as_systemd

ANSWERS = "the new shop answers"
VERSIONS = "migrations/versions"


class DeployedRig(Rig):
    """The shop as docs/operations.md has it installed; `put` brings other code, `reload` is `systemctl reload`."""

    def __init__(
        self, folder: Path, kind: str, database_url: str | None = None, *, server: TempPostgres | None = None,
        patches: Iterable[str] = (), more: Mapping[str, str] | None = None, processes: int = 2,
    ) -> None:  # fmt: skip
        super().__init__(folder, kind, database_url, server=server, patches=patches, more=more, processes=processes)
        self._socket = listen(HOST, int(self.port))
        self.code = folder / "code"
        self.put(ROOT)

    @property
    def env(self) -> dict[str, str]:
        """The environment of the shop, which runs what lies in its own folder."""
        return super().env | {"PYTHONPATH": str(self.code)}

    def put(self, tree: Path) -> None:
        """Make the code that of another tree, as `git checkout` does: file by file, and what is alike is not touched."""
        wanted = set(_files(tree))
        for name in set(_files(self.code)) - wanted:
            (self.code / name).unlink()
        for name in wanted:
            there, new = self.code / name, tree / name
            if not (there.exists() and filecmp.cmp(there, new, shallow=False)):
                there.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(new, there.with_name(f".{there.name}.new")).replace(there)

    def serve(self, *, worker: bool = True) -> float:
        """Start the supervisor on the socket that is held here; seconds until it was ready."""
        begun = time.monotonic()
        held = self._socket.fileno()
        self.programs.start("shop", as_systemd(held, self.serving(worker=worker)), self.env, (held,))
        self.programs.until(self.is_up, "the shop", PATIENCE)
        return time.monotonic() - begun

    def serving(self, *, worker: bool = True) -> tuple[str, ...]:
        """The command line of the supervisor."""
        return flask_argv("serve") if worker else super().serving(worker=worker)

    def reload(self) -> float:
        """`systemctl reload`; the seconds until the new web server had taken over and the old one and the worker were gone."""
        begun, supervisor = time.monotonic(), self.programs.pid("shop")
        before, said = set(children(supervisor)), self.programs.wrote("shop").count(ANSWERS)
        self.programs.signal("shop", signal.SIGHUP)
        self.programs.until(lambda: self.programs.wrote("shop").count(ANSWERS) > said, "the new web server", PATIENCE)
        self.programs.until(lambda: not before & set(children(supervisor)), "the end of the old ones", PATIENCE)
        return time.monotonic() - begun

    def earlier(self) -> tuple[Path, str]:
        """The newest code in the history that lacks the newest migration alone, and the revision of its tables."""
        names = sorted(each.name for each in (ROOT / VERSIONS).glob("*.py"))
        for commit in _git("rev-list", "HEAD").split():
            there = _git("ls-tree", "--name-only", commit, f"{VERSIONS}/").split()
            if sorted(Path(each).name for each in there) == names[:-1]:
                return self._checked_out(commit), names[-2].split("_")[1]
        raise NotRun("needs the repository with its history, for the code as it was before the newest migration")

    def _checked_out(self, commit: str) -> Path:
        tree = self.folder / commit[:10]
        tree.mkdir()
        archive = subprocess.run(["git", "archive", commit, *DEPLOYED], cwd=ROOT, capture_output=True, check=True).stdout  # noqa: S607
        subprocess.run(["tar", "-x"], cwd=tree, input=archive, check=True)  # noqa: S607 - both are found where the developer has them
        return tree


class LoneDeployedRig(DeployedRig):
    """One that no other row shares, as its shop must have sold nothing yet."""


def _files(tree: Path) -> list[str]:
    """Everything that is deployed of a tree, by its path in it."""
    found = [path for name in DEPLOYED for path in ((tree / name).rglob("*") if (tree / name).is_dir() else [tree / name])]
    return [str(path.relative_to(tree)) for path in found if path.is_file() and "__pycache__" not in path.parts]


def _git(*words: str) -> str:
    try:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607 - as above
    except FileNotFoundError:
        return ""
    return done.stdout
