"""flask setup."""

import click
from flask.cli import with_appcontext

from app.accounts import audit, founding
from app.cli.words import said
from app.web.house import house, now, transaction

LINK, PATH = "Set-up link:", "/staff/setup/begin/"


@click.command("setup")
@with_appcontext
def command() -> None:
    """Print the link that begins an empty shop in the browser: it makes the first account, once, within an hour."""
    with said(), transaction() as session:
        token = founding.make_link(session, now())
        audit.note(session, "staff.founding_begun", "staff", None, now=now(), staff_id=None)
    click.echo(f"{LINK} {house().settings.base_url}{PATH}{token}")
    minutes = founding.LASTS.seconds // 60
    click.echo(f"Whoever opens it first owns the shop. It counts once, for {minutes} minutes; printing another ends it.")
