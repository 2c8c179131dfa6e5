"""The kinds of postage among parcels to be posted, and which of them go into a carrier's file."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from app.fulfilment.posting import Posting
from app.fulfilment.shapes.shape import Shape


@dataclass(frozen=True)
class Kind:
    """A way to post that a label sells, with how many of the parcels are to go by it; `taken`: they go into the file."""

    key: str
    name: str
    carrier: str
    parcels: int
    taken: bool


def kinds(postings: Iterable[Posting], shape: Shape, wanted: Collection[str] | None) -> tuple[Kind, ...]:
    """The most used first; taken are those whose keys are wanted, or all that fit the carrier where nobody has chosen."""
    found = Counter((posting.postage_name, posting.carrier) for posting in postings)
    return tuple(
        Kind(key(name, carrier), name, carrier, parcels, _taken(shape, name, carrier, wanted))
        for (name, carrier), parcels in sorted(found.items(), key=lambda each: (-each[1], each[0]))
    )


def taken(posting: Posting, shape: Shape, wanted: Collection[str] | None) -> bool:
    """Does this parcel go into the file?"""
    return _taken(shape, posting.postage_name, posting.carrier, wanted)


def key(name: str, carrier: str) -> str:
    """What a kind of postage is called in an address."""
    return f"{name} / {carrier}"


def _taken(shape: Shape, name: str, carrier: str, wanted: Collection[str] | None) -> bool:
    return _fits(shape, carrier) if wanted is None else key(name, carrier) in wanted


def _fits(shape: Shape, carrier: str) -> bool:
    """A postage that names no carrier goes with all of them, and so does every postage with a file that is nobody's own."""
    said, names = carrier.casefold().strip(), (shape.carrier, shape.name, *shape.takes)
    return not said or not shape.carrier or any(said.startswith(own.casefold()) for own in names)
