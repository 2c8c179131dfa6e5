"""The drops as an Atom feed and as calendar files."""

from datetime import datetime
from html import escape
from urllib.parse import urlsplit

from flask import Response, request

from app.kernel.errors import NotFound
from app.reports import sleeves
from app.reports.shop_front import DropCard, drop_cards
from app.shop.atom import Entry, Feed, write
from app.shop.blueprint import bp
from app.shop.calendars import Opening, calendar
from app.web.components import in_zone, place
from app.web.house import house, now, reading
from app.web.prose import plain, prose


@bp.get("/drops.atom")
def atom() -> Response:
    """The newest drops, the last announced first."""
    with reading() as session:
        cards, labels = drop_cards(session, now()), sleeves.imprints(session)
    base = house().settings.base_url
    name = labels[0].name if len(labels) == 1 else "Runout"
    entries = sorted((_entry(base, card) for card in cards), key=lambda entry: entry.updated, reverse=True)
    feed = Feed(f"{base}/", f"{base}/drops.atom", f"{name}: drops", name, tuple(entries))
    return _file(write(feed, empty_since=now()), "application/atom+xml; charset=utf-8")


@bp.get("/drops.ics")
def ics() -> Response:
    """All drops that are still to open, and those of late."""
    with reading() as session:
        cards = drop_cards(session, now())
    return _calendar(cards)


@bp.get("/drops/<slug>.ics")
def drop_ics(slug: str) -> Response:
    """One drop for the calendar."""
    with reading() as session:
        cards = drop_cards(session, now(), slug=slug)
    if not cards:
        raise NotFound("There is no drop at this address. Perhaps the link was cut off.")
    return _calendar(cards)


def changed_at(card: DropCard, at: datetime) -> datetime:
    """When a drop last became something else: announced, opened, closed or sold out."""
    moments = (card.published_at, card.opens_at, card.closes_at, card.sold_out_at)
    return max(moment for moment in moments if moment is not None and (moment <= at or moment == card.published_at))


def _entry(base: str, card: DropCard) -> Entry:
    what = "; ".join(f"{each.sleeve.artist}, {each.sleeve.title}: {each.title}, {each.price.format()}" for each in card.pressings)
    opens = f"Opens {in_zone(card.opens_at, card.zone, 'EEEE d MMMM y, HH:mm')} in {place(card.zone)}."
    return Entry(
        address=f"{base}/drops/{card.slug}",
        title=f"{card.title} ({card.state.value.replace('-', ' ')})",
        author=card.label_name,
        published=card.published_at,
        updated=changed_at(card, now()),
        html=f"{prose(card.words)}<p>{escape(what)}. {escape(opens)}</p>",
    )


def _calendar(cards: list[DropCard]) -> Response:
    base = house().settings.base_url
    openings = [
        Opening(
            uid=f"drop-{card.slug}@{urlsplit(base).hostname}",
            title=f"{card.title} opens ({card.label_name})",
            address=f"{base}/drops/{card.slug}",
            words=plain(card.words, 400),
            at=card.opens_at,
            changed=changed_at(card, now()),
        )
        for card in cards
    ]
    return _file(calendar(openings, [card.label_name for card in cards]), "text/calendar; charset=utf-8")


def _file(body: bytes, content_type: str) -> Response:
    response = Response(body, content_type=content_type)
    response.add_etag()
    response.headers["Cache-Control"] = "public, max-age=60"
    response.make_conditional(request)
    return response
