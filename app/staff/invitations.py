"""Inviting people to the desk: asked by mail, asked again, or not any more."""

from flask import Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts import invitations
from app.accounts.models import Invitation
from app.accounts.roles import Deed, Role
from app.kernel.errors import BadInput, Conflict, NotFound
from app.reports import desk_labels
from app.staff import deed
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.guard import asks_again, label_ids, needs, person, require
from app.staff.labels import chosen_label
from app.staff.people import ROLES
from app.web.house import now, reading, transaction


@bp.get("/people/invite")
@needs(Deed.PEOPLE)
@asks_again
def person_invite() -> ResponseReturnValue:
    """The empty form."""
    return _page()


@bp.post("/people/invite")
@needs(Deed.PEOPLE)
@asks_again
def person_invite_do() -> ResponseReturnValue:
    """Send the link."""
    try:
        label_id, form = chosen_label(Deed.PEOPLE), Form()
        email = form.text("email", "E-mail", least=3, most=254)
        role = Role(form.one_of("role", "Role", [value for value, _text, _note in ROLES]))
        form.check()
        with transaction() as session:
            found = invitations.invite(session, label_id, email, role, person().id, now())
            deed.note(session, "staff.invited", "invitation", found.id, label_id, role=role.value)
    except (BadInput, Conflict) as no:
        return _page(no)
    flash(_("The invitation is on its way. The link in it counts for a week."))
    return redirect(url_for("staff.people"), 303)


@bp.post("/people/invitations/<int:invitation_id>/again")
@needs(Deed.PEOPLE)
@asks_again
def invitation_again(invitation_id: int) -> ResponseReturnValue:
    """Send a new link; the older one ends."""
    with transaction() as session:
        found = _of(session, invitation_id)
        invitations.send_again(session, found, now())
        deed.note(session, "staff.invitation_sent_again", "invitation", found.id, found.label_id)
    flash(_("Sent again, with a new link; the older one does not count any more."))
    return redirect(url_for("staff.people"), 303)


@bp.post("/people/invitations/<int:invitation_id>/withdraw")
@needs(Deed.PEOPLE)
def invitation_withdraw(invitation_id: int) -> ResponseReturnValue:
    """End the link; it asks nobody again, as it may be urgent."""
    with transaction() as session:
        found = _of(session, invitation_id)
        invitations.withdraw(session, found, now())
        deed.note(session, "staff.invitation_withdrawn", "invitation", found.id, found.label_id)
    flash(_("Withdrawn. The link does not count any more."))
    return redirect(url_for("staff.people"), 303)


def _of(session: Session, invitation_id: int) -> Invitation:
    found = session.get(Invitation, invitation_id, with_for_update=True)
    if found is None:
        raise NotFound("There is no such invitation.")
    require(found.label_id, Deed.PEOPLE)
    return found


def _page(no: No | None = None) -> Response:
    with reading() as session:
        labels = desk_labels.rows(session, label_ids(Deed.PEOPLE))
    values = {"email": "", "role": "packer", "label": str(labels[0].id) if labels else ""}
    return form_page("staff/person_invite.html", no, values, labels=labels, roles=ROLES)
