"""Which parcels leave as one: read, and locked all together; who holds these locks alone may change them, or who joins them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, Select, case, exists, func, select
from sqlalchemy.orm import Session

from app.fulfilment.models import JoinedParcel, Parcel
from app.kernel.errors import Conflict
from app.orders.models import Order

_TRIES = 5


def members(session: Session, order_id: int) -> list[Parcel]:
    """The parcel of an order and those that leave with it, the one that the others joined first."""
    found = list(session.scalars(select(Parcel).where(Parcel.id.in_(_ids([order_id]))).order_by(Parcel.id)))
    return _first(session, found)


def locked(session: Session, order_ids: Sequence[int]) -> list[Parcel]:
    """The parcels of these orders and all that leave with them, locked by key and read after locking. Conflict in a rare rush."""
    wanted = select(Parcel).where(Parcel.id.in_(_ids(order_ids))).order_by(Parcel.id).with_for_update(of=Parcel)
    for _ in range(_TRIES):
        found = list(session.scalars(wanted, execution_options={"populate_existing": True}))
        if {parcel.id for parcel in found} == set(session.scalars(_ids(order_ids))):  # nobody joined while we waited
            return found
    raise Conflict("Orders are joining this parcel at this very moment. Please try again.")


def order_ids(session: Session, order_id: int) -> list[int]:
    """The orders whose copies leave in one parcel with this one's, itself among them; the one that others joined is first."""
    return [parcel.order_id for parcel in members(session, order_id)]


def orders(session: Session, order_id: int) -> list[Order]:
    """The same as orders."""
    ids = order_ids(session, order_id)
    found = {each.id: each for each in session.scalars(select(Order).where(Order.id.in_(ids)))}
    return [found[id_] for id_ in ids]


def shared(session: Session, order_ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """Those of these orders that leave with others, each with all that leave in its parcel, the one that others joined first."""
    mine = select(Parcel.order_id, first_parcel()).where(Parcel.order_id.in_(order_ids))
    leads = {order: lead for order, lead in session.execute(mine) if lead is not None}
    if not leads:
        return {}
    first = select(Parcel.id, Parcel.order_id).where(Parcel.id.in_(leads.values()))
    other = select(JoinedParcel.into_id, Parcel.order_id).join(Parcel, Parcel.id == JoinedParcel.parcel_id)
    other = other.where(JoinedParcel.into_id.in_(leads.values())).order_by(JoinedParcel.into_id, Parcel.id)
    every = {lead: [order] for lead, order in session.execute(first)}
    for lead, order in session.execute(other):
        every[lead].append(order)
    return {order: tuple(every[lead]) for order, lead in leads.items()}


def first_parcel() -> ColumnElement[int | None]:
    """For a select of Parcel: the one that the others joined, by its key; NULL for one that leaves alone."""
    led = exists().where(JoinedParcel.into_id == Parcel.id).correlate(Parcel)
    into = select(JoinedParcel.into_id).where(JoinedParcel.parcel_id == Parcel.id).correlate(Parcel).scalar_subquery()
    return func.coalesce(into, case((led, Parcel.id)))


def one_each(session: Session, order_ids: Sequence[int], known: Mapping[int, Sequence[int]] | None = None) -> list[int]:
    """These orders without those that leave in the parcel of one before them; `known` is what `shared` said, if it was asked."""
    known, seen, kept = shared(session, order_ids) if known is None else known, set[int](), []
    for id_ in order_ids:
        if id_ not in seen:
            kept.append(id_)
            seen.update(known.get(id_, (id_,)))
    return kept


def _ids(order_ids: Sequence[int]) -> Select[int]:
    """The ids of all parcels that leave with those of these orders: as a union, so that a database looks each up by its key."""
    lead = func.coalesce(JoinedParcel.into_id, Parcel.id)
    leads = select(lead.label("id")).select_from(Parcel).outerjoin(JoinedParcel, JoinedParcel.parcel_id == Parcel.id)
    mine = leads.where(Parcel.order_id.in_(order_ids)).cte("leads")
    joined = select(JoinedParcel.parcel_id).join(mine, mine.c.id == JoinedParcel.into_id)
    every = select(mine.c.id).union(joined).subquery("every")
    return select(every.c.id)


def _first(session: Session, found: list[Parcel]) -> list[Parcel]:
    """The same with the parcel that the others joined in front."""
    if len(found) < 2:
        return found
    joined = set(session.scalars(select(JoinedParcel.parcel_id).where(JoinedParcel.parcel_id.in_([each.id for each in found]))))
    return sorted(found, key=lambda parcel: (parcel.id in joined, parcel.id))
