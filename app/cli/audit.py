"""flask audit."""

import sys

import click

from app.accounts import chain
from app.cli.words import said
from app.invariants import INVARIANTS, offenders
from app.web.house import now, reading


@click.command("audit")
def command() -> None:
    """Check everything that must always be true, and the audit log's chain; exit code 1 when something is not."""
    with said(), reading() as session:
        found = offenders(session, now())
        log = chain.check(session, now())
    for invariant, rows in found:
        click.echo(f"{invariant.id}: {invariant.why}: {len(rows)} offenders, first {rows[0]}")
    click.echo(f"{len(INVARIANTS)} invariants checked, {len(found)} broken.")
    if log.broken:
        click.echo(f"The audit log is broken: {log.broken}. {log.sealed} rows before it are as they were written.")
    else:
        click.echo(f"The audit log is whole: {log.sealed} rows in a chain that ends in {log.head}.")
    if log.overdue:
        click.echo(f"{log.overdue} rows are older than an hour and not sealed: does the worker run?")
    sys.exit(1 if found or log.broken or log.overdue else 0)
