"""Changing one's own password: the old one is asked for, and every other browser is signed out."""

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import audit, notices, passwords, people, signin
from app.accounts.roles import Deed
from app.kernel.errors import BadInput
from app.staff import own_password
from app.staff.asking import No, form_page
from app.staff.blueprint import bp
from app.staff.guard import needs, person
from app.staff.signing import keep
from app.web import visitor
from app.web.house import now, transaction


@bp.get("/password")
@needs(Deed.SELF)
def password() -> ResponseReturnValue:
    """The form."""
    return _page()


@bp.post("/password")
@needs(Deed.SELF)
def password_save() -> ResponseReturnValue:
    """Change it, and begin a new session here; all others end."""
    try:
        secret = _new_hash()
    except BadInput as no:
        return _page(no)
    with transaction() as session:
        people.set_hash(session, person().id, secret, now())
        fresh = signin.begin(session, person().id, now(), visitor.where(), proven=True)
        audit.note(session, "staff.password_changed", "staff", person().id, now=now(), staff_id=person().id)
        notices.tell(session, person().id, "staff.password_changed", now())
    keep(fresh)
    flash(_("Your password is changed. Every other browser was signed out."))
    return redirect(url_for("staff.password"), 303)


def _new_hash() -> str:
    """The hash of the new password, once the old one is right; hashing is slow, so it happens outside a transaction."""
    own_password.check("old")
    new, again = (request.form.get(name, "") for name in ("new", "again"))
    if new != again:
        raise BadInput("", {"again": "The two are not the same. Type the new one twice."})
    try:
        return passwords.hashed(new)
    except BadInput as no:
        raise BadInput("", {"new": no.fields.get("password", no.detail)}) from no


def _page(no: No | None = None) -> Response:
    return form_page("staff/password.html", no, {}, least=passwords.LEAST)
