"""How a passkey is asked for and answers: options as JSON to the desk's script, which sends the answer in a form's field."""

import json
from collections.abc import Callable

from flask import Response, request
from sqlalchemy.orm import Session

from app.accounts import passkeys, signin
from app.accounts.passkeys import Asked
from app.kernel.errors import BadInput, Conflict
from app.kernel.schema import JsonDict
from app.staff.guard import token, visit
from app.web.house import house, transaction


def ask(make: Callable[[Session, int, str], Asked]) -> Response:
    """Ask this browser, and keep what it must sign; Conflict where no passkeys can be offered."""
    base_url = house().settings.base_url
    if (why := passkeys.why_not(base_url)) is not None:
        raise Conflict(why)
    with transaction() as session:
        asked = make(session, visit().person.id, base_url)
        signin.ask(session, token(), asked.challenge)
    return Response(asked.options, mimetype="application/json")


def answered() -> tuple[str, JsonDict]:
    """What was asked, which counts once, and the answer in the form. BadInput when there is none."""
    with transaction() as session:
        challenge = signin.asked(session, token())
    try:
        answer = json.loads(request.form.get("answer", ""))
    except ValueError:
        answer = None
    if not challenge or not isinstance(answer, dict):
        raise BadInput("The browser sent no passkey. Please try again, or use a code.")
    return challenge, answer
