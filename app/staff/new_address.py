"""Changing one's e-mail address: asked for here, confirmed from the new one, told to the old one."""

from datetime import timedelta

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts import audit, moving, signin
from app.accounts.roles import Deed
from app.kernel import throttle
from app.kernel.errors import BadInput
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.guard import asks_again, needs, person
from app.staff.signing import keep
from app.web import visitor
from app.web.house import house, now, reading, transaction

_MOST, _PER = 5, timedelta(hours=1)  # letters to addresses that somebody else may have


@bp.get("/me/address")
@needs(Deed.SELF)
@asks_again
def me_address() -> ResponseReturnValue:
    """The form, and what was asked for and not confirmed yet."""
    return _page()


@bp.post("/me/address")
@needs(Deed.SELF)
@asks_again
def me_address_ask() -> ResponseReturnValue:
    """Send the link to the new address; nothing changes before it is opened."""
    with transaction() as session:
        throttle.allow(session, f"address:{person().id}", most=_MOST, per=_PER, now=now(), what="changes of your address")
    try:
        form = Form()
        email = form.text("email", "E-mail", least=3, most=254)
        form.check()
        with transaction() as session:
            moving.ask(session, person().id, email, now())
            _note(session, "staff.address_asked")
    except BadInput as no:
        return _page(no)
    flash(_("A link is on its way to the new address. It counts for an hour; until you open it nothing changes."))
    return redirect(url_for("staff.me_address"), 303)


@bp.post("/me/address/withdraw")
@needs(Deed.SELF)
def me_address_withdraw() -> ResponseReturnValue:
    """The link ends; it asks nobody again, as it may be urgent."""
    with transaction() as session:
        moving.withdraw(session, person().id, now())
        _note(session, "staff.address_withdrawn")
    flash(_("Withdrawn. The link does not count any more."))
    return redirect(url_for("staff.me_address"), 303)


@bp.get("/me/address/<token>")
@needs(Deed.SELF)
def me_address_link(token: str) -> ResponseReturnValue:
    """Where the link leads: looking at it changes nothing."""
    with reading() as session:
        found = moving.of_token(session, house().tokens, token, person().id, now())
        email = found.email
    return render_template("staff/new_address_link.html", email=email, old=person().email)


@bp.post("/me/address/<token>")
@needs(Deed.SELF)
@asks_again
def me_address_confirm(token: str) -> ResponseReturnValue:
    """From now on it is the new one; every session ends, and a new one begins here."""
    with transaction() as session:
        found = moving.of_token(session, house().tokens, token, person().id, now())
        moving.confirm(session, found, now())
        fresh = signin.begin(session, person().id, now(), visitor.where(), proven=True)
        _note(session, "staff.address_changed")
    keep(fresh)
    flash(_("You sign in with the new address now. Every other browser was signed out, and the old address is told."))
    return redirect(url_for("staff.me"), 303)


def _note(session: Session, deed: str) -> None:
    audit.note(session, deed, "staff", person().id, now=now(), staff_id=person().id)


def _page(no: No | None = None) -> Response:
    with reading() as session:
        waiting = moving.waiting(session, person().id, now())
        email = waiting.email if waiting else ""
    return form_page("staff/new_address.html", no, {"email": ""}, current=person().email, waiting=email)
