"""Asking a person at the desk for their own password once more."""

from flask import request

from app.accounts import signin
from app.accounts.signin import WrongPassword
from app.kernel.errors import BadInput
from app.staff.guard import person
from app.web import fan
from app.web.house import now, reading, transaction


def check(field: str) -> None:
    """BadInput beside the field unless it holds the person's password; outside any transaction, as it is slow on purpose."""
    with transaction() as session:
        signin.check_throttle(session, person().email, fan.network(), now())
    with reading() as session:
        me = signin.find(session, person().email)
    try:
        signin.check_password(me, request.form.get(field, ""))
    except WrongPassword as wrong:
        raise BadInput("", {field: "That is not your password. Please try again."}) from wrong
