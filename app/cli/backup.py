"""flask backup."""

from pathlib import Path

import click

from app import backup
from app.cli.words import bar, said
from app.kernel import heartbeat
from app.privacy import record
from app.web.house import house, now, transaction


@click.command("backup")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option("--keep", type=click.IntRange(min=1), default=None, help="Remove all but the newest so many.")
def command(folder: Path | None, keep: int | None) -> None:
    """Write database and media to one file in FOLDER (or BACKUP_DIR), while the shop runs."""
    here = house()
    into = folder or here.settings.backup_dir
    if into is None:
        raise click.UsageError("Say where to: flask backup FOLDER, or set BACKUP_DIR.")
    with said(backup.BackupTrouble):
        made = backup.take(here.db, here.settings.media_dir, into, now(), keep=keep, bar=bar)
        with transaction() as session:
            heartbeat.beat(session, heartbeat.BACKUP, now())
            erased = record.entries(session)
        if erased:
            record.write(into, erased, here.settings.signing_keys)
    rows, size = sum(made.manifest.tables.values()), made.path.stat().st_size / 1e6
    click.echo(f"{made.path}: {rows} rows, {len(made.manifest.media)} media files, {size:.1f} MB, read back and whole.")
    for old in made.removed:
        click.echo(f"Removed {old.name}.")
