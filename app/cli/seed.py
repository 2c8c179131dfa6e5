"""flask seed."""

import click

from app.seed import demo
from app.web.house import house


@click.command("seed")
def command() -> None:
    """Fill an empty database with a demo label; does nothing when there is one."""
    made = demo(house())
    click.echo("The demo label is ready." if made else "There is a label already; nothing was changed.")
    if made:
        click.echo(f"Staff login: {made.email} / {made.password}")
