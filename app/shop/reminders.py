"""One mail before a drop opens, for who asks and confirms their address."""

from datetime import timedelta

from flask import Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.checkout.details import normalise
from app.drops import reminders
from app.drops.models import Reminder
from app.kernel import throttle, typos
from app.kernel.errors import BadInput, NotFound
from app.reports.drop_page import drop_page, published
from app.reports.reminder_page import reminder_page
from app.shop.blueprint import bp
from app.web import forms
from app.web.colophon import colophon
from app.web.errors import wants_json
from app.web.fan import network
from app.web.house import house, now, reading, transaction

GENERATION = 1
MOST, PER = 20, timedelta(hours=1)  # wishes from one network; a household or an office is one


@bp.post("/drops/<slug>/reminders")
def ask(slug: str) -> ResponseReturnValue:
    """Note the wish and have a mail sent to confirm it. The answer never tells who has asked before."""
    try:
        written, key = normalise(forms.text("email", label="The e-mail address", most=254, least=3))
    except BadInput as refusal:
        return _again(slug, refusal)
    with transaction() as session:
        throttle.allow(session, f"remind {network()}", most=MOST, per=PER, now=now(), what="reminders")
        reminders.ask(session, published(session, slug), written, key, now())
    if wants_json():
        return jsonify(drop=slug, confirm="by mail"), 202
    meant = typos.meant(written)
    return _on_its_way(slug, meant) if meant else redirect(url_for("shop.asked", slug=slug), 303)


@bp.get("/drops/<slug>/reminders")
def asked(slug: str) -> str:
    """Says that a mail is on its way; the same for everybody."""
    return _on_its_way(slug)


@bp.get("/reminders/<token>")
def reminder(token: str) -> str:
    """What was asked for, with a button to confirm it and one to withdraw it; looking changes nothing."""
    with reading() as session:
        page = reminder_page(session, _proven(session, token))
    return render_template("shop/remind.html", page=page, token=token, now=now(), **colophon(page.label))


@bp.post("/reminders/<token>")
def confirm(token: str) -> ResponseReturnValue:
    """The address is theirs."""
    with transaction() as session:
        reminders.confirm(session, _proven(session, token).id, now())
    return redirect(url_for("shop.reminder", token=token), 303)


@bp.post("/reminders/<token>/withdraw")
def withdraw(token: str) -> ResponseReturnValue:
    """Forget the wish and its address."""
    with transaction() as session:
        mine = _proven(session, token)
        slug = reminder_page(session, mine).drop_slug
        reminders.withdraw(session, mine.id)
    return redirect(url_for("shop.withdrawn", slug=slug), 303)


@bp.get("/drops/<slug>/reminders/withdrawn")
def withdrawn(slug: str) -> str:
    """Says that the address is forgotten."""
    with reading() as session:
        page = drop_page(session, published(session, slug), now())
    return render_template("shop/remind_withdrawn.html", page=page, **colophon(page.label))


def _on_its_way(slug: str, meant: str | None = None) -> str:
    """A mail is on its way; `meant` is the address that it should perhaps have gone to."""
    with reading() as session:
        page = drop_page(session, published(session, slug), now())
    return render_template("shop/remind_asked.html", page=page, meant=meant, **colophon(page.label))


def _proven(session: Session, token: str) -> Reminder:
    """The reminder that this token belongs to; NotFound for a forged one, or when the wish was withdrawn."""
    tokens = house().tokens
    id_ = tokens.peek(token)
    mine = session.get(Reminder, id_) if id_ is not None and tokens.proves(token, reminders.KIND, id_, GENERATION) else None
    if mine is None:
        raise NotFound("This reminder was withdrawn, or the link was cut off.")
    return mine


def _again(slug: str, refusal: BadInput) -> ResponseReturnValue:
    """The form once more, with what was typed and what is wrong with it."""
    if wants_json():
        raise refusal
    with reading() as session:
        page = drop_page(session, published(session, slug), now())
    typed = request.form.get("email", "")[:254]
    body = render_template("shop/remind_again.html", page=page, typed=typed, errors=refusal.fields, **colophon(page.label))
    return Response(body, 422, content_type="text/html; charset=utf-8")
