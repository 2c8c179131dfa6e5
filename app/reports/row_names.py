"""What people call the rows that deeds are done to: a label by its name, a release by its catalogue number."""

from collections.abc import Iterable

from sqlalchemy import literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.accounts.models import Staff
from app.catalogue.maker_models import Maker
from app.catalogue.models import Artist, Label, Release
from app.drops.models import Drop
from app.orders.models import DiscountCode, Order
from app.reports import run_names

_NAMED: dict[str, tuple[InstrumentedAttribute[int], InstrumentedAttribute[str]]] = {
    "staff": (Staff.id, Staff.name),
    "label": (Label.id, Label.name),
    "artist": (Artist.id, Artist.name),
    "release": (Release.id, Release.catalogue_number),
    "drop": (Drop.id, Drop.title),
    "maker": (Maker.id, Maker.name),
    "discount_code": (DiscountCode.id, DiscountCode.code),
}


def row_names(session: Session, rows: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """The names of rows, given as (entity, id); rows that are gone, and kinds that have no name, are left out."""
    wanted: dict[str, set[int]] = {}
    for entity, id_ in rows:
        wanted.setdefault(entity, set()).add(id_)
    asked = [
        select(literal(entity), key, column).where(key.in_(wanted[entity]))
        for entity, (key, column) in _NAMED.items()
        if entity in wanted
    ]
    found = {(entity, id_): name for entity, id_, name in session.execute(union_all(*asked))} if asked else {}
    runs = run_names.names(session, wanted.get("run", ()))
    copies = run_names.copy_names(session, wanted.get("copy", ()))
    if orders := wanted.get("order"):
        numbers = session.execute(select(Order.id, Order.number).where(Order.id.in_(orders)))
        found |= {("order", id_): f"№ {number:05d}" for id_, number in numbers}
    return found | {("run", id_): name for id_, name in runs.items()} | {("copy", id_): name for id_, name in copies.items()}
