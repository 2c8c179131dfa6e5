"""Signing in once more before a deed that one person may do alone: their password, and why nobody else could."""

from flask import request

from app.accounts import signin
from app.accounts.signin import WrongPassword
from app.kernel.errors import BadInput
from app.staff.asking import Form
from app.staff.guard import person
from app.web import fan
from app.web.house import now, reading, transaction


def reason_alone() -> str:
    """Why nobody else could say yes, once the password is right; it is checked outside any transaction. BadInput, TooMany."""
    with transaction() as session:
        signin.check_throttle(session, person().email, fan.network(), now())
    with reading() as session:
        me = signin.find(session, person().email)
    try:
        signin.check_password(me, request.form.get("password", ""))
    except WrongPassword as wrong:
        raise BadInput("", {"password": "That is not your password. Please try again."}) from wrong
    form = Form()
    reason = form.text("why", "The reason", most=200, least=1)
    form.check()
    return reason
