"""The release page and the list of all releases."""

from flask import Response, render_template

from app.reports.release_page import PressedRun, ReleasePage, release_page, shelf
from app.shop.blueprint import bp
from app.shop.front import HTML
from app.shop.memory import Printed, printed, remembered
from app.shop.shapes import json_page, price
from app.web.colophon import colophon
from app.web.errors import wants_json
from app.web.house import house, now, reading


@bp.get("/releases")
def releases() -> Response:
    """Every release of the shop, the newest first."""
    return remembered("releases", _shelf)


@bp.get("/releases/<slug>")
def release(slug: str) -> Response:
    """One release: what it is, what was made of it, where it is sold."""
    if wants_json():
        return remembered(f"release.json {slug}", lambda: _json(_look(slug)))
    return remembered(f"release {slug}", lambda: _html(_look(slug)))


def _shelf() -> Printed:
    with reading() as session:
        shelved = shelf(session)
    return printed(render_template("shop/releases.html", shelved=shelved), HTML)


def _html(page: ReleasePage) -> Printed:
    return printed(render_template("shop/release.html", page=page, cover=page.sleeve.picture, **colophon(page.label)), HTML)


def _json(page: ReleasePage) -> Printed:
    body = {
        "release": page.sleeve.slug,
        "catalogue_number": page.sleeve.catalogue_number,
        "title": page.sleeve.title,
        "artist": page.sleeve.artist,
        "url": f"{house().settings.base_url}/releases/{page.sleeve.slug}",
        "tracks": [{"position": t.position, "title": t.title, "seconds": t.seconds} for t in page.tracks],
        "runs": [_run(run) for run in page.runs],
    }
    return json_page(body, tag_of=body)


def _run(run: PressedRun) -> dict[str, object]:
    return {
        "run": run.pressing.slug,
        "title": run.pressing.title,
        "format": run.pressing.format,
        "price": price(run.pressing.price),
        "made": run.pressing.stock.made,
        "available": run.pressing.stock.available,
        "drop": run.drop.slug if run.drop else None,
    }


def _look(slug: str) -> ReleasePage:
    with reading() as session:
        return release_page(session, slug, now())
