"""Signing in and out at the desk."""

from urllib.parse import urlsplit

import structlog
from flask import Response, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user

from app.accounts import audit, signin
from app.accounts.roles import Deed
from app.accounts.signin import WrongPassword
from app.kernel.errors import BadInput, Refusal
from app.staff.blueprint import bp
from app.staff.guard import SignedIn, needs, open_to_all
from app.web import fan, forms
from app.web.errors import wants_json
from app.web.house import now, reading, transaction

log = structlog.get_logger()


@bp.get("/sign-in")
@open_to_all
def sign_in() -> ResponseReturnValue:
    """The form."""
    if current_user.is_authenticated:
        return redirect(url_for("staff.home"), 303)
    return _form(request.args.get("next", ""))


@bp.post("/sign-in")
@open_to_all
def sign_in_post() -> ResponseReturnValue:
    """Check the password and begin a session under a new id."""
    next_ = request.form.get("next", "")
    try:
        email = forms.text("email", label="E-mail", most=254)
    except BadInput as no:
        return _form(next_, no=no)
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
        return _form(next_, email, wrong)
    assert staff is not None  # noqa: S101 - check_password refuses strangers
    begin_session(staff.id)
    return redirect(_own_path(next_) or url_for("staff.home"), 303)


def begin_session(staff_id: int) -> None:
    """Sign this browser in as somebody, under an id that nobody knew before."""
    with transaction() as db:
        token = signin.begin(db, staff_id, now())
        signin.remember(db, staff_id, fan.network(), now())
        audit.note(db, "signin.begun", "staff", staff_id, now=now(), staff_id=staff_id)
        found = signin.who(db, token, now())
    session.clear()  # nothing that was in the browser before survives a sign-in
    if found is not None:
        login_user(SignedIn(token, found[0]))


@bp.post("/sign-out")
@needs(Deed.SELF)
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


def _form(next_: str, email: str = "", no: Refusal | None = None) -> Response:
    if no is not None and wants_json():
        raise no
    page = render_template("staff/sign_in.html", next=_own_path(next_), email=email, error=no.detail if no else "")
    return make_response(page, no.status if no else 200)
