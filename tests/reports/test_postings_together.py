"""What leaves in one parcel is one posting: its copies counted together, its weight, and what was paid and has not gone back."""

from sqlalchemy import update

from app.checkout import shared_postage
from app.fulfilment import cn_forms
from app.kernel.db import Database, reading, transaction
from app.orders.models import Order
from app.reports import beside_in_parcel
from app.reports.postings import postings
from app.reports.slip_facts import slips
from tests.builders import open_drop, paid_order
from tests.cast import BEN, NOW


def test_one_posting_with_all_that_is_in_it(db: Database) -> None:
    drop, run = open_drop(db)
    first, bens, second = (paid_order(db, drop, {run: n}, *who).id for n, who in ((2, ()), (1, (BEN,)), (1, ())))
    with reading(db) as session:
        ada, ben = postings(session, [second, bens, first])
        assert [(each.order_ids, each.references) for each in (ada, ben)] == [
            ((first, second), ("00001", "00003")),
            ((bens,), ("00002",)),
        ]
        assert [(thing.pieces, thing.value.amount) for thing in ada.things] == [(3, 2400)]
        assert (ada.weight, ada.reference, ada.postage.amount, ada.postage_name) == (300, "00001", 390, "Letter")
    with transaction(db) as session:
        assert shared_postage.give_back(session, second, NOW) == 195
    with reading(db) as session:
        assert postings(session, [first])[0].postage.amount == 195


def test_one_customs_form_over_the_whole_parcel(db: Database) -> None:
    drop, run = open_drop(db)
    ids = [paid_order(db, drop, {run: n}).id for n in (2, 1)]
    with transaction(db) as session:
        session.execute(update(Order).values(country="JP"))
    with reading(db) as session:
        [posting] = postings(session, ids)
        assert posting.customs
        assert (posting.goods.amount, posting.net_weight) == (7200, 240)
        assert cn_forms.pdf([posting], NOW.date(), ()).startswith(b"%PDF")
        assert beside_in_parcel.references(session, ids) == {ids[0]: ("00002",), ids[1]: ("00001",)}
        [slip] = slips(session, ids, "https://shop.example")
        assert [(line.numbers, line.unit.amount) for line in slip.lines] == [((1, 2), 2400), ((3,), 2400)]
        assert [reference for reference, _ in slip.others] == ["00002"]
