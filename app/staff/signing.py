"""Signing in and out at the desk: the password first, then the second factor on a page of its own."""

from urllib.parse import urlsplit

import structlog
from flask import Response, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user
from sqlalchemy.orm import Session

from app.accounts import audit, notices, people, signin
from app.accounts.signin import WrongPassword
from app.kernel.errors import BadInput, Refusal
from app.staff.blueprint import bp
from app.staff.guard import SignedIn, open_to_all, open_to_half, token, visit
from app.web import fan, forms, visitor
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
    """Check the password and begin a session under a new id, which opens only the second factor's pages."""
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
    with transaction() as db:
        fresh = signin.begin(db, staff.id, now(), visitor.where())
    keep(fresh)
    return redirect(url_for("staff.factor", next=own_path(next_) or None), 303)


def keep(fresh: str) -> None:
    """Let the browser keep a session's token, and nothing that was in it before."""
    with reading() as db:
        found = signin.who(db, fresh, now())
    session.clear()
    if found is not None:
        login_user(SignedIn(fresh, found))


def prove(db: Session) -> str:
    """The second factor was shown: sign this browser in; its new token. Who comes from a new place is told by mail."""
    me, network = visit().person.id, fan.network()
    fresh = signin.prove(db, token(), now())
    if signin.was_here(db, me, visit().session_id) and not signin.is_known(db, me, network, now()):
        notices.tell(db, me, "signin.new_network", now(), visit().session_id)
    signin.remember(db, me, network, now())
    audit.note(db, "signin.begun", "staff", me, now=now(), staff_id=me)
    return fresh


@bp.post("/sign-out")
@open_to_half
def sign_out() -> ResponseReturnValue:
    """End this browser's session, on the server too."""
    me = visit().person.id
    with transaction() as db:
        signin.end(db, token(), now())
        audit.note(db, "signin.ended", "staff", me, now=now(), staff_id=me)
    logout_user()
    session.clear()
    return redirect(url_for("staff.sign_in"), 303)


def own_path(wanted: str) -> str:
    """A path of ours to go on to; empty for anything that a browser could read as another site."""
    clean = wanted.startswith("/staff") and "\\" not in wanted and all(" " < sign < "\x7f" for sign in wanted)
    parts = urlsplit(wanted) if clean else None
    return wanted if parts and not parts.scheme and not parts.netloc else ""


def _form(next_: str, email: str = "", no: Refusal | None = None) -> Response:
    if no is not None and wants_json():
        raise no
    with reading() as db:
        nobody = people.none_yet(db)
    page = render_template("staff/sign_in.html", next=own_path(next_), email=email, error=no.detail if no else "", nobody=nobody)
    return make_response(page, no.status if no else 200)
