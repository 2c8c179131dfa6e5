"""flask work."""

import click

from app.web.house import house
from app.worker import make_worker


@click.command("work")
def command() -> None:
    """Take outbox rows and due work until stopped."""
    make_worker(house()).run()
