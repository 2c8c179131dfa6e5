"""Saying once more who one is, before money or people are touched: by the password or the second factor."""

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import factors, passkeys, signin
from app.accounts.roles import Deed
from app.kernel.errors import BadInput, Refusal
from app.staff import own_password
from app.staff.asking import form_page
from app.staff.blueprint import bp
from app.staff.factor import check_code, check_passkey
from app.staff.guard import needs, person, token
from app.staff.passkey_form import ask
from app.staff.signing import own_path
from app.web.house import house, now, reading, transaction


@bp.get("/again")
@needs(Deed.SELF)
def again() -> ResponseReturnValue:
    """The form."""
    return _page()


@bp.post("/again")
@needs(Deed.SELF)
def again_say() -> ResponseReturnValue:
    """The password or a code, and on to where they were."""
    try:
        if request.form.get("code", "").strip():
            check_code(request.form["code"][:60])
        elif request.form.get("answer"):
            check_passkey()
        else:
            own_password.check("password")
    except BadInput as no:
        return _page(no)
    with transaction() as session:
        signin.confirm(session, token(), now())
    return redirect(own_path(request.form.get("next", "")) or url_for("staff.home"), 303)


@bp.post("/again/passkey/ask")
@needs(Deed.SELF)
def again_passkey_ask() -> ResponseReturnValue:
    """What the browser is to have signed, as JSON."""
    return ask(passkeys.ask_to_sign)


def _page(no: Refusal | None = None) -> Response:
    with reading() as session:
        mine = factors.of(session, person().id)
    return form_page(
        "staff/again.html",
        no,
        {"code": "", "password": ""},
        factors=mine,
        passkey=mine.passkeys > 0 and passkeys.why_not(house().settings.base_url) is None,
        next=own_path(request.form.get("next", "") or request.args.get("next", "")),
    )
