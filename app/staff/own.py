"""One's own sign-in: the second factor, the recovery codes, and where one is signed in."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts import audit, factors, notices, passkeys, recovery, sessions
from app.accounts.roles import Deed
from app.kernel.errors import Conflict
from app.reports import desk_self
from app.staff.blueprint import bp
from app.staff.enrol import show_codes
from app.staff.guard import asks_again, needs, person, visit
from app.web.house import house, now, reading, transaction


@bp.get("/me")
@needs(Deed.SELF)
def me() -> ResponseReturnValue:
    """All of it."""
    with reading() as session:
        page = desk_self.self_desk(session, person().id, list(person().roles), now())
    why = passkeys.why_not(house().settings.base_url)
    return render_template(
        "staff/me.html", page=page, here=visit().session_id, who=person(), why_no_passkey=why, end_address=_end_address
    )


def _end_address(session_id: int) -> str:
    return url_for("staff.me_session_end", session_id=session_id)


@bp.post("/me/codes")
@needs(Deed.SELF)
@asks_again
def me_codes() -> ResponseReturnValue:
    """New recovery codes; the old ones count no more."""
    with transaction() as session:
        codes = recovery.renew(session, person().id, now())
        _note(session, "factor.codes_renewed", tell=True)
    return show_codes(codes)


@bp.post("/me/passkeys/<int:passkey_id>/remove")
@needs(Deed.SELF)
@asks_again
def me_passkey_remove(passkey_id: int) -> ResponseReturnValue:
    """Forget a passkey; the last factor stays."""
    with transaction() as session:
        passkeys.remove(session, person().id, passkey_id)
        if not factors.of(session, person().id).any:
            raise Conflict(_("It is your only second factor. Add an authenticator app or another passkey first."))
        _note(session, "factor.passkey_removed", tell=True)
    return redirect(url_for("staff.me"), 303)


@bp.post("/me/sessions/<int:session_id>/end")
@needs(Deed.SELF)
def me_session_end(session_id: int) -> ResponseReturnValue:
    """Sign one browser out."""
    with transaction() as session:
        sessions.end(session, person().id, session_id, now())
        _note(session, "session.ended")
    return redirect(url_for("staff.me"), 303)


@bp.post("/me/sessions/end-others")
@needs(Deed.SELF)
def me_sessions_end() -> ResponseReturnValue:
    """Sign every other browser out."""
    with transaction() as session:
        count = sessions.end_others(session, person().id, visit().session_id, now())
        _note(session, "session.others_ended", count=count)
    flash(_("Every other browser is signed out."))
    return redirect(url_for("staff.me"), 303)


def _note(session: Session, deed: str, *, tell: bool = False, **detail: int) -> None:
    audit.note(session, deed, "staff", person().id, now=now(), staff_id=person().id, **detail)
    if tell:
        notices.tell(session, person().id, deed, now(), visit().session_id)
