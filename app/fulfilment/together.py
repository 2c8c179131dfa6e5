"""Which parcels leave as one: read, and locked all together; who holds these locks alone may change them, or who joins them."""

from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

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


def leaders(session: Session, order_ids: Sequence[int]) -> dict[int, int]:
    """For each of these orders the order whose parcel it leaves in: itself, unless it joined another's."""
    first, mine = aliased(Parcel), aliased(Parcel)
    found = select(mine.order_id, first.order_id).join(JoinedParcel, JoinedParcel.parcel_id == mine.id)
    found = found.join(first, first.id == JoinedParcel.into_id).where(mine.order_id.in_(order_ids))
    joined = {order: lead for order, lead in session.execute(found).tuples()}  # noqa: C416 - dict() knows no rows
    return {id_: joined.get(id_, id_) for id_ in order_ids}


def with_all(session: Session, order_ids: Sequence[int]) -> dict[int, list[int]]:
    """The parcels that these orders leave in, each named by its first order, with all orders in it: first things first."""
    every = {lead: [lead] for lead in leaders(session, order_ids).values()}
    first, other = aliased(Parcel), aliased(Parcel)
    found = select(first.order_id, other.order_id).join(JoinedParcel, JoinedParcel.into_id == first.id)
    found = found.join(other, other.id == JoinedParcel.parcel_id).where(first.order_id.in_(every)).order_by(other.id)
    for lead, joined in session.execute(found):
        every[lead].append(joined)
    return every


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
