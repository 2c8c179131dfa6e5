"""What the gallery has of a pre-order: one that is on sale and held, and the demo's, which has slipped and whose fans are asked."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import Run
from app.checkout import asking, ways_out
from app.drops.models import Drop, DropRun
from app.fulfilment import address_checks
from app.fulfilment.preorder_rows import Answer
from app.kernel.db import transaction
from app.orders.models import Order
from app.reports import links
from app.seed.preorder import RUN
from tests.browser.running import RunningShop

ON_SALE = "sidings-again"


def sell_preorder(shop: RunningShop) -> None:
    """A drop of it that is open."""
    now = shop.now()
    with transaction(shop.db) as session:
        run = session.scalars(select(Run).where(Run.slug == RUN)).one()
        opens, closes = now - timedelta(hours=1), now + timedelta(days=2)
        drop = Drop(
            label_id=run.release.label_id, slug=ON_SALE, title="Northern Sidings, again", words="", opens_at=opens,
            closes_at=closes, hold_minutes=60, published_at=opens, created_at=opens, entries=[DropRun(run_id=run.id, position=1)],
        )  # fmt: skip
        session.add(drop)


def stage_preorder(session: Session, shop: RunningShop) -> dict[str, Any]:
    """Its fans were asked where they live; one said so, and one has cancelled."""
    now = shop.now()
    run = session.scalars(select(Run).where(Run.slug == RUN)).one()
    orders = session.scalars(select(Order).join(Drop).where(Drop.slug == "northern-sidings").order_by(Order.id)).all()
    slipped, said, gone = orders[:3]
    asking.wish(session, run.id, (now + timedelta(days=9)).date(), now)
    asking.ask(session, run.id, asking.to_ask(session, run.id), now)
    address_checks.answer(session, said.id, Answer.RIGHT, now)
    ways_out.take(session, gone.id, run.id, gone.total_amount, now)
    of = {"slipped": slipped, "asked": said, "way_out_taken": gone}
    ids = {f"order_{name}_id": order.id for name, order in of.items()}
    return {"preorder_id": run.id} | ids | {f"order_{name}": links.order_path(shop.tokens, order) for name, order in of.items()}
