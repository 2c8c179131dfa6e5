"""Who may open which address of the running half, and that a form without its token changes nothing."""

import pytest
from flask import Flask

from app.accounts.roles import Role
from app.kernel.db import Database
from tests.builders import paid_order
from tests.staff.running.conftest import Shop
from tests.staff.running.desk import Desk, sit_down

# Address, and the least role that may open it; 1 stands for the label's own first row of each kind.
PAGES = [
    ("/staff/", Role.PACKER),
    ("/staff/drops/1/day", Role.PACKER),
    ("/staff/runs/1/stock", Role.PACKER),
    ("/staff/copies/1", Role.PACKER),
    ("/staff/orders", Role.PACKER),
    ("/staff/orders/1", Role.PACKER),
    ("/staff/orders/1/refund", Role.MANAGER),
    ("/staff/orders/1/cancel", Role.MANAGER),
    ("/staff/orders/1/copies", Role.MANAGER),
    ("/staff/orders/export.csv", Role.MANAGER),
    ("/staff/packing", Role.PACKER),
    ("/staff/packing/ship", Role.PACKER),
    ("/staff/packing/slips.pdf", Role.PACKER),
    ("/staff/search?q=ada", Role.PACKER),
    ("/staff/outbox", Role.MANAGER),
    ("/staff/postage", Role.MANAGER),
    ("/staff/postage/zones/new", Role.MANAGER),
    ("/staff/postage/zones/1", Role.MANAGER),
    ("/staff/postage/zones/1/rates/new", Role.MANAGER),
    ("/staff/postage/rates/1", Role.MANAGER),
]
OWN = ["/staff/drops/1/day", "/staff/runs/1/stock", "/staff/copies/1", "/staff/orders/1", "/staff/packing/slips.pdf?order=1",
       "/staff/orders/1/refund", "/staff/orders/1/cancel", "/staff/orders/1/copies",
       "/staff/postage/zones/1", "/staff/postage/rates/1", "/staff/postage?label=1"]  # fmt: skip
FORMS = [
    ("/staff/copies/1/withdraw", Role.MANAGER),
    ("/staff/copies/1/put-back", Role.MANAGER),
    ("/staff/orders/1/email", Role.MANAGER),
    ("/staff/orders/1/confirm-again", Role.MANAGER),
    ("/staff/orders/1/pack", Role.PACKER),
    ("/staff/orders/1/unpack", Role.PACKER),
    ("/staff/orders/1/ship", Role.PACKER),
    ("/staff/orders/1/refund/check", Role.MANAGER),
    ("/staff/orders/1/refund", Role.MANAGER),
    ("/staff/orders/1/cancel", Role.MANAGER),
    ("/staff/orders/1/copies", Role.MANAGER),
    *((f"/staff/refunds/1/{deed}", Role.MANAGER) for deed in ("confirm", "decline", "repeat", "paid-otherwise", "replaced")),
    ("/staff/packing/chosen", Role.PACKER),
    ("/staff/packing/ship", Role.PACKER),
    ("/staff/outbox/1/retry", Role.MANAGER),
    ("/staff/labels/1/postage/zones", Role.MANAGER),
    ("/staff/postage/zones/1", Role.MANAGER),
    ("/staff/postage/zones/1/rates", Role.MANAGER),
    ("/staff/postage/rates/1", Role.MANAGER),
    ("/staff/postage/rates/1/retire", Role.MANAGER),
]


def test_pages_open_for_their_role_and_no_less(app: Flask, db: Database, shop: Shop, manager: Desk, packer: Desk) -> None:
    paid_order(db, shop.drop_id, {shop.run_id: 1})
    nobody = sit_down(app, db, None)
    for path, least in PAGES:
        assert app.test_client().get(path).status_code == 303, path
        assert nobody.get(path).status_code == 403, path
        assert packer.get(path).status_code == (200 if least is Role.PACKER else 403), path
        assert manager.get(path).status_code == 200, path


def test_another_labels_things_do_not_exist(db: Database, shop: Shop, stranger: Desk) -> None:
    paid_order(db, shop.drop_id, {shop.run_id: 1})
    assert {path: stranger.get(path).status_code for path in OWN} == dict.fromkeys(OWN, 404)
    for path in ("/staff/orders", "/staff/packing", "/staff/search?q=ada", "/staff/packing/ship", "/staff/outbox"):
        page = stranger.get(path)
        assert page.status_code == 200
        assert "00001" not in page.text
        assert "ada@example.org" not in page.text


@pytest.mark.parametrize(("path", "least"), FORMS)
def test_forms_need_token_and_role(app: Flask, db: Database, shop: Shop, path: str, least: Role) -> None:
    paid_order(db, shop.drop_id, {shop.run_id: 1})
    manager, packer = sit_down(app, db, shop.label_id), sit_down(app, db, shop.label_id, Role.PACKER)
    stranger = sit_down(app, db, shop.other_label_id, Role.OWNER)
    assert app.test_client().post(path).status_code == 303
    assert manager.post(path, token="").status_code == 403
    assert manager.post(path, token="made up").status_code == 403
    if least is Role.MANAGER:
        assert packer.post(path).status_code == 403
    fields = {"reason": "lost", "words": "gone", "email": "new@example.org", "carrier": "DHL", "do": "pack", "order": "1"}
    assert stranger.post(path, **fields).status_code in {303, 404, 422}
    assert stranger.get("/staff/orders/1").status_code == 404
    page = manager.get("/staff/orders/1").text
    assert "to pack" in page
    assert "new@example.org" not in page
    assert "free" in manager.get("/staff/copies/2").text


@pytest.mark.parametrize("id_", ["0", "999999", "9" * 30, "-1", "x", "1.5"])
def test_ids_that_are_none(db: Database, manager: Desk, id_: str) -> None:
    for path in ("drops/{}/day", "runs/{}/stock", "copies/{}", "orders/{}", "postage/zones/{}", "postage/rates/{}"):
        assert manager.get(f"/staff/{path.format(id_)}").status_code == 404
    assert manager.post(f"/staff/outbox/{id_}/retry").status_code in {404, 405}


@pytest.mark.parametrize(
    "query",
    ["stage=x", "drop=x", "before=1e9", "after=-1", "drop=" + "9" * 30, "q=%00", "q=" + "x" * 100_000, "stage=(select%201)"],
)
def test_lists_refuse_what_no_link_of_ours_says(db: Database, manager: Desk, query: str) -> None:
    answer = manager.client.get(f"/staff/orders?{query}")
    assert answer.status_code == 422
    assert "SELECT" not in answer.text


@pytest.mark.parametrize("q", ["' OR 1=1--", "%", "_", "\\", "%25%25", "☃", "<script>alert(1)</script>", "{{7*7}}"])
def test_searches_mean_what_they_say(db: Database, shop: Shop, manager: Desk, q: str) -> None:
    paid_order(db, shop.drop_id, {shop.run_id: 1})
    for path in ("/staff/orders", "/staff/search"):
        page = manager.get(path, q=q)
        assert page.status_code == 200
        assert "ada@example.org" not in page.text
        assert "<script>alert" not in page.text
        assert "49" not in page.text.split("<main", 1)[1].split("</h1>")[0]
