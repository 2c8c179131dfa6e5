"""flask staff add | password."""

import click
from flask.cli import AppGroup
from sqlalchemy import select

from app.accounts import audit, passwords, people
from app.accounts.roles import Role
from app.catalogue.models import Label
from app.cli.words import said
from app.web.house import now, transaction

command = AppGroup("staff", help="Accounts of the people who work at the desk.")


@command.command("add")
@click.argument("email")
@click.option("--name", default="")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.OWNER.value, show_default=True)
@click.option("--label", "slug", default=None, help="The label's slug; not needed when there is only one.")
def add(email: str, name: str, role: str, slug: str | None) -> None:
    """Make an account with a random password, which is printed once."""
    password = passwords.suggested()
    with said(), transaction() as session:
        found = session.scalars(select(Label).where(Label.slug == slug) if slug else select(Label)).all()
        if not found:
            raise click.ClickException("There is no such label. Make one first with: flask label add")
        if len(found) > 1:
            raise click.ClickException(f"Say which label with --label; there are {len(found)}.")
        person = people.add(session, email, name, password, now())
        people.set_role(session, person.id, found[0].id, Role(role))
        audit.note(session, "staff.added", "staff", person.id, now=now(), staff_id=None, label_id=found[0].id, role=role)
    click.echo(f"Staff login: {person.email} / {password}")


@command.command("password")
@click.argument("email")
def password(email: str) -> None:
    """Set a new random password, which is printed once, and sign the person out everywhere."""
    fresh = passwords.suggested()
    with said(), transaction() as session:
        person = people.by_email(session, email)
        if person is None:
            raise click.ClickException("There is no open account with this address.")
        people.set_password(session, person.id, fresh, now())
        audit.note(session, "staff.password_set", "staff", person.id, now=now(), staff_id=None)
    click.echo(f"Staff login: {person.email} / {fresh}")
