"""Does mail arrive? A letter is sent at once, by this process, so that a mail server's no is seen; a word in it proves the rest."""

import secrets
from datetime import timedelta

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import joining
from app.accounts.roles import Deed
from app.checkout.house import mailer_of
from app.kernel import checkups, throttle
from app.kernel.checkups import Line, State
from app.kernel.errors import BadInput
from app.kernel.mail import MailTrouble
from app.reports import checks_page
from app.reports.letter_check import check_letter
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.checks import back, begun
from app.staff.guard import needs, person
from app.web.house import house, now, reading, transaction

_SIGNS, _LENGTH = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 6
_TRIES, _PER = 10, timedelta(minutes=10)
SET_SMTP = "SMTP_URL_FILE=/etc/runout/smtp_url"


@bp.get("/checks/mail")
@needs(Deed.LABEL)
def check_mail() -> ResponseReturnValue:
    """The word's form, filled in where the letter's own link led here."""
    return page(None, {"word": request.args.get("word", "")[:_LENGTH]})


@bp.post("/checks/mail/send")
@needs(Deed.LABEL)
def check_mail_send() -> ResponseReturnValue:
    """Send it, to oneself or to an address elsewhere."""
    try:
        form = Form()
        typed = form.text("to", "Where to", most=254)
        form.check()
        to = joining.address(typed or person().email)
    except BadInput as no:
        return page(BadInput("", {"to": no.fields.get("email") or no.fields.get("to", "")}), {})
    begun("mail")
    word = "".join(secrets.choice(_SIGNS) for _sign in range(_LENGTH))
    settings, shop = house().settings, house().shop
    url = f"{settings.base_url}{url_for('staff.check_mail', word=word)}"
    try:
        mailer_of(settings).send(check_letter(to, secrets.token_hex(8), word, url, shop), house().clock.now())
    except MailTrouble as trouble:
        _keep(_refused(str(trouble)))
    else:
        sent = Line(State.WAITING, f"The mail server took a letter to {to}.", "Type the word that it brings, or open its link.")
        _keep(sent, to=to, word=_digest(word))
    return back()


@bp.post("/checks/mail/word")
@needs(Deed.LABEL)
def check_mail_word() -> ResponseReturnValue:
    """The word of the last letter: it arrived."""
    with transaction() as session:
        throttle.allow(session, f"checks.word:{person().id}", most=_TRIES, per=_PER, now=now(), what="tries of a word")
    form = Form()
    word = form.text("word", "The word", most=20).upper().replace(" ", "")
    with reading() as session:
        last = checkups.latest(session).get("mail")
    if last is None or not secrets.compare_digest(_digest(word), last.facts.get("word", "")):
        return page(BadInput("", {"word": _("That is not the word of the last letter. Look at the newest one.")}), {})
    _keep(Line(State.GOOD, f"A letter to {last.facts['to']} arrived."))
    return back()


def page(no: No | None, values: dict[str, str]) -> Response:
    """The form for the word, and for another letter."""
    with reading() as session:
        row = checks_page.row(session, house().settings, now(), "mail")
    filled = {"word": "", "to": person().email, **values}
    return form_page("staff/check_mail.html", no, filled, row=row, sender=house().settings.mail_from)


def _refused(said: str) -> Line:
    """What a mail server's no means, and what to do about it."""
    if any(code in said for code in ("530", "534", "535")):
        return Line(
            State.BAD,
            "The mail server does not know the user or the password.",
            "Put the right address into its file, and restart the shop.",
            SET_SMTP,
        )
    if said.startswith("the recipient"):
        return Line(State.BAD, "The mail server takes no mail for that address.", "Try another address.")
    if said.startswith("the server answered"):
        why = f"The mail server would not send for {house().settings.mail_from}: {said}."
        return Line(
            State.BAD,
            why,
            "Set MAIL_FROM to an address that it may send for, and restart the shop.",
            "MAIL_FROM=Label <post@label.example>",
        )
    return Line(
        State.BAD,
        "The mail server cannot be reached.",
        "Look at its name and port; the file holds smtp+starttls://user:password@host:587",
        SET_SMTP,
    )


def _digest(word: str) -> str:
    return house().tokens.digest("check-mail", word)


def _keep(line: Line, **facts: str) -> None:
    with transaction() as session:
        checkups.keep(session, "mail", [line], now(), **facts)
