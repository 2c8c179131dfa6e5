"""Looks at a parcel before a carrier does: everything that its desk would refuse, in plain words, with where to mend it."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.fulfilment import postcodes
from app.fulfilment.plain import plain, unreadable
from app.fulfilment.posting import Posting
from app.fulfilment.shapes.shape import Mend, Shape

# Carriers deliver nothing there without one, whatever address data says of others.
_STATES = frozenset({"US", "CA", "AU"})


@dataclass(frozen=True)
class Fault:
    """What is wrong with a parcel; `mend` says where it can be put right, `run_id` at which run where it is one."""

    sentence: str
    mend: Mend
    run_id: int | None = None


def faults(shape: Shape, posting: Posting) -> list[Fault]:
    """Everything that is wrong with this parcel for this carrier; empty when it can be posted."""
    found = [*_served(shape, posting)]
    if found:
        return found  # who does not take the parcel at all need not be told of its postcode
    found = [*_address(shape, posting), *_sender(shape, posting), *_weight(shape, posting)]
    if posting.customs:
        found += [*undeclared(posting), *_room(shape, posting)]
    return list(dict.fromkeys([*found, *_columns(shape, posting)]))


def _served(shape: Shape, posting: Posting) -> Iterator[Fault]:
    home = posting.sender.country
    if shape.posts_from and home not in shape.posts_from:
        yield Fault(f"{shape.name} takes parcels posted in {_either(shape.posts_from)}; this label posts from {home}.", Mend.SENDER)
    if shape.serves is not None and posting.country not in shape.serves:
        yield Fault(f"{shape.name} does not post to {posting.country}. Choose another carrier for this parcel.", Mend.ORDER)
    elif posting.customs and not shape.declares:
        said = f"It needs a customs declaration, and {shape.name} prints none. Choose another carrier for this parcel."
        yield Fault(said, Mend.ORDER)


def _address(shape: Shape, posting: Posting) -> Iterator[Fault]:
    if not posting.country:
        yield Fault("The country is missing.", Mend.ORDER)
        return
    if postcodes.wrong(posting.country, posting.postal_code):
        like = postcodes.example(posting.country)
        wanted = f" One there looks like {like}." if like else ""
        said = (
            f"“{posting.postal_code}” is no postcode of {posting.country}." if posting.postal_code else "The postcode is missing."
        )
        yield Fault(said + wanted, Mend.ORDER)
    if posting.line1 and posting.country in shape.number_for and not posting.house_number:
        yield Fault(f"No house number is found in “{posting.line1}”.", Mend.ORDER)
    if posting.country in _STATES and not posting.region:
        yield Fault("The state is missing; nothing is delivered there without one.", Mend.ORDER)


def _sender(shape: Shape, posting: Posting) -> Iterator[Fault]:
    asked = shape.phone_for is None or posting.country in shape.phone_for
    if asked and not posting.sender.phone:
        yield Fault(f"{shape.name} asks for a phone number. Give the label's own; fans are not asked for theirs.", Mend.SENDER)


def _weight(shape: Shape, posting: Posting) -> Iterator[Fault]:
    for thing in posting.things:
        if not thing.weight:
            yield Fault(f"“{thing.what}” has no weight.", Mend.RUN, thing.run_id)
    if shape.heaviest is not None and posting.weight > shape.heaviest:
        yield Fault(f"It weighs {posting.weight} g; {shape.name} takes {shape.heaviest} g at most.", Mend.ORDER)


def _room(shape: Shape, posting: Posting) -> Iterator[Fault]:
    if shape.most_things is not None and len(posting.things) > shape.most_things:
        yield Fault(f"{shape.name} has room for {shape.most_things} kinds of things; it has {len(posting.things)}.", Mend.ORDER)


def undeclared(posting: Posting) -> list[Fault]:
    """What customs would miss: each thing in it must be declared, by somebody."""
    return list(_undeclared(posting))


def _undeclared(posting: Posting) -> Iterator[Fault]:
    if not posting.sender.complete:
        yield Fault("Customs asks who sends it, and the label's own address is not complete.", Mend.SENDER)
    for thing in posting.things:
        if not thing.hs_code:
            yield Fault(f"“{thing.what}” has no customs code (HS).", Mend.RUN, thing.run_id)
        if not thing.origin:
            yield Fault(f"“{thing.what}” has no country of origin.", Mend.RUN, thing.run_id)
        if not thing.value.amount:
            yield Fault(f"“{thing.what}” is worth nothing, which customs does not believe. Post this parcel by hand.", Mend.ORDER)


def _columns(shape: Shape, posting: Posting) -> Iterator[Fault]:
    for thing in posting.things if shape.line_per_thing or shape.beneath else posting.things[:1]:
        for column in shape.columns:
            text = column.cell(posting, thing)
            called = column.called or column.head
            if column.must and not text.strip():
                yield Fault(f"The {called} is missing.", column.mend)
            if strange := unreadable(text, shape.signs):
                yield Fault(f"{shape.name} cannot read “{strange}” in the {called}. Write it in Latin letters.", column.mend)
            if column.most is not None and len(plain(text, shape.signs)) > column.most:
                yield Fault(f"The {called} is too long: {len(text)} signs, and {shape.name} takes {column.most}.", column.mend)


def _either(countries: frozenset[str]) -> str:
    return " or ".join(sorted(countries))
