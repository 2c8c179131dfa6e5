"""A fan has themselves erased at a label: asked once more, done after some days, and taken back until then."""

from flask import jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.kernel.errors import NotFound
from app.privacy import erasures
from app.privacy.erasures import GRACE
from app.privacy.persons import Person
from app.reports import fan_data
from app.reports.erasure_page import erasure_page
from app.reports.fan_data import FanData
from app.reports.kept_words import sentences
from app.shop.blueprint import bp
from app.shop.your_data import link_of
from app.web.colophon import colophon
from app.web.errors import wants_json
from app.web.house import house, now, reading, transaction


@bp.get("/your-data/<token>/erase/<slug>")
def your_data_erase(token: str, slug: str) -> ResponseReturnValue:
    """What goes, what stays and how long, and a button."""
    with reading() as session:
        share = _share(session, token, slug)
    kept = sentences(share.stays, share.label.zone)
    begins = now() + GRACE
    return render_template("shop/erase.html", share=share, kept=kept, token=token, begins=begins, **colophon(share.label))


@bp.post("/your-data/<token>/erase/<slug>")
def your_data_erase_do(token: str, slug: str) -> ResponseReturnValue:
    """They mean it."""
    with transaction() as session:
        link, share = link_of(session, token), _share(session, token, slug)
        erasure = erasures.ask(session, house().tokens, Person(share.label_id, link.email, link.email_key), now())
    return _see(erasures.token(house().tokens, erasure))


@bp.get("/your-data/erasures/<token>")
def erasure(token: str) -> ResponseReturnValue:
    """How it stands."""
    with reading() as session:
        page = erasure_page(session, erasures.of_token(session, house().tokens, token), now())
    return render_template("shop/erasure.html", page=page, token=token, **colophon(page.label))


@bp.post("/your-data/erasures/<token>/take-back")
def erasure_take_back(token: str) -> ResponseReturnValue:
    """Everything stays. 409 once something was erased."""
    with transaction() as session:
        erasures.take_back(session, erasures.of_token(session, house().tokens, token).id, now())
    return _see(token)


def _share(session: Session, token: str, slug: str) -> FanData:
    link = link_of(session, token)
    shares = fan_data.everywhere(session, house().tokens, link.email, link.email_key, now())
    mine = next((share for share in shares if share.label.slug == slug), None)
    if mine is None:
        raise NotFound("This label holds nothing about you.")
    return mine


def _see(token: str) -> ResponseReturnValue:
    return jsonify(erasure=token) if wants_json() else redirect(url_for("shop.erasure", token=token), 303)
