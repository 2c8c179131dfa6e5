"""flask restore."""

from pathlib import Path

import click

from app import backup
from app.cli.words import bar, said
from app.web.house import house, now


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--replace", is_flag=True, help="Lose the database that is there now.")
def command(file: Path, *, replace: bool) -> None:
    """Put a backup back, into an empty database of either kind; the shop must not run."""
    here = house()
    with said(backup.BackupTrouble):
        erased = backup.known(here.db, file, here.settings.backup_dir, here.tokens)
        done = backup.restore(here.db, here.settings.media_dir, file, now(), replace=replace, bar=bar, erased=erased)
    click.echo(backup.what_next(done))
