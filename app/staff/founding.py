"""Where the link leads that `flask setup` prints: the first account of a shop, and on to its second factor."""

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import audit, founding, passwords, signin
from app.catalogue import labels
from app.kernel import throttle
from app.kernel.errors import BadInput
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.guard import open_to_all
from app.staff.signing import keep
from app.web import fan, visitor
from app.web.house import now, reading, transaction


@bp.get("/setup/begin/<token>")
@open_to_all
def setup_begin(token: str) -> ResponseReturnValue:
    """Who are you? NotFound when the link does not count (any more)."""
    return _page(token)


@bp.post("/setup/begin/<token>")
@open_to_all
def setup_begin_do(token: str) -> ResponseReturnValue:
    """Make the account, which uses the link up, and begin its first session: it opens the second factor's pages only."""
    with transaction() as session:
        throttle.allow(session, f"setup:{fan.network()}", most=20, per=signin.UNPROVEN, now=now(), what="tries to set the shop up")
    with reading() as session:
        founding.of_token(session, token, now())
    try:
        name, email, secret = _read()
        with transaction() as session:
            link = founding.of_token(session, token, now())
            person = founding.found(session, link, email, name, secret, now())
            founding.own(session, person.id, labels.all_ids(session))
            audit.note(session, "staff.founded", "staff", person.id, now=now(), staff_id=person.id)
            fresh = signin.begin(session, person.id, now(), visitor.where())
    except BadInput as no:
        return _page(token, no)
    keep(fresh)
    return redirect(url_for("staff.factor"), 303)


def _read() -> tuple[str, str, str]:
    """Name, address and the hash of the password, made outside any transaction."""
    form = Form()
    name, email = form.text("name", "Name", least=1, most=80), form.text("email", "E-mail", least=3, most=254)
    password = request.form.get("password", "")
    if password != request.form.get("again", ""):
        form.say("again", "The two are not the same. Type it twice.")
    form.check()
    return name, email, passwords.hashed(password)


def _page(token: str, no: No | None = None) -> Response:
    with reading() as session:
        founding.of_token(session, token, now())
    return form_page("staff/setup_begin.html", no, {"name": "", "email": ""}, least=passwords.LEAST)
