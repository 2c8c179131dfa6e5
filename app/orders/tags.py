"""Tags of orders: words of a label's own, each there once whatever its case."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.kernel import upsert
from app.kernel.errors import BadInput
from app.orders.models import Tag, TaggedOrder

LONGEST = 40  # signs


def named(session: Session, label_id: int, name: str) -> Tag:
    """The label's tag of this name; a new one where there is none. BadInput for a name that is empty or too long."""
    written = " ".join(name.split())
    if not 0 < len(written) <= LONGEST:
        raise BadInput("", {"tag": f"A word or a few, at most {LONGEST} signs."})
    key = written.casefold()
    new = upsert.insert(session, Tag).values(label_id=label_id, name=written, key=key)
    session.execute(new.on_conflict_do_nothing())
    return session.scalars(select(Tag).where(Tag.label_id == label_id, Tag.key == key)).one()


def put(session: Session, order_id: int, tag_id: int) -> bool:
    """Tag an order; False when it has that tag already."""
    new = upsert.insert(session, TaggedOrder).values(order_id=order_id, tag_id=tag_id)
    return bool(session.execute(new.on_conflict_do_nothing().returning(TaggedOrder.order_id)).all())


def take_off(session: Session, order_id: int, tag_id: int) -> bool:
    """Take a tag off an order; False when it has not got it."""
    gone = delete(TaggedOrder).where(TaggedOrder.order_id == order_id, TaggedOrder.tag_id == tag_id)
    return bool(session.execute(gone.returning(TaggedOrder.order_id)).all())
