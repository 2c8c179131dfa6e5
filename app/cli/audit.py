"""flask audit."""

import sys

import click

from app.cli.words import said
from app.invariants import INVARIANTS, offenders
from app.web.house import now, reading


@click.command("audit")
def command() -> None:
    """Check everything that must always be true; exit code 1 when something is not."""
    with said(), reading() as session:
        found = offenders(session, now())
    for invariant, rows in found:
        click.echo(f"{invariant.id}: {invariant.why}: {len(rows)} offenders, first {rows[0]}")
    click.echo(f"{len(INVARIANTS)} invariants checked, {len(found)} broken.")
    sys.exit(1 if found else 0)
