"""The command line: flask serve | work | seed | audit | backup | restore | reconcile | db … | label … | staff …"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from alembic import command
from alembic.config import Config
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import select

from app import backup
from app.accounts import audit, passwords, people
from app.accounts.models import Role
from app.catalogue import labels
from app.catalogue.labels import LabelWords
from app.catalogue.models import Label
from app.checkout.differences import told
from app.checkout.healing import EVERY_ONE
from app.checkout.reconcile import LOOK_BACK, keep, reconcile
from app.invariants import INVARIANTS, offenders
from app.kernel import heartbeat, shape
from app.kernel.db import migrating
from app.kernel.errors import Refusal
from app.payments.gateway import StripeTrouble
from app.seed import demo
from app.serve import PortTaken, Size, serve
from app.settings import Settings
from app.web import house
from app.web.pages import ROOT
from app.worker import make_worker

db = AppGroup("db", help="The database's tables.")
label = AppGroup("label", help="The imprints that sell here.")
staff = AppGroup("staff", help="Accounts of the people who work at the desk.")


def install(app: Flask) -> None:
    """Add our commands to `flask`."""
    single = (serve_command, work, seed_command, audit_command, backup_command, restore_command, reconcile_command)
    for each in (*single, db, label, staff):
        app.cli.add_command(each)


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=5000, show_default=True)
def serve_command(host: str, port: int) -> None:
    """Run shop and worker under one supervisor until stopped; SIGHUP renews both without a request refused."""
    try:
        code = serve(host=host, port=port, root=ROOT, size=_size)
    except PortTaken as taken:
        raise click.ClickException(str(taken)) from taken
    sys.exit(code)


@click.command("work")
def work() -> None:
    """Take outbox rows and due work until stopped."""
    make_worker(_house()).run()


@click.command("seed")
def seed_command() -> None:
    """Fill an empty database with a demo label; does nothing when there is one."""
    made = demo(_house())
    click.echo("The demo label is ready." if made else "There is a label already; nothing was changed.")
    if made:
        click.echo(f"Staff login: {made.email} / {made.password}")


@click.command("audit")
def audit_command() -> None:
    """Check everything that must always be true; exit code 1 when something is not."""
    with _said(), house.reading() as session:
        found = offenders(session, house.now())
    for invariant, rows in found:
        click.echo(f"{invariant.id}: {invariant.why}: {len(rows)} offenders, first {rows[0]}")
    click.echo(f"{len(INVARIANTS)} invariants checked, {len(found)} broken.")
    sys.exit(1 if found else 0)


@click.command("backup")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option("--keep", type=click.IntRange(min=1), default=None, help="Remove all but the newest so many.")
def backup_command(folder: Path | None, keep: int | None) -> None:
    """Write database and media to one file in FOLDER (or BACKUP_DIR), while the shop runs."""
    here = _house()
    into = folder or here.settings.backup_dir
    if into is None:
        raise click.UsageError("Say where to: flask backup FOLDER, or set BACKUP_DIR.")
    with _said():
        made = backup.take(here.db, here.settings.media_dir, into, house.now(), keep=keep, bar=_bar)
        with house.transaction() as session:
            heartbeat.beat(session, heartbeat.BACKUP, house.now())
    rows, size = sum(made.manifest.tables.values()), made.path.stat().st_size / 1e6
    click.echo(f"{made.path}: {rows} rows, {len(made.manifest.media)} media files, {size:.1f} MB, read back and whole.")
    for old in made.removed:
        click.echo(f"Removed {old.name}.")


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--replace", is_flag=True, help="Lose the database that is there now.")
def restore_command(file: Path, *, replace: bool) -> None:
    """Put a backup back, into an empty database of either kind; the shop must not run."""
    here = _house()
    with _said():
        done = backup.restore(here.db, here.settings.media_dir, file, house.now(), replace=replace, bar=_bar)
    click.echo(backup.what_next(done))


@click.command("reconcile")
@click.option("--since", type=click.DateTime(), help="In UTC; three days ago when not given.")
@click.option("--until", type=click.DateTime(), help="In UTC; now when not given.")
@click.option("--heal", is_flag=True, help="Bring right what needs no decision, and make lost orders again where that is possible.")
def reconcile_command(since: datetime | None, until: datetime | None, *, heal: bool) -> None:
    """Compare a period with Stripe's own record; exit code 1 when something differs, 2 when Stripe cannot be asked."""
    here, now = _house(), house.now()
    begin, end = since.replace(tzinfo=UTC) if since else now - LOOK_BACK, until.replace(tzinfo=UTC) if until else now
    try:
        done = reconcile(here.db, here.gateway, here.clock, here.shop, begin, end, heal=EVERY_ONE if heal else frozenset())
    except StripeTrouble as trouble:
        click.echo(f"Stripe cannot be asked: {trouble}", err=True)
        sys.exit(2)
    keep(here.db, done, begin, end, here.clock.now())
    for difference in done.healed:
        click.echo(f"healed: {told(difference)}")
    for difference in done.left:
        click.echo(f"{told(difference)}\n    {difference.todo}")
    click.echo(f"{begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC: {len(done.healed)} healed, {len(done.left)} different.")
    sys.exit(1 if done.left else 0)


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the tables to the newest shape."""
    _database_folder()
    with _migrating() as config:
        command.upgrade(config, "head")


@db.command("downgrade")
@click.argument("revision")
def db_downgrade(revision: str) -> None:
    """Go back to an earlier shape."""
    with _migrating() as config:
        command.downgrade(config, revision)


@db.command("check")
def db_check() -> None:
    """Fail unless the tables in the database are the tables in the code."""
    with _migrating() as config:
        command.check(config)


@db.command("current")
def db_current() -> None:
    """Say which shape the tables have."""
    with _house().db.engine.connect() as connection:
        at = shape.current(connection)
    click.echo(f"{at or 'empty'} (newest is {shape.newest()})")


@label.command("add")
@click.argument("name")
@click.option("--email", required=True, help="Where fans write to.")
@click.option("--currency", required=True, help="Such as EUR; it can hardly be changed later.")
@click.option("--time-zone", required=True, help="Such as Europe/Berlin.")
@click.option("--country", required=True, help="Where parcels leave from, two capitals such as DE.")
@click.option("--packaging-weight", default=60, show_default=True, help="Grams of an empty parcel.")
def label_add(name: str, email: str, currency: str, time_zone: str, country: str, packaging_weight: int) -> None:
    """Make a label, so that somebody can be given an account at its desk."""
    words = LabelWords(name, "", email, currency, time_zone, country, packaging_weight)
    with _said(), house.transaction() as session:
        made = labels.create(session, words, "", house.now())
        session.flush()
        audit.note(session, "label.added", "label", made.id, now=house.now(), staff_id=None, label_id=made.id)
    click.echo(f"The label {made.slug} is ready. An account for its desk: flask staff add EMAIL --label {made.slug}")


@staff.command("add")
@click.argument("email")
@click.option("--name", default="")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.OWNER.value, show_default=True)
@click.option("--label", "slug", default=None, help="The label's slug; not needed when there is only one.")
def staff_add(email: str, name: str, role: str, slug: str | None) -> None:
    """Make an account with a random password, which is printed once."""
    password = passwords.suggested()
    with _said(), house.transaction() as session:
        found = session.scalars(select(Label).where(Label.slug == slug) if slug else select(Label)).all()
        if not found:
            raise click.ClickException("There is no such label. Make one first with: flask label add")
        if len(found) > 1:
            raise click.ClickException(f"Say which label with --label; there are {len(found)}.")
        person = people.add(session, email, name, password, house.now())
        people.set_role(session, person.id, found[0].id, Role(role))
        audit.note(session, "staff.added", "staff", person.id, now=house.now(), staff_id=None, label_id=found[0].id, role=role)
    click.echo(f"Staff login: {person.email} / {password}")


@staff.command("password")
@click.argument("email")
def staff_password(email: str) -> None:
    """Set a new random password, which is printed once, and sign the person out everywhere."""
    password = passwords.suggested()
    with _said(), house.transaction() as session:
        person = people.by_email(session, email)
        if person is None:
            raise click.ClickException("There is no open account with this address.")
        people.set_password(session, person.id, password, house.now())
        audit.note(session, "staff.password_set", "staff", person.id, now=house.now(), staff_id=None)
    click.echo(f"Staff login: {person.email} / {password}")


@contextmanager
def _bar(what: str, steps: int) -> Iterator[Callable[[int], object]]:
    """Progress for who watches; a timer's log stays empty."""
    with click.progressbar(length=steps, label=what, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        yield bar.update


@contextmanager
def _said() -> Iterator[None]:
    """Turns a refusal or a trouble into a sentence on the terminal."""
    try:
        yield
    except backup.BackupTrouble as trouble:
        raise click.ClickException(str(trouble)) from trouble
    except Refusal as refusal:
        wrong = [f"{name}: {sentence}" for name, sentence in getattr(refusal, "fields", {}).items()]
        raise click.ClickException(" ".join(wrong) or refusal.detail) from refusal


def _size() -> Size:
    """From the settings as they are now: files that hold some may have changed."""
    settings = Settings()  # type: ignore[call-arg]  # all of them come from the environment
    return Size(settings.database_url, settings.web_processes, settings.web_threads)


def _house() -> house.House:
    return house.house()


@contextmanager
def _migrating() -> Iterator[Config]:
    """Alembic's configuration with a connection of ours, which is committed at the end."""
    with _said(), migrating(_house().db) as connection:
        yield shape.config(connection)


def _database_folder() -> None:
    engine = _house().db.engine
    if engine.dialect.name == "sqlite" and engine.url.database:
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
