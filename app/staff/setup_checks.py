"""The steps of setting up that need no form: mail, Stripe, backup and clock, each with its checks beside it."""

from flask import Response
from flask.typing import ResponseReturnValue

from app.accounts.roles import Deed
from app.reports import checks_page, setup_left
from app.staff.blueprint import bp
from app.staff.guard import needs, person
from app.staff.setup_steps import step_page
from app.web.house import house, now, reading


@bp.get("/setup/mail")
@needs(Deed.LABEL)
def setup_mail() -> ResponseReturnValue:
    """Who the shop's mail is from, and whether it arrives."""
    return _page("mail")


@bp.get("/setup/stripe")
@needs(Deed.LABEL)
def setup_stripe() -> ResponseReturnValue:
    """Where the key and the secret go, and whether they work."""
    return _page("stripe")


@bp.get("/setup/machine")
@needs(Deed.LABEL)
def setup_machine() -> ResponseReturnValue:
    """Worker, backup, clock."""
    return _page("machine")


def _page(step: str) -> Response:
    with reading() as session:
        rows = [row for row in checks_page.rows(session, house().settings, now(), []) if row.name in setup_left.CHECKS[step]]
    values = {"word": "", "to": person().email}
    return step_page(step, None, values, rows=rows, well=setup_left.well(rows), settings=house().settings, zone="UTC")
