"""Making and editing a label: who it is, how it sells, what it says about itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue import slugs
from app.catalogue.models import Label, Run
from app.kernel import money
from app.kernel.clashes import refusing
from app.kernel.errors import BadInput, Conflict, NotFound

TEXTS = ("story", "imprint", "terms", "privacy", "withdrawal")
LONGEST_TEXT = 40_000  # signs of Markdown


@dataclass(frozen=True)
class LabelWords:
    """What the label's form holds, already trimmed; `packaging_weight` in grams, `refund_limit` in minor units."""

    name: str
    tagline: str
    email: str
    currency: str
    time_zone: str
    country: str
    packaging_weight: int
    refund_limit: int | None = None


def create(session: Session, words: LabelWords, slug: str, now: datetime) -> Label:
    """A new label; an empty slug is made from the name. BadInput when something cannot be."""
    _check(words)
    wanted = slugs.checked(slug) if slug else slugs.free(slugs.made_from(words.name), lambda s: _slug_taken(session, s))
    label = Label(slug=wanted, created_at=now, **_columns(words))
    with refusing(session, {"slug": "There is a label at this address already."}):
        session.add(label)
    return label


def edit(session: Session, label_id: int, words: LabelWords, currency_lock: str = "") -> Label:
    """Change a label; `currency_lock` says why its currency must stay, empty when it may change. BadInput, NotFound."""
    _check(words)
    label = locked(session, label_id)
    if words.currency != label.currency:
        _check_currency_change(session, label, words.currency, currency_lock)
    for name, value in _columns(words).items():
        setattr(label, name, value)
    session.flush()
    return label


def write_text(session: Session, label_id: int, which: str, text: str) -> Label:
    """Change one of the label's Markdown texts (see TEXTS). NotFound for another one."""
    if which not in TEXTS:
        raise NotFound("A label has no such text.")
    if len(text) > LONGEST_TEXT:
        raise BadInput("", {"text": f"At most {LONGEST_TEXT} characters; this has {len(text)}."})
    label = locked(session, label_id)
    setattr(label, which, text)
    session.flush()
    return label


def ink(session: Session, label_id: int, loud: str, quiet: str) -> Label:
    """Change the two spot inks; the caller has seen that they can be printed and read."""
    label = locked(session, label_id)
    label.ink_loud, label.ink_quiet = loud, quiet
    session.flush()
    return label


def none_yet(session: Session) -> bool:
    """Has the shop no label at all?"""
    return session.scalar(select(Label.id).limit(1)) is None


def check_none(session: Session) -> None:
    """Conflict when somebody has made a label meanwhile."""
    if not none_yet(session):
        raise Conflict("There is a label already: somebody was faster. Sign in again to see it.")


def names(session: Session, label_ids: Sequence[int]) -> list[str]:
    """What these are called, by name."""
    return list(session.scalars(select(Label.name).where(Label.id.in_(label_ids)).order_by(Label.name)))


def all_ids(session: Session) -> list[int]:
    """Every label there is."""
    return list(session.scalars(select(Label.id).order_by(Label.id)))


def locked(session: Session, label_id: int) -> Label:
    """The label, locked and read after locking; NotFound when there is none."""
    label = session.get(Label, label_id, with_for_update=True, populate_existing=True)
    if label is None:
        raise NotFound("There is no such label.")
    return label


def _check(words: LabelWords) -> None:
    wrong = {}
    if words.currency not in money.CURRENCIES:
        wrong["currency"] = "Choose one of the list."
    if words.time_zone not in available_timezones():
        wrong["time_zone"] = "A time zone as Europe/Berlin; choose one of the list."
    if len(words.country) != 2 or not words.country.isascii() or not words.country.isupper():
        wrong["country"] = "Choose one of the list."
    if "@" not in words.email[1:-1] or " " in words.email:
        wrong["email"] = "A whole address, where fans can write to."
    if not 0 <= words.packaging_weight <= 10_000:
        wrong["packaging_weight"] = "From 0 to 10000 grams."
    if words.refund_limit is not None and words.refund_limit < 0:
        wrong["refund_limit"] = "Nothing below zero; leave it empty for no limit."
    if wrong:
        raise BadInput("", wrong)


def _check_currency_change(session: Session, label: Label, wanted: str, lock: str) -> None:
    if lock:
        raise Conflict(lock)
    priced = session.scalar(select(Run.id).join(Run.release).where(Run.release.has(label_id=label.id)).limit(1)) is not None
    if priced and money.digits(wanted) != money.digits(label.currency):
        raise BadInput("", {"currency": f"Runs have prices in {label.currency} already, and {wanted} is counted otherwise."})


def _columns(words: LabelWords) -> dict[str, str | int | None]:
    return {name: getattr(words, name) for name in LabelWords.__dataclass_fields__}


def _slug_taken(session: Session, slug: str) -> bool:
    return session.scalar(select(Label.id).where(Label.slug == slug)) is not None
