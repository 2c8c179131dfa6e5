"""The shop front, and the small files that machines ask for first."""

from flask import Response, redirect, render_template
from werkzeug.wrappers import Response as AnyResponse

from app.reports.release_page import shelf
from app.reports.shop_front import DropCard, Front, drop_cards, front
from app.reports.sleeves import imprints
from app.shop.blueprint import bp
from app.shop.memory import Printed, answer, memory, printed, remembered
from app.shop.shapes import json_page, moment
from app.web.colophon import colophon
from app.web.errors import wants_json
from app.web.house import house, now, reading

HTML = "text/html; charset=utf-8"
_PRIVATE = ("/holds", "/orders", "/files", "/reminders", "/staff")


@bp.get("/")
def shop_front() -> Response:
    """What is open now, what is coming, what is gone."""
    if wants_json():
        return answer(memory().pages.get("front.json", _front_json), "front.json", weak=True)
    return remembered("front", _front_html)


@bp.get("/labels/<slug>")
def label_front(slug: str) -> Response:
    """One label's own front: its drops and its story, in its own inks."""
    return remembered(f"label {slug}", lambda: _front_html(slug))


@bp.get("/robots.txt")
def robots() -> Response:
    """Everything may be found but what is somebody's own."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in _PRIVATE), f"Sitemap: {house().settings.base_url}/sitemap.xml"]
    return _for_a_while(Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8"))


@bp.get("/sitemap.xml")
def sitemap() -> Response:
    """All public drops and releases."""
    with reading() as session:
        drops = [f"/drops/{card.slug}" for card in drop_cards(session, now())]
        releases = [f"/releases/{each.sleeve.slug}" for each in shelf(session)]
        labels = [f"/labels/{each.slug}" for each in imprints(session) if not each.alone]
    page = render_template("shop/sitemap.xml", paths=["/", "/releases", *labels, *drops, *releases])
    return _for_a_while(Response(page, content_type="application/xml; charset=utf-8"))


@bp.get("/favicon.ico")
def favicon() -> AnyResponse:
    """Old browsers ask here."""
    return redirect("/static/icon.svg", 302)


def _for_a_while(response: Response) -> Response:
    response.headers["Cache-Control"] = "public, max-age=600"
    return response


def _front_html(label: str = "") -> Printed:
    seen = _look(label)
    cover = next((s.picture for card in (*seen.open, *seen.coming, *seen.gone) for s in card.sleeves if s.picture), None)
    return printed(render_template("shop/front.html", front=seen, cover=cover, path=_path(seen), **colophon(seen.label)), HTML)


def _front_json() -> Printed:
    seen = _look()
    kinds = {"open": seen.open, "coming": seen.coming, "gone": seen.gone}
    body = {kind: [_card(card) for card in cards] for kind, cards in kinds.items()}
    return json_page({"now": moment(seen.now), **body}, tag_of=body)


def _card(card: DropCard) -> dict[str, object]:
    return {
        "drop": card.slug,
        "title": card.title,
        "state": card.state.value,
        "opens_at": moment(card.opens_at),
        "closes_at": moment(card.closes_at),
        "made": card.made,
        "url": f"{house().settings.base_url}/drops/{card.slug}",
    }


def _path(seen: Front) -> str:
    """Where this front is found: a label that is not alone has one of its own."""
    return f"/labels/{seen.label.slug}" if seen.label and not seen.label.alone else "/"


def _look(label: str = "") -> Front:
    with reading() as session:
        return front(session, now(), label)
