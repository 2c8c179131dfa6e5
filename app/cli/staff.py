"""flask staff add | password | reset-factor | code."""

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import audit, notices, passwords, people, reset, totp
from app.accounts.models import Staff
from app.accounts.roles import Role
from app.catalogue.models import Label
from app.cli.words import said
from app.web.house import house, now, reading, transaction

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
        person = _person(session, email)
        people.set_password(session, person.id, fresh, now())
        audit.note(session, "staff.password_set", "staff", person.id, now=now(), staff_id=None)
        notices.tell(session, person.id, "staff.password_set", now())
    click.echo(f"Staff login: {person.email} / {fresh}")


@command.command("reset-factor")
@click.argument("email")
def reset_factor(email: str) -> None:
    """Take somebody's second factor away, for who has lost all of it; they enrol anew when they sign in next."""
    with said(), transaction() as session:
        person = _person(session, email)
        reset.reset(session, person.id, now())
        audit.note(session, "staff.factor_reset", "staff", person.id, now=now(), staff_id=None)
        notices.tell(session, person.id, "staff.factor_reset", now())
    click.echo(f"{person.email} has no second factor any more, was signed out everywhere, and is told by mail.")


@command.command("code")
@click.argument("email")
def code(email: str) -> None:
    """Print the code that somebody's authenticator app would show now; only in a demo."""
    if not house().settings.demo:
        raise click.ClickException("Only a demo, with the local Stripe, prints codes. Lost yours? flask staff reset-factor EMAIL")
    with said(), reading() as session:
        click.echo(totp.shown(session, house().tokens, _person(session, email).id, now()))


def _person(session: Session, email: str) -> Staff:
    person = people.by_email(session, email)
    if person is None:
        raise click.ClickException("There is no open account with this address.")
    return person
