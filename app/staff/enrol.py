"""Enrolling a second factor: an authenticator app or a passkey. With the first come the recovery codes, shown once."""

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.accounts import audit, factors, notices, passkeys, recovery, totp
from app.accounts.models import Staff
from app.catalogue import labels
from app.kernel.errors import BadInput, Conflict, Refusal
from app.staff.asking import Form, form_page
from app.staff.blueprint import bp
from app.staff.guard import asks_again, open_to_half, visit
from app.staff.passkey_form import answered, ask
from app.staff.signing import keep, own_path, prove
from app.web import fan, qr
from app.web.house import house, now, reading, transaction


@bp.get("/factor/enrol")
@open_to_half
@asks_again
def enrol() -> ResponseReturnValue:
    """The QR code and what else there is; who has a factor already shows that one instead."""
    return _other_first() or _page()


@bp.post("/factor/enrol")
@open_to_half
@asks_again
def enrol_app() -> ResponseReturnValue:
    """The app shows the right code, so it is the person's."""
    if (other := _other_first()) is not None:
        return other
    me = visit().person.id
    with transaction() as session:
        factors.check_throttle(session, me, fan.network(), now())
    try:
        form = Form()
        code = form.text("code", "The code", least=1, most=60)
        form.check()
        with transaction() as session:
            _check_may(session)
            totp.add(session, house().tokens, me, visit().session_id, code, now())
            codes, fresh = _added(session, "factor.app_added")
    except (BadInput, Conflict) as no:
        return _page(no)
    return _done(codes, fresh)


@bp.post("/factor/enrol/passkey/ask")
@open_to_half
@asks_again
def enrol_passkey_ask() -> ResponseReturnValue:
    """What the browser is to make, as JSON."""
    return _other_first() or ask(passkeys.ask_to_register)


@bp.post("/factor/enrol/passkey")
@open_to_half
@asks_again
def enrol_passkey() -> ResponseReturnValue:
    """The passkey that the browser made."""
    if (other := _other_first()) is not None:
        return other
    try:
        name = Form().text("name", "Its name", most=60)
        challenge, answer = answered()
        with transaction() as session:
            _check_may(session)
            passkeys.register(session, visit().person.id, house().settings.base_url, challenge, answer, name, now())
            codes, fresh = _added(session, "factor.passkey_added")
    except (BadInput, Conflict) as no:
        return _page(no)
    return _done(codes, fresh)


def show_codes(codes: list[str], next_: str = "") -> Response:
    """The one page that ever shows recovery codes, with whose they are; no cache may keep it."""
    who = visit().person
    with reading() as session:
        shop = ", ".join(labels.names(session, list(who.roles)))
    whose = {"name": who.name, "email": who.email, "shop": shop, "at": house().settings.base_url, "day": now()}
    return make_response(render_template("staff/recovery_codes.html", codes=codes, whose=whose, next=next_ or url_for("staff.me")))


def _other_first() -> ResponseReturnValue | None:
    """A password alone may not add a second factor beside one that is there already."""
    with reading() as session:
        mine = factors.of(session, visit().person.id)
    return redirect(url_for("staff.factor"), 303) if mine.any and not visit().proven else None


def _check_may(session: Session) -> None:
    """The same under a lock, as two browsers may be enrolling at this moment: Conflict for the second."""
    me = visit().person.id
    session.get_one(Staff, me, with_for_update=True, populate_existing=True)
    if not visit().proven and factors.of(session, me).any:
        raise Conflict("A second factor was just set up in another browser. If that was not you, tell an owner of the label.")


def _added(session: Session, deed: str) -> tuple[list[str], str | None]:
    """Note and tell it; the recovery codes if these are the first, and the token of who is signed in with it."""
    me = visit().person.id
    audit.note(session, deed, "staff", me, now=now(), staff_id=me)
    notices.tell(session, me, deed, now(), visit().session_id)
    codes = [] if recovery.left(session, me) else recovery.renew(session, me, now())
    return codes, None if visit().proven else prove(session)


def _done(codes: list[str], fresh: str | None) -> ResponseReturnValue:
    wanted = own_path(request.form.get("next", ""))
    if fresh is not None:
        keep(fresh)
    if codes:
        return show_codes(codes, wanted or (url_for("staff.home") if fresh else ""))
    return redirect(wanted or url_for("staff.me"), 303)


def _page(no: Refusal | None = None) -> Response:
    home, base_url = house(), house().settings.base_url
    with reading() as session:
        staff = session.get_one(Staff, visit().person.id)
        secret = totp.following(home.tokens, staff, visit().session_id)
        mine = factors.of(session, staff.id)
    return form_page(
        "staff/enrol.html",
        no,
        {"code": "", "name": ""},
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        code=qr.draw(totp.address(secret, staff.email, home.shop)),
        factors=mine,
        proven=visit().proven,
        next=own_path(request.form.get("next", "") or request.args.get("next", "")),
        why_no_passkey=passkeys.why_not(base_url),
        demo=home.settings.demo_make,
        email=staff.email,
    )
