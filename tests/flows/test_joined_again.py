"""An order that had joined a parcel is lost with the last hours and made again: it joins again, and no postage goes back twice."""

from sqlalchemy import func, select

from app.checkout import one_parcel
from app.fulfilment import together
from app.fulfilment.models import SharedPostage
from app.kernel.db import reading
from tests.flows.lost import lose_since, snapshot
from tests.flows.open_shop import OpenShop


def _bought(shop: OpenShop) -> None:
    ada = shop.fan()
    ada.buy(ada.take())
    shop.live(50)


def test_an_order_made_again_joins_and_gives_nothing_back_twice(shop: OpenShop) -> None:
    _bought(shop)
    kept = snapshot(shop.db)
    _bought(shop)
    shop.clock.forward(hours=1)
    shop.work()
    assert [each["amount"] for each in shop.stripe.objects("refund")] == [195]

    lose_since(shop.db, kept)
    shop.die()
    shop.clock.forward(minutes=5)
    with shop.app.app_context():
        healed = shop.app.test_cli_runner().invoke(args=["reconcile", "--since", "2026-11-27", "--heal"])
    assert "order 00002" in healed.output
    first, second = shop.orders()
    with reading(shop.db) as session:
        assert together.order_ids(session, second.id) == [first.id, second.id]
    shop.clock.forward(hours=2)
    shop.work()
    assert [each["amount"] for each in shop.stripe.objects("refund")] == [195]
    assert shop.jobs(one_parcel.POSTAGE) == 0
    with reading(shop.db) as session:
        assert session.scalar(select(func.count()).select_from(SharedPostage)) == 0
