"""The first label of a shop: who it is, where it posts from, what it sells in. The rest can wait."""

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import people, setting_up
from app.accounts.roles import Role
from app.catalogue import labels as verbs
from app.catalogue.labels import LabelWords
from app.kernel.errors import BadInput, Conflict
from app.kernel.money import CURRENCIES
from app.reports import countries
from app.staff import deed
from app.staff.asking import Form, No, form_page
from app.staff.blueprint import bp
from app.staff.guard import open_to_founder, person
from app.staff.label_form import choices, zones
from app.staff.setup_steps import BEFORE, STEPS
from app.web.guess import guessed, of_country
from app.web.house import now, transaction

_PACKAGING = 60  # grams; a padded envelope, until somebody weighs theirs


@bp.get("/setup/label")
@open_to_founder
def setup_label() -> ResponseReturnValue:
    """The form, with what the browser's language lets one guess."""
    return _page()


@bp.post("/setup/label")
@open_to_founder
def setup_label_save() -> ResponseReturnValue:
    """Make the label, owned by who makes it; from now on it has set-up pages."""
    try:
        slug, words = _read()
        if followed := _follows(words):
            return _page(followed=followed)
        with transaction() as session:
            verbs.check_none(session)
            label = verbs.create(session, words, slug, now())
            people.set_role(session, person().id, label.id, Role.OWNER)
            setting_up.begin(session, label.id, person().id, now())
            deed.note(session, "label.made", "label", label.id, label.id)
    except (BadInput, Conflict) as no:
        return _page(no)
    return redirect(url_for("staff.setup_look"), 303)


def _read() -> tuple[str, LabelWords]:
    form = Form()
    words = LabelWords(
        name=form.text("name", "Name", least=1, most=80),
        tagline=form.text("tagline", "Tagline", most=160),
        email=form.text("email", "E-mail", least=3, most=254),
        currency=form.one_of("currency", "Currency", CURRENCIES),
        time_zone=form.one_of("time_zone", "Time zone", zones()),
        country=form.one_of("country", "Country", countries.EVERY),
        packaging_weight=_PACKAGING,
    )
    slug = form.text("slug", "Address", most=80)
    form.check()
    return slug, words


def _follows(words: LabelWords) -> dict[str, str]:
    """What the country brings with it that is still as it was proposed for another; with a script it has followed before."""
    was = request.form.get("proposed", "")
    if was == words.country or was not in countries.EVERY:
        return {}
    brought = zip(("currency", "time_zone"), of_country(was), of_country(words.country), strict=True)
    return {name: new for name, old, new in brought if getattr(words, name) == old != new}


def _page(no: No | None = None, followed: dict[str, str] | None = None) -> Response:
    country, currency, zone = guessed(request.accept_languages.values())
    values = {"name": "", "slug": "", "tagline": "", "email": person().email}
    values |= {"currency": currency, "time_zone": zone, "country": country, "proposed": country}
    if followed:
        values |= request.form.to_dict() | followed | {"proposed": request.form["country"]}
    way = [
        {"text": text, "href": None, "done": at < len(BEFORE) - 1, "put_off": False, "current": at == len(BEFORE) - 1}
        for at, text in enumerate(BEFORE)
    ]
    way += [{"text": text, "href": None, "done": False, "put_off": False, "current": False} for text in STEPS.values()]
    proposals = {code: of_country(code) for code in countries.EVERY}
    told = {"country": countries.name(values["country"]), "what": list(followed.values())} if followed else None
    return form_page("staff/setup_label.html", no, values, way=way, back=None, told=told, proposals=proposals, **choices())
