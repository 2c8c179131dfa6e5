"""The second factor at sign-in: a code of the app, a recovery code, or a passkey. Nothing else opens before it."""

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import audit, factors, notices, passkeys
from app.accounts.factors import WrongFactor
from app.kernel.errors import BadInput, Refusal
from app.staff.asking import Form, form_page
from app.staff.blueprint import bp
from app.staff.guard import open_to_half, visit
from app.staff.passkey_form import answered, ask
from app.staff.signing import keep, own_path, prove
from app.web import fan
from app.web.house import house, now, reading, transaction


@bp.get("/factor")
@open_to_half
def factor() -> ResponseReturnValue:
    """Ask for it; who has none yet enrols first."""
    if visit().proven:
        return _on()
    with reading() as session:
        mine = factors.of(session, visit().person.id)
    if not mine.any:
        return redirect(url_for("staff.enrol", next=own_path(request.args.get("next", "")) or None), 303)
    return _page()


@bp.post("/factor")
@open_to_half
def factor_check() -> ResponseReturnValue:
    """A code of the app or a recovery code."""
    if visit().proven:
        return _on()
    try:
        form = Form()
        code = form.text("code", "The code", least=1, most=60)
        form.check()
        check_code(code)
    except BadInput as no:
        return _page(no)
    return _signed_in()


@bp.post("/factor/passkey/ask")
@open_to_half
def factor_passkey_ask() -> ResponseReturnValue:
    """What the browser is to have signed, as JSON."""
    return ask(passkeys.ask_to_sign)


@bp.post("/factor/passkey")
@open_to_half
def factor_passkey() -> ResponseReturnValue:
    """What a passkey signed."""
    if visit().proven:
        return _on()
    try:
        check_passkey()
    except BadInput as no:
        return _page(no)
    return _signed_in()


def check_code(code: str) -> None:
    """Use up a code of the person at this browser; BadInput beside the field when it is not right."""
    me = visit().person.id
    with transaction() as session:
        factors.check_throttle(session, me, fan.network(), now())
    try:
        with transaction() as session:
            kind = factors.check_code(session, house().tokens, me, code, now())
            if kind == "recovery":
                audit.note(session, "factor.recovery_used", "staff", me, now=now(), staff_id=me)
                notices.tell(session, me, "factor.recovery_used", now(), visit().session_id)
    except WrongFactor as wrong:
        _refused()
        raise BadInput("", {"code": wrong.detail}) from wrong


def check_passkey() -> None:
    """Check what a passkey of the person at this browser signed; BadInput when it is not right."""
    me = visit().person.id
    with transaction() as session:
        factors.check_throttle(session, me, fan.network(), now())
    challenge, answer = answered()
    with transaction() as session:
        right = passkeys.signed(session, me, house().settings.base_url, challenge, answer, now())
    if not right:
        _refused()
        raise BadInput("This passkey did not answer as it should. Please try again, or use a code.")


def _refused() -> None:
    me = visit().person.id
    with transaction() as session:
        audit.note(session, "factor.refused", "staff", me, now=now(), staff_id=None)


def _signed_in() -> ResponseReturnValue:
    with transaction() as session:
        fresh = prove(session)
    keep(fresh)
    return _on()


def _on() -> ResponseReturnValue:
    wanted = own_path(request.form.get("next", "") or request.args.get("next", ""))
    return redirect(wanted or url_for("staff.home"), 303)


def _page(no: Refusal | None = None) -> Response:
    base_url = house().settings.base_url
    with reading() as session:
        mine = factors.of(session, visit().person.id)
    return form_page(
        "staff/factor.html",
        no,
        {"code": ""},
        factors=mine,
        next=own_path(request.form.get("next", "") or request.args.get("next", "")),
        passkey=mine.passkeys > 0 and passkeys.why_not(base_url) is None,
        demo=house().settings.demo_make,
        email=visit().person.email,
    )
