"""Signing in and out at the desk."""

from urllib.parse import urlsplit

import structlog
from flask import Response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user

from app.accounts import audit, signin
from app.accounts.models import Role
from app.accounts.signin import WrongPassword
from app.staff.blueprint import bp
from app.staff.guard import SignedIn, needs, open_to_all
from app.web import fan, forms
from app.web.house import now, reading, transaction

log = structlog.get_logger()


@bp.get("/sign-in")
@open_to_all
def sign_in() -> ResponseReturnValue:
    """The form."""
    if current_user.is_authenticated:
        return redirect(url_for("staff.home"), 303)
    return render_template("staff/sign_in.html", next=_own_path(request.args.get("next", "")), email="")


@bp.post("/sign-in")
@open_to_all
def sign_in_post() -> ResponseReturnValue:
    """Check the password and begin a session under a new id."""
    email = forms.text("email", label="E-mail", most=254)
    password = request.form.get("password", "")
    with transaction() as db:
        signin.check_throttle(db, email, fan.network(), now())
    with reading() as db:
        staff = signin.find(db, email)
    try:
        signin.check_password(staff, password)
    except WrongPassword as wrong:
        log.info("sign-in refused", known=staff is not None)
        with transaction() as db:
            audit.note(db, "signin.refused", "staff", staff.id if staff else None, now=now(), staff_id=None)
        page = render_template("staff/sign_in.html", next=_own_path(request.form.get("next", "")), email=email, error=wrong.detail)
        return Response(page, wrong.status)
    assert staff is not None  # noqa: S101 - check_password refuses strangers
    with transaction() as db:
        token = signin.begin(db, staff.id, now())
        audit.note(db, "signin.begun", "staff", staff.id, now=now(), staff_id=staff.id)
        found = signin.who(db, token, now())
    session.clear()  # nothing that was in the browser before survives a sign-in
    if found is not None:
        login_user(SignedIn(token, found[0]))
    return redirect(_own_path(request.form.get("next", "")) or url_for("staff.home"), 303)


@bp.post("/sign-out")
@needs(Role.PACKER)
def sign_out() -> ResponseReturnValue:
    """End this browser's session, on the server too."""
    user = current_user._get_current_object()
    with transaction() as db:
        signin.end(db, user.token, now())
        audit.note(db, "signin.ended", "staff", user.person.id, now=now(), staff_id=user.person.id)
    logout_user()
    session.clear()
    return redirect(url_for("staff.sign_in"), 303)


def _own_path(wanted: str) -> str:
    """A path of ours to go on to; empty for anything that a browser could read as another site."""
    clean = wanted.startswith("/staff") and "\\" not in wanted and all(" " < sign < "\x7f" for sign in wanted)
    parts = urlsplit(wanted) if clean else None
    return wanted if parts and not parts.scheme and not parts.netloc else ""
