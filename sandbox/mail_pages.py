"""The caught mail in the browser: a list, a letter, its HTML in a box of its own, and all of it as JSON."""

import re

from flask import Blueprint, Response, abort, current_app, jsonify, render_template, request
from markupsafe import Markup, escape

from sandbox.mail import Letter, Mailbox

mail = Blueprint("mail", __name__)

_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]}]")
_CID = re.compile(r"cid:([^\"'\s)>]+)")


@mail.get("/mail")
def index() -> str:
    """All letters, newest first."""
    return render_template("mail.html", letters=_mailbox().letters())


@mail.get("/mail.json")
def as_json() -> Response:
    """Letters for tests, oldest first; ``?to=`` and ``?subject=`` keep those that contain the text."""
    to, subject = request.args.get("to", "").lower(), request.args.get("subject", "").lower()
    letters = [letter.as_json() for letter in reversed(_mailbox().letters())]
    return jsonify([x for x in letters if to in str(x["envelope"]["to"]).lower() and subject in x["subject"].lower()])


@mail.get("/mail/<int:number>")
def letter(number: int) -> str:
    """One letter: headers, text, and the HTML part in a frame."""
    found = _find(number)
    attachments = [
        (index, part.get_filename() or "unnamed", part.get_content_type())
        for index, part in enumerate(found.message.iter_attachments())
    ]
    return render_template("letter.html", letter=found, text=linked(found.body("plain")), attachments=attachments)


@mail.get("/mail/<int:number>/html")
def html(number: int) -> Response:
    """The HTML part alone: no scripts, no requests but to pictures on this machine; links open a new tab."""
    found = _find(number)
    body = _CID.sub(lambda m: f"{request.host_url}mail/{number}/cid/{m[1]}", found.body("html"))
    response = Response('<base target="_blank">' + body)
    response.headers["Content-Security-Policy"] = (
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline';"
        " img-src data: http://127.0.0.1:* http://localhost:*; frame-ancestors 'self'"
    )
    return response


@mail.get("/mail/<int:number>/cid/<content_id>")
def embedded(number: int, content_id: str) -> Response:
    """A picture that the HTML part embeds."""
    for part in _find(number).message.walk():
        if part.get("Content-ID", "").strip().strip("<>") == content_id and part.get_content_maintype() == "image":
            break
    else:
        abort(404)
    return _bytes(part.get_payload(decode=True), part.get_content_type())


@mail.get("/mail/<int:number>/attachment/<int:index>")
def attachment(number: int, index: int) -> Response:
    """An attachment, as a download."""
    parts = list(_find(number).message.iter_attachments())
    if index >= len(parts):
        abort(404)
    response = _bytes(parts[index].get_payload(decode=True), "application/octet-stream")
    name = re.sub(r"[^\w.-]", "_", parts[index].get_filename() or "attachment", flags=re.ASCII)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@mail.get("/mail/<int:number>.eml")
def raw(number: int) -> Response:
    """The message as it was sent, as a download."""
    response = _bytes(_find(number).raw, "message/rfc822")
    response.headers["Content-Disposition"] = f'attachment; filename="{number:06d}.eml"'
    return response


def linked(text: str) -> Markup:
    """Plain text as HTML: everything escaped, http(s) addresses made clickable."""
    parts, end = [], 0
    for match in _LINK.finditer(text):
        parts.append(escape(text[end : match.start()]))
        parts.append(Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(match[0]))
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


def _mailbox() -> Mailbox:
    mailbox: Mailbox = current_app.extensions["mailbox"]
    return mailbox


def _find(number: int) -> Letter:
    found = _mailbox().find(number)
    if found is None:
        abort(404)
    return found


def _bytes(value: object, kind: str) -> Response:
    return Response(value if isinstance(value, bytes) else b"", content_type=kind)
