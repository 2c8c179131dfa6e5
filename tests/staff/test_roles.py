"""Every address of the desk, the least role it needs, and what everybody else gets."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.routing import Rule

from app.accounts.models import AuditEntry, Role
from app.kernel.db import Database, reading
from app.staff.guard import role_of
from tests.staff.conftest import Shelf
from tests.staff.seat import Seat, make_staff

EVERYBODY = "sign_in sign_in_post"
PACKER = """
    sign_out password password_save home day search stock copy order orders order_pack order_unpack packing
    packing_chosen packing_slips ship shipping shipping_many parcel_customs parcel_slips parcel_slips_good parcel_slips_bad
    order_note order_tag order_untag order_view_save order_view_remove
    orders_chosen orders_bulk orders_bulk_on orders_bulk_undo
    parcel_tracking parcel_tracking_read parcel_tracking_ship scan scan_code scan_undo copy_codes copy_damaged copy_damaged_do
"""
MANAGER = """
    book_lines books books_csv books_workbook
    artist artist_create artist_new artist_remove artist_remove_ask artist_save artists audit_log copy_put_back
    copy_withdraw difference_settle difference_settle_ask differences
    drop drop_close drop_close_ask drop_create drop_edit drop_new drop_pause drop_pause_ask drop_preview
    drop_publish drop_publish_ask drop_remove drop_remove_ask drop_resume drop_save drop_unpublish drops
    drop_lock_parcels drop_lock_parcels_do order_address order_address_do order_unlock packing_lock
    order_cancel order_cancel_do order_confirm_again order_copies order_copies_do order_email order_refund order_refund_check
    order_refund_do orders_export outbox outbox_retry postage postage_sender postage_sender_save
    rate rate_create rate_new rate_retire rate_save
    zone zone_create zone_new zone_save release release_artwork release_artwork_remove release_artwork_save
    refund refund_confirm refund_decline refund_paid_otherwise refund_repeat refund_replaced
    release_create release_edit release_new release_publish release_remove release_remove_ask release_save
    release_tracks release_tracks_save release_unpublish releases run run_create run_customs run_customs_save run_edit run_new
    run_press run_press_ask run_remove run_remove_ask run_save track_preview track_preview_remove track_preview_save
    run_reserve run_reserve_do
"""
OWNER = """
    label label_create label_inks label_inks_save label_new label_save label_text label_text_save labels people person
    person_add person_disable person_disable_ask person_new person_password person_role
"""
LEAST: dict[str, Role | str] = {
    **dict.fromkeys(EVERYBODY.split(), "open to everybody"),
    **dict.fromkeys(PACKER.split(), Role.PACKER),
    **dict.fromkeys(MANAGER.split(), Role.MANAGER),
    **dict.fromkeys(OWNER.split(), Role.OWNER),
}


FIRST = dict.fromkeys(
    [
        "order_id",
        "copy_id",
        "job_id",
        "refund_id",
        "rate_id",
        "zone_id",
        "track_id",
        "difference_id",
        "tag_id",
        "view_id",
        "bulk_id",
    ],
    1,
)


def rules(app: Flask, *, changing: bool | None = None) -> Iterator[tuple[str, str, Rule]]:
    """Every rule of the desk with its endpoint's own name and its method."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("staff."):
            method = "POST" if "POST" in (rule.methods or set()) else "GET"
            if changing is None or changing == (method == "POST"):
                yield rule.endpoint.removeprefix("staff."), method, rule


def address(app: Flask, rule: Rule, values: dict[str, object]) -> str | None:
    """The rule's address with these values; None when one is missing."""
    if not rule.arguments <= values.keys():
        return None
    with app.test_request_context():
        built = app.url_map.bind("x").build(rule.endpoint, {name: values[name] for name in rule.arguments})
    return str(built).removeprefix("http://x")


def ids(shelf: Shelf, staff_id: int) -> dict[str, object]:
    """What stands for each variable part of an address."""
    return {
        "label_id": shelf.label, "artist_id": shelf.artist, "release_id": shelf.release, "run_id": shelf.run, "drop_id": shelf.drop,
        "staff_id": staff_id, "which": "story", "state": "open",
    }  # fmt: skip


def test_the_table_is_what_the_views_say(app: Flask) -> None:
    said = {name: role_of(app.view_functions[f"staff.{name}"]) for name, _method, _rule in rules(app)}
    assert said == LEAST


def test_strangers_are_sent_to_sign_in(app: Flask, shelf: Shelf) -> None:
    every = {**ids(shelf, 1), **FIRST}
    for name, method, rule in rules(app):
        path = address(app, rule, every)
        assert path is not None, f"{name} has a part this test does not know"
        answer = app.test_client().open(path, method=method)
        if LEAST[name] == "open to everybody":
            assert answer.status_code in {200, 403}, name
        else:
            assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (303, "/staff/sign-in"), name


@pytest.mark.parametrize("role", [Role.PACKER, Role.MANAGER])
def test_who_has_too_small_a_role_is_refused(app: Flask, shelf: Shelf, seat_of: Callable[[Role], Seat], role: Role) -> None:
    seat = seat_of(role)
    above = {Role.PACKER: {Role.MANAGER, Role.OWNER}, Role.MANAGER: {Role.OWNER}}[role]
    tried = 0
    for name, method, rule in rules(app):
        path = address(
            app,
            rule,
            {**ids(shelf, 1), **FIRST},
        )
        if LEAST[name] in above and path:
            answer = seat.get(path) if method == "GET" else seat.post(path)
            assert answer.status_code == 403, name
            tried += 1
    assert tried > 15


def test_every_page_opens_for_an_owner_and_changes_nothing(app: Flask, db: Database, shelf: Shelf, owner: Seat) -> None:
    before = _deeds(db)
    for name, _method, rule in rules(app, changing=False):
        path = address(app, rule, ids(shelf, owner.staff_id))
        if path:
            nothing_chosen = {404} if name in {"packing_slips", "parcel_customs"} else set()
            assert owner.get(path).status_code in {200, 303, 409} | nothing_chosen, name
    assert _deeds(db) == before


def test_a_post_without_the_forms_token_is_refused(app: Flask, db: Database, shelf: Shelf, owner: Seat) -> None:
    before = _deeds(db)
    for name, _method, rule in rules(app, changing=True):
        path = address(
            app,
            rule,
            {**ids(shelf, 1), **FIRST},
        )
        assert path is not None
        assert owner.client.post(path).status_code == 403, name
        assert owner.client.post(path, data={"csrf_token": "somebody else's"}).status_code == 403, name
    assert _deeds(db) == before


def test_what_belongs_to_another_label_does_not_exist(app: Flask, db: Database, owner: Seat, other_shelf: Shelf) -> None:
    stranger = make_staff(db, "Stranger", {other_shelf.label: Role.OWNER})
    before, tried = _deeds(db), 0
    for name, method, rule in rules(app):
        path = address(app, rule, ids(other_shelf, stranger))
        if path and rule.arguments:
            answer = owner.get(path) if method == "GET" else owner.post(path, {"label": other_shelf.label})
            assert answer.status_code == 404, f"{method} {name}"
            tried += 1
    assert (_deeds(db), tried > 40) == (before, True)


@pytest.mark.parametrize("number", ["99999999999999999999", "-1", "0x1", "1e3", "١", "1%00"])
def test_what_is_no_id_is_no_address(owner: Seat, number: str) -> None:
    for kind in ("artists", "releases", "runs", "drops", "labels", "people"):
        assert owner.get(f"/staff/{kind}/{number}").status_code == 404


def _deeds(db: Database) -> int:
    with reading(db) as session:
        noted = select(func.count()).select_from(AuditEntry).where(AuditEntry.deed != "orders.exported")  # a look that is noted
        return session.scalar(noted) or 0
