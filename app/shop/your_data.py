"""What is held about a fan: asked for by mail, read, taken along as a file."""

import json
from datetime import timedelta

from flask import Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.checkout.details import normalise
from app.kernel import throttle, typos
from app.kernel.errors import BadInput
from app.privacy import data_links
from app.privacy.models import DataLink
from app.reports import fan_data
from app.reports.kept_words import sentences
from app.shop.blueprint import bp
from app.web import fan, forms
from app.web.colophon import colophon
from app.web.errors import wants_json
from app.web.house import house, now, reading, transaction

_PER_NETWORK, _PER_ADDRESS = 30, 3  # links an hour


@bp.get("/your-data")
def your_data() -> Response:
    """Ask for the address."""
    return _asking(200)


@bp.post("/your-data")
def your_data_ask() -> ResponseReturnValue:
    """Mail a link, if anything is held; the answer is the same whether there is or not."""
    try:
        written, key = normalise(forms.text("email", label="The e-mail address", most=254, least=1))
    except BadInput as refusal:
        if wants_json():
            raise
        return _asking(422, dict(refusal.fields), request.form.get("email", ""))
    with transaction() as session:
        hour, mine = timedelta(hours=1), house().tokens.digest("data", written.lower())
        throttle.allow(session, f"data:{fan.network()}", most=_PER_NETWORK, per=hour, now=now(), what="questions from your network")
        if not throttle.hit(session, f"data:{mine}", most=_PER_ADDRESS, per=hour, now=now()):
            data_links.ask(session, written, key, now())
    if wants_json():
        return jsonify(asked=True)
    return make_response(render_template("shop/your_data_ask.html", sent_to=written, meant=typos.meant(written), fields={}))


@bp.get("/your-data/<token>")
def your_data_page(token: str) -> str:
    """All that is held about the address, each label's share apart."""
    with reading() as session:
        link = link_of(session, token)
        shares = fan_data.everywhere(session, house().tokens, link.email, link.email_key, now())
    kept = {share.label_id: sentences(share.stays, share.label.zone) for share in shares}
    alone = colophon(shares[0].label) if len(shares) == 1 else colophon(None)
    return render_template("shop/your_data.html", shares=shares, kept=kept, token=token, email=link.email, **alone)


@bp.get("/your-data/<token>/data.json")
def your_data_file(token: str) -> Response:
    """The same as a file."""
    with reading() as session:
        link = link_of(session, token)
        shares = fan_data.everywhere(session, house().tokens, link.email, link.email_key, now())
    return as_file([share.file for share in shares])


def as_file(found: list[fan_data.Facts]) -> Response:
    """A download that a person can read, too."""
    text = json.dumps({"made_at": now().isoformat(), "labels": found}, ensure_ascii=False, indent=2)
    answer = Response(text, content_type="application/json; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="your-data-{now():%Y-%m-%d}.json"'
    return answer


def link_of(session: Session, token: str) -> DataLink:
    """Whose link this is; NotFound for any other text."""
    return data_links.of_token(session, house().tokens, token, now())


def _asking(status: int, fields: dict[str, str] | None = None, typed: str = "") -> Response:
    return make_response(render_template("shop/your_data_ask.html", sent_to=None, fields=fields or {}, typed=typed), status)
