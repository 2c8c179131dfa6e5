"""Notes and tags of an order: written by packers too, shown where parcels are packed, never across labels."""

import pytest
from sqlalchemy import func, select

from app.kernel.db import Database, reading
from app.orders.models import OrderNote, Tag, TaggedOrder
from app.reports import order_tags, slip_facts
from tests.builders import paid_order
from tests.staff.running.conftest import Shop
from tests.staff.running.desk import Desk, deeds


@pytest.fixture
def order(db: Database, shop: Shop) -> int:
    """Ada's paid order."""
    return paid_order(db, shop.drop_id, {shop.run_id: 1}).id


def test_a_note_stays_with_who_wrote_it_and_goes_with_the_parcel_when_asked(db: Database, order: int, packer: Desk) -> None:
    path = f"/staff/orders/{order}"
    assert packer.post(f"{path}/notes", note="Moves in May.\nAsk <first>.").status_code == 303
    assert packer.post(f"{path}/notes", note="Signed by Ada, pack flat", on_slip="1").status_code == 303
    page = packer.get(path).text
    assert "Moves in May.\nAsk &lt;first&gt;." in page
    assert page.index("Moves in May.") < page.index("Signed by Ada")
    assert page.count("stands on the packing slip") == 1
    with reading(db) as session:
        [slip] = slip_facts.slips(session, [order], "https://shop.example")
        written = session.execute(select(OrderNote.staff_id, OrderNote.on_slip).order_by(OrderNote.id)).all()
    assert slip.noted == ("Signed by Ada, pack flat",)
    assert written == [(packer.staff_id, False), (packer.staff_id, True)]
    scanned = packer.get("/staff/packing/scan", parcel=order).text
    assert "Signed by Ada" in scanned
    assert "Moves in May" not in scanned
    assert [entry.detail for entry in deeds(db, "order.noted")] == [{"number": "00001"}] * 2


@pytest.mark.parametrize(("note", "said"), [("", "Please fill this in."), ("x" * 1001, "At most 1000 characters.")])
def test_a_note_that_is_none_is_refused_beside_its_field(db: Database, order: int, packer: Desk, note: str, said: str) -> None:
    answer = packer.post(f"/staff/orders/{order}/notes", note=note)
    assert answer.status_code == 422
    assert said in answer.text
    with reading(db) as session:
        assert session.scalar(select(func.count()).select_from(OrderNote)) == 0


def test_a_tag_is_one_whatever_its_case_and_is_taken_off_again(db: Database, order: int, shop: Shop, packer: Desk) -> None:
    second = paid_order(db, shop.drop_id, {shop.run_id: 1}).id
    for order_id, name in ((order, "Press copy"), (order, " press  COPY "), (second, "press copy")):
        assert packer.post(f"/staff/orders/{order_id}/tags", tag=name).status_code == 303
    with reading(db) as session:
        [tag] = session.scalars(select(Tag))
        assert (tag.name, tag.key, tag.label_id) == ("Press copy", "press copy", shop.label_id)
        assert set(session.scalars(select(TaggedOrder.order_id))) == {order, second}
    assert [entry.entity_id for entry in deeds(db, "order.tagged")] == [order, second]
    assert packer.post(f"/staff/orders/{order}/tags/{tag.id}/remove").status_code == 303
    with reading(db) as session:
        assert list(session.scalars(select(TaggedOrder.order_id))) == [second]
        assert [each.name for each in order_tags.in_use(session, [shop.label_id])] == ["Press copy"]
    packer.post(f"/staff/orders/{second}/tags/{tag.id}/remove")
    with reading(db) as session:
        assert order_tags.in_use(session, [shop.label_id]) == ()


@pytest.mark.parametrize("name", ["", "x" * 41])
def test_a_tag_that_is_none_is_refused(db: Database, order: int, packer: Desk, name: str) -> None:
    assert packer.post(f"/staff/orders/{order}/tags", tag=name).status_code == 422
    with reading(db) as session:
        assert session.scalar(select(func.count()).select_from(Tag)) == 0


def test_another_label_has_nothing_to_do_with_it(db: Database, order: int, packer: Desk, stranger: Desk) -> None:
    packer.post(f"/staff/orders/{order}/tags", tag="gift")
    for path, fields in (("notes", {"note": "hello"}), ("tags", {"tag": "gift"}), ("tags/1/remove", {})):
        assert stranger.post(f"/staff/orders/{order}/{path}", **fields).status_code == 404
    assert packer.post(f"/staff/orders/{order}/tags/99/remove").status_code == 404
    with reading(db) as session:
        assert session.scalar(select(func.count()).select_from(TaggedOrder)) == 1
        assert session.scalar(select(func.count()).select_from(OrderNote)) == 0
