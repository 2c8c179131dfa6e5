"""flask label add."""

import click
from flask.cli import AppGroup

from app.accounts import audit
from app.catalogue import labels
from app.catalogue.labels import LabelWords
from app.cli.words import said
from app.web.house import now, transaction

command = AppGroup("label", help="The imprints that sell here.")


@command.command("add")
@click.argument("name")
@click.option("--email", required=True, help="Where fans write to.")
@click.option("--currency", required=True, help="Such as EUR; it can hardly be changed later.")
@click.option("--time-zone", required=True, help="Such as Europe/Berlin.")
@click.option("--country", required=True, help="Where parcels leave from, two capitals such as DE.")
@click.option("--packaging-weight", default=60, show_default=True, help="Grams of an empty parcel.")
def add(name: str, email: str, currency: str, time_zone: str, country: str, packaging_weight: int) -> None:
    """Make a label, so that somebody can be given an account at its desk."""
    words = LabelWords(name, "", email, currency, time_zone, country, packaging_weight)
    with said(), transaction() as session:
        made = labels.create(session, words, "", now())
        session.flush()
        audit.note(session, "label.added", "label", made.id, now=now(), staff_id=None, label_id=made.id)
    click.echo(f"The label {made.slug} is ready. An account for its desk: flask staff add EMAIL --label {made.slug}")
