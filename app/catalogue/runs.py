"""Planning and editing runs; once a run is pressed, what its copies are is settled."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue import slugs
from app.catalogue.models import Format, Release, Run
from app.kernel.clashes import in_use, refusing
from app.kernel.errors import BadInput, Conflict, NotFound

TAKEN = {"slug": "Another run has this address already."}
HS_CODE = re.compile(r"\d{6}(\d{2}){0,2}", re.ASCII)


@dataclass(frozen=True)
class RunWords:
    """What the run's form holds; `price` in minor units of the label's currency, `weight` in grams of one copy."""

    title: str
    slug: str
    format: Format
    edition_size: int
    first_number: int
    price: int
    weight: int
    hs_code: str
    origin: str
    limit_per_fan: int | None
    body_colour: str
    label_colour: str


def create(session: Session, release_id: int, words: RunWords, now: datetime) -> Run:
    """A planned run, whose copies do not exist yet. BadInput when something cannot be, NotFound."""
    release = session.get(Release, release_id)
    if release is None:
        raise NotFound("There is no such release.")
    _check(words)
    made_from = slugs.made_from(f"{release.slug} {words.format}")
    slug = words.slug or slugs.free(made_from, lambda s: _slug_taken(session, s))
    run = Run(release_id=release_id, slug=slug, created_at=now, **_columns(words))
    with refusing(session, TAKEN):
        session.add(run)
    return run


def edit(session: Session, run_id: int, words: RunWords, price_lock: str = "", limit_lock: str = "") -> Run:
    """Change a run; `price_lock` and `limit_lock` say why its price and limit must stay, empty when they may change.

    Once pressed, format, size, first number and address stay (Conflict); weight, customs and looks may still be corrected.
    """
    _check(words)
    run = locked(session, run_id)
    if price_lock and words.price != run.price:
        raise Conflict(price_lock)
    if limit_lock and words.limit_per_fan != run.limit_per_fan:
        raise Conflict(limit_lock)
    settled = ("format", "edition_size", "first_number")
    if run.pressed_at and (any(getattr(words, name) != getattr(run, name) for name in settled) or words.slug not in {"", run.slug}):
        raise Conflict("This run is pressed: its format, its numbers and its address stay as they are. A repress is a new run.")
    with refusing(session, TAKEN):
        for name, value in _columns(words).items():
            setattr(run, name, value)
        run.slug = words.slug or run.slug
    return run


def remove(session: Session, run_id: int) -> None:
    """Remove a run that was never pressed and is in no drop. Conflict otherwise."""
    run = locked(session, run_id)
    if run.pressed_at is not None:
        raise Conflict("This run is pressed: its copies exist, and their history stays.")
    with in_use(session, "This run is part of a drop (take it out first), or somebody noted what it cost or a share of it."):
        session.delete(run)


def locked(session: Session, run_id: int) -> Run:
    """The run, locked and read after locking; NotFound when there is none."""
    run = session.get(Run, run_id, with_for_update={"of": Run}, populate_existing=True)
    if run is None:
        raise NotFound("There is no such run.")
    return run


def _check(words: RunWords) -> None:
    wrong = {}
    if words.slug:
        slugs.checked(words.slug)
    if not 1 <= words.edition_size <= 10_000:
        wrong["edition_size"] = "From 1 to 10000 copies."
    if not 0 <= words.first_number <= 100_000:
        wrong["first_number"] = "From 0 to 100000."
    if not 0 <= words.price <= 10**8:
        wrong["price"] = "An amount that a fan can pay."
    if not 0 <= words.weight <= 100_000:
        wrong["weight"] = "From 0 to 100000 grams."
    if words.hs_code and not HS_CODE.fullmatch(words.hs_code):
        wrong["hs_code"] = "6, 8 or 10 digits: 85238010."
    if words.limit_per_fan is not None and not 1 <= words.limit_per_fan <= 1000:
        wrong["limit_per_fan"] = "From 1 to 1000, or empty for no limit."
    if wrong:
        raise BadInput("", wrong)


def _columns(words: RunWords) -> dict[str, object]:
    return {name: getattr(words, name) for name in RunWords.__dataclass_fields__ if name != "slug"}


def _slug_taken(session: Session, slug: str) -> bool:
    return session.scalar(select(Run.id).where(Run.slug == slug)) is not None
