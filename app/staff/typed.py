"""What was typed when the desk asks once more who somebody is: kept in their own browser, sealed, until its form is before them.

Nothing is done with it. The form comes back as it was filled in, and the person sends it, or does not.
"""

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from flask import Response, after_this_request, current_app, flash, request
from flask_babel import gettext as _

from app.kernel.sealing import seal, unseal
from app.web.house import house, now

KEPT = timedelta(minutes=15)
_PURPOSE = "typed at the desk, 1"  # another number when what is kept has another shape: a browser may still bring the old one
_MOST = 3800  # bytes of a cookie that every browser keeps
# Never kept, wherever they are typed; a test holds this against every password field of the desk.
SECRET = frozenset(
    ["csrf_token", "next", "password", "old", "new", "again", "code", "answer", "challenge", "token", "secret", "word"]
)


@dataclass(frozen=True)
class Typed:
    """The fields of one post to `path`, typed on the page at `page` in one session of a person; `at` in seconds."""

    session_id: int
    page: str
    path: str
    at: int
    fields: dict[str, str]


def cookie() -> str:
    """What the browser knows it by."""
    return "__Secure-typed" if current_app.config["SESSION_COOKIE_SECURE"] else "typed"


def keep(answer: Response, page: str, session_id: int) -> bool:
    """Let the browser keep what this post brought, until it is on `page` again; False for nothing, and for too long a text."""
    fields = {name: value for name, value in request.form.items() if name not in SECRET}
    if not any(fields.values()):
        return False
    kept = Typed(session_id, page.partition("?")[0], request.path, int(now().timestamp()), fields)
    packed = base64.b85encode(zlib.compress(json.dumps(asdict(kept)).encode(), 9)).decode()
    sealed = seal(house().tokens.keys, _PURPOSE, packed)
    if len(sealed) > _MOST:
        return False
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    answer.set_cookie(cookie(), sealed, KEPT, path="/staff", secure=secure, httponly=True, samesite="Strict")
    return True


def refilled(values: Mapping[str, Any], session_id: int) -> dict[str, Any]:
    """The values of this page's form, with what was typed here in their place, once; a sentence says so."""
    kept = _read()
    if kept is None or (kept.session_id, kept.page) != (session_id, request.path) or request.method != "GET":
        return dict(values)
    if now().timestamp() - kept.at > KEPT.total_seconds():
        return dict(values)
    after_this_request(forget)
    shown = dict(values)
    if kept.path == kept.page:  # a box that was not ticked was not sent
        shown |= {name: "" for name, value in values.items() if value == "1" and name not in kept.fields}
    if not kept.fields.keys() & values.keys():
        return shown
    flash(_("What you typed is here again. Nothing of it was sent yet: look at it, and send it."), "note")
    return shown | kept.fields


def _read() -> Typed | None:
    found = unseal(house().tokens.keys, _PURPOSE, request.cookies.get(cookie(), ""))
    return Typed(**json.loads(zlib.decompress(base64.b85decode(found[0])))) if found else None


def forget(answer: Response) -> Response:
    """Let the browser keep nothing: what was typed before is not what is typed now."""
    answer.delete_cookie(cookie(), path="/staff", secure=bool(current_app.config["SESSION_COOKIE_SECURE"]))
    return answer
