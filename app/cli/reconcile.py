"""flask reconcile."""

import sys
from datetime import UTC, datetime

import click

from app.checkout.differences import told
from app.checkout.healing import EVERY_ONE
from app.checkout.reconcile import LOOK_BACK, keep, reconcile
from app.payments.gateway import StripeTrouble
from app.web.house import house
from app.web.house import now as this_moment


@click.command("reconcile")
@click.option("--since", type=click.DateTime(), help="In UTC; three days ago when not given.")
@click.option("--until", type=click.DateTime(), help="In UTC; now when not given.")
@click.option("--heal", is_flag=True, help="Bring right what needs no decision, and make lost orders again where that is possible.")
def command(since: datetime | None, until: datetime | None, *, heal: bool) -> None:
    """Compare a period with Stripe's own record; exit code 1 when something differs, 2 when Stripe cannot be asked."""
    here, now = house(), this_moment()
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
