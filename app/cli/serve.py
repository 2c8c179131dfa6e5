"""flask serve."""

import os
import sys

import click

from app.web.pages import ROOT


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=5000, show_default=True)
def command(host: str, port: int) -> None:
    """Run shop and worker under one supervisor until stopped; SIGHUP renews both without a request refused."""
    os.chdir(ROOT)
    # In place of this process: the supervisor only waits, and need not hold the whole shop in memory for that.
    os.execv(sys.executable, (sys.executable, "-m", "app.serve", "shop", host, str(port)))  # noqa: S606 - our own command, no shell
