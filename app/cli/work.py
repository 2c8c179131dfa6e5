"""flask work."""

import os
import sys

import click

from app.web.pages import ROOT


@click.command("work")
def command() -> None:
    """Take outbox rows and due work until stopped."""
    os.chdir(ROOT)
    # In place of this process, which holds the web site in memory.
    os.execv(sys.executable, (sys.executable, "-m", "app.cli.worker"))  # noqa: S606 - our own command, no shell
