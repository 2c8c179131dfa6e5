"""A parcel to post, made up: a cassette from Berlin, and what may be different about it."""

from dataclasses import replace
from datetime import date
from typing import Any

from app.fulfilment.posting import From, Posting, Thing
from app.kernel.money import Money

BERLIN = From("Tinsel Tapes", "Hinterhof 3", "", "10999", "Berlin", "", "DE", "desk@tinsel.example", phone="+49 30 123456")
TAPE = Thing(7, "Recorded music cassette", 1, Money(2400, "EUR"), 80, "852329", "DE", "TAPE-014")
PARCEL = Posting(
    order_id=42, label_id=1, reference="00042", placed_on=date(2026, 11, 27), name="Zoë Żółć", line1="Prüfweg 1", line2="",
    postal_code="10115", city="Berlin", region="", country="DE", email="zoe@example.org", weight=140, things=(TAPE,),
    postage=Money(195, "EUR"), postage_name="Letter", tracked=False, customs=False, sender=BERLIN,
)  # fmt: skip
TO_ZURICH = replace(PARCEL, line1="Bahnhofstrasse 2", postal_code="8001", city="Zürich", country="CH", customs=True)


def parcel(**changes: Any) -> Posting:
    """The parcel within Germany, changed."""
    return replace(PARCEL, **changes)
