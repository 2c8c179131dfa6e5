"""flask files add."""

from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import select

from app.accounts import audit
from app.catalogue import file_pouring, file_store, files
from app.catalogue.models import FileKind, Release
from app.cli.words import said
from app.web.house import house, now, transaction

command = AppGroup("files", help="What comes with the copies of a release.")


@command.command("add")
@click.argument("release")
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--kind", type=click.Choice([kind.value for kind in FileKind]), default=FileKind.ALBUM.value, show_default=True)
@click.option("--name", default=None, help="As the fan's own computer will call it; else the file's own.")
def add(release: str, path: Path, kind: str, name: str | None) -> None:
    """Let the file at PATH come with every copy of RELEASE (the end of its address, such as night-bus), however large it is."""
    folder, size = file_store.prepared(house().settings.media_dir), path.stat().st_size
    with said():
        with transaction() as session:
            found = session.scalar(select(Release).where(Release.slug == release))
            if found is None:
                raise click.ClickException(f"There is no release at /releases/{release}.")
            row = files.begin(session, found.id, name or path.name, FileKind(kind), size, now())
            file_store.must_fit(folder, size - file_store.arrived(folder, row.file))
        with path.open("rb") as content:
            content.seek(at := file_store.arrived(folder, row.file))
            file_pouring.append(folder, row.file, at, content, size)
        checksum = file_store.seal(folder, row.file, size)
        with transaction() as session:
            files.whole(session, row.id, checksum, now())
            what = {"file": row.name}
            audit.note(
                session, "release.file_added", "release", found.id, now=now(), staff_id=None, label_id=found.label_id, **what
            )
    click.echo(f"{row.name} comes with every copy of {found.title} from now on. SHA-256 {checksum}")
