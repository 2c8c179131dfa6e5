"""Makers, and what they were given."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.maker_models import Maker, Payout
from app.catalogue.models import Artist
from app.kernel.clashes import refusing
from app.kernel.errors import BadInput, Conflict, NotFound

TAKEN = {"name": "Another maker of this label is called so."}


@dataclass(frozen=True)
class MakerWords:
    """What is written about a maker; `artist_id` where they are one of the label's artists."""

    name: str
    address: str
    artist_id: int | None


def create(session: Session, label_id: int, words: MakerWords, now: datetime) -> Maker:
    """A new maker of a label."""
    maker = Maker(label_id=label_id, name=words.name, address=words.address, artist_id=words.artist_id, created_at=now)
    _check(session, maker)
    with refusing(session, TAKEN):
        session.add(maker)
    return maker


def edit(session: Session, maker: Maker, words: MakerWords) -> None:
    """Change what is written about a locked maker."""
    with refusing(session, TAKEN):
        maker.name, maker.address, maker.artist_id = words.name, words.address, words.artist_id
        _check(session, maker)


def locked(session: Session, maker_id: int) -> Maker:
    """The maker, locked and read after locking; NotFound when there is none."""
    maker = session.get(Maker, maker_id, with_for_update={"of": Maker}, populate_existing=True)
    if maker is None:
        raise NotFound("There is no such maker.")
    return maker


def found(session: Session, maker_id: int) -> Maker:
    """The maker; NotFound when there is none."""
    maker = session.get(Maker, maker_id)
    if maker is None:
        raise NotFound("There is no such maker.")
    return maker


def pay_out(session: Session, maker: Maker, amount: int, day: date, words: str, staff_id: int, now: datetime) -> Payout:
    """Note that a maker was given money, in minor units; the same again within a minute is taken for a second click."""
    latest = session.scalar(select(Payout).where(Payout.maker_id == maker.id).order_by(Payout.id.desc()).limit(1))
    same = latest is not None and latest.struck_at is None and (latest.amount, latest.paid_on) == (amount, day)
    if latest is not None and same and (now - latest.noted_at).total_seconds() < 60:
        raise Conflict("This payout was noted a moment ago. If there were two, note the second one in a minute.")
    payout = Payout(maker_id=maker.id, amount=amount, paid_on=day, words=words, noted_by=staff_id, noted_at=now)
    session.add(payout)
    session.flush()
    return payout


def payout(session: Session, payout_id: int) -> Payout:
    """A payout, locked; NotFound when there is none."""
    row = session.get(Payout, payout_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("There is no such payout.")
    return row


def _check(session: Session, maker: Maker) -> None:
    if maker.artist_id is not None:
        artist = session.get(Artist, maker.artist_id)
        if artist is None or artist.label_id != maker.label_id:
            raise BadInput("", {"artist": "Choose one of the list."})
