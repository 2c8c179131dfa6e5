"""Where an invitation's link leads: a name and a password, and on to the second factor."""

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import audit, invitations, joining, passwords, signin
from app.accounts.models import Invitation
from app.catalogue.models import Label
from app.kernel import throttle
from app.kernel.errors import BadInput
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.guard import open_to_all
from app.staff.people import ROLES
from app.staff.signing import keep
from app.web import fan, visitor
from app.web.house import house, now, reading, transaction


@bp.get("/join/<token>")
@open_to_all
def join(token: str) -> ResponseReturnValue:
    """Whose desk, and as what; NotFound when the link does not count any more."""
    return _page(token)


@bp.post("/join/<token>")
@open_to_all
def join_do(token: str) -> ResponseReturnValue:
    """Make the account and begin its first session, which opens the second factor's pages only."""
    with transaction() as session:
        throttle.allow(session, f"join:{fan.network()}", most=20, per=signin.UNPROVEN, now=now(), what="tries to join")
    try:
        name, secret = _read(token)
        with transaction() as session:
            found = invitations.of_token(session, house().tokens, token, now())
            joined = invitations.accept(session, found, name, secret, now())
            audit.note(
                session, "staff.joined", "staff", joined.staff_id, now=now(), staff_id=joined.staff_id, label_id=found.label_id,
                role=found.role.value, invitation=found.id,
            )  # fmt: skip
            fresh = signin.begin(session, joined.staff_id, now(), visitor.where()) if joined.fresh else None
    except BadInput as no:
        return _page(token, no)
    if fresh is None:
        flash(_("You are at this desk now, too. Sign in as you always do."))
        return redirect(url_for("staff.home"), 303)
    keep(fresh)
    return redirect(url_for("staff.factor"), 303)


def _read(token: str) -> tuple[str, str]:
    """Their name, and the hash of their password, made outside any transaction; nothing of who has an account already."""
    with reading() as session:
        found = invitations.of_token(session, house().tokens, token, now())
        known = joining.keeps_account(session, found.email)
    if known:
        return "", ""
    form = Form()
    name = form.text("name", "Name", least=1, most=80)
    password, again = request.form.get("password", ""), request.form.get("again", "")
    if password != again:
        form.say("again", "The two are not the same. Type it twice.")
    form.check()
    return name, passwords.hashed(password)


def _page(token: str, no: No | None = None) -> Response:
    with reading() as session:
        found = invitations.of_token(session, house().tokens, token, now())
        known = joining.keeps_account(session, found.email)
        label = session.get_one(Label, found.label_id).name
    return form_page(
        "staff/join.html", no, {"name": ""}, label=label, email=found.email, role=_role(found), known=known, least=passwords.LEAST
    )


def _role(found: Invitation) -> tuple[object, object]:
    return next((text, note) for value, text, note in ROLES if value == found.role.value)
