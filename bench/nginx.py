"""nginx as docs/operations.md has it: its two files are read out of the document, so that what is advised is what is tried."""

import os
import re
import shutil
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.programs import ROOT, Programs

DOCUMENT, MARK = ROOT / "docs" / "operations.md", "<!-- tried: nginx -->"
BLOCK = re.compile(r"^```\n# (?P<name>/\S+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
PLACES = "/usr/sbin", "/usr/local/sbin", "/usr/local/nginx/sbin"  # where people's PATH does not look
SERVER, SHARED = "/etc/nginx/conf.d/runout.conf", "/etc/nginx/runout.conf"
MAIN = """{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    {temps}
    include {folder}/server.conf;
}}
"""
TEMPS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


class NoNginx(Exception):
    """There is no nginx here."""


def find_nginx() -> str:
    """The program; raises NoNginx."""
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), *PLACES))
    if found := shutil.which("nginx", path=path):
        return found
    raise NoNginx("make scale needs nginx: install it (on Debian: apt-get install nginx-light)")


def documented(document: str) -> dict[str, str]:
    """The files that the document has after its mark, by their path; ends at the first text that is no such file."""
    after, found = document.partition(MARK)[2], {}
    while (block := BLOCK.match(after.lstrip("\n"))) is not None:
        found[block["name"]] = block["text"]
        after = after.lstrip("\n")[block.end() :]
    return found


def fitted(files: Mapping[str, str], folder: Path, port: int, shops: Sequence[int]) -> dict[str, str]:
    """The same two for a trial: without TLS, at our own port, in front of our own shops, in a folder of ours.

    ValueError when the document has nothing that this could be put in place of.
    """
    server = files[SERVER]
    for what, instead in {
        "    server 127.0.0.1:8000;\n": "".join(f"    server 127.0.0.1:{shop};\n" for shop in shops),
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port};",
        "/var/cache/nginx": f"{folder}/cache",
        SHARED: f"{folder}/runout.conf",
    }.items():
        if what not in server:
            raise ValueError(f"the document's nginx has no {what.strip()}")
        server = server.replace(what, instead)
    return {"server.conf": server, "runout.conf": files[SHARED]}


class Nginx:
    """One in front of shops at these ports, for as long as the block lasts."""

    def __init__(self, folder: Path, shops: Sequence[int]) -> None:
        self._folder, self._shops, self._program = folder, shops, find_nginx()
        self._programs = Programs(folder)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]
        self.url, self.host = f"http://127.0.0.1:{self.port}", f"127.0.0.1:{self.port}"

    def __enter__(self) -> "Nginx":
        folder = self._folder
        (folder / "cache").mkdir(parents=True)
        for name, text in fitted(documented(DOCUMENT.read_text()), folder, self.port, self._shops).items():
            (folder / name).write_text(text)
        temps = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in TEMPS)
        user = "user root;" if os.geteuid() == 0 else ""  # else its workers cannot read a folder of ours
        (folder / "nginx.conf").write_text(MAIN.format(user=user, folder=folder, temps=temps))
        argv = (self._program, "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf"))
        self._programs.start("nginx", argv, dict(os.environ))
        try:
            self._programs.until(self._answers, "nginx")
        except BaseException:
            self._programs.stop()
            raise
        return self

    def __exit__(self, *_fault: object) -> None:
        self._programs.stop()

    def said(self) -> str:
        """What it has written."""
        return self._programs.report()

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True
