"""Every address of the desk, the deed it is, and what those get whose role does not allow it."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.routing import Rule

from app.accounts.models import AuditEntry
from app.accounts.roles import MAY, Deed, Role
from app.kernel.db import Database, reading
from app.staff.guard import deed_of
from tests.staff.conftest import Shelf
from tests.staff.seat import Seat, make_staff

OPEN, HALF, FOUNDER = "open to everybody", "open once the password is right", "open to who founds the shop"
ADDRESSES: dict[Deed | str, str] = {
    OPEN: "join join_do setup_begin setup_begin_do sign_in sign_in_post",
    HALF: "enrol enrol_app enrol_passkey enrol_passkey_ask factor factor_check factor_passkey factor_passkey_ask sign_out",
    Deed.SELF: """
        again again_passkey_ask again_say guide guide_picture me me_address me_address_ask me_address_confirm
        me_address_link me_address_withdraw me_codes me_passkey_remove me_session_end me_sessions_end password password_save
    """,
    Deed.SEE: "copy day fan home order order_view_remove order_view_save orders run_delivery search stock",
    Deed.PACK: """
        copy_codes copy_damaged copy_damaged_do count count_scan count_undo order_note order_pack order_tag order_unpack
        order_untag orders_bulk orders_bulk_on orders_bulk_undo orders_chosen packing packing_chosen packing_slips
        parcel_customs parcel_slips parcel_slips_bad parcel_slips_good parcel_tracking parcel_tracking_read
        parcel_tracking_ship scan scan_code scan_ship scan_undo ship shipping shipping_many
    """,
    Deed.MAKE: """
        artist artist_create artist_new artist_remove artist_remove_ask artist_save artists change change_confirm
        change_take_back code code_create code_end code_new code_save codes copy_aside copy_aside_ask copy_aside_end
        copy_give copy_give_ask copy_put_back copy_withdraw count_close count_name count_open drop drop_close drop_close_ask
        drop_create drop_edit drop_new drop_pause drop_pause_ask drop_preview drop_publish drop_publish_ask drop_remove
        drop_remove_ask drop_reopen drop_reopen_ask drop_resume drop_save drop_unpublish drops label_joining postage
        postage_sender postage_sender_save rate rate_create rate_new rate_retire rate_save release release_artwork
        release_artwork_remove release_artwork_save release_create release_edit release_file release_file_begin
        release_file_move release_file_part release_file_remove release_file_remove_ask release_file_save release_file_whole
        release_files release_files_save release_new release_publish release_remove release_remove_ask release_save
        release_tracks release_tracks_save release_unpublish releases run run_create run_customs run_customs_save run_edit
        run_making run_making_change run_making_check run_making_say run_making_take_back run_new run_press run_press_ask
        run_remove run_remove_ask run_reserve run_reserve_do run_save track_preview track_preview_remove track_preview_save
        zone zone_create zone_new zone_save
    """,
    Deed.CORRECT: """
        drop_lock_parcels drop_lock_parcels_do order_address order_address_do order_apart order_confirm_again order_email
        order_invoice_write order_join order_unlock outbox outbox_retry packing_lock run_making_ask run_making_ask_do
        run_making_lock run_making_lock_do
    """,
    Deed.GIVE_BACK: """
        difference_settle difference_settle_ask order_cancel order_cancel_do order_copies order_copies_do order_mishaps
        order_mishaps_do order_refund order_refund_check order_refund_do refund_confirm refund_decline refund_paid_otherwise
        refund_repeat refund_replaced run_delivery_do run_next_issue short_answer
    """,
    Deed.BOOKS: """
        book_fees book_fees_csv book_fees_workbook book_lines book_sell_through book_sell_through_csv book_vat book_vat_csv
        book_vat_lines book_vat_workbook books books_csv books_workbook differences maker maker_lines maker_statement_csv
        maker_statement_pdf maker_statement_xlsx makers order_invoice orders_export refund
    """,
    Deed.AUDIT: "audit_log",
    Deed.LABEL: """
        check check_mail check_mail_send check_mail_word checks checks_all label label_create label_inks label_inks_save
        label_keeping label_keeping_save label_limit_confirm label_limit_take_back label_logo_remove label_new label_save
        label_text label_text_save label_vat label_vat_rate_add label_vat_rate_remove label_vat_save labels run_surplus setup
        setup_done setup_finish setup_later setup_look setup_look_save setup_machine setup_mail setup_postage
        setup_postage_save setup_stripe setup_texts setup_texts_save
    """,
    Deed.PEOPLE: """
        invitation_again invitation_withdraw people person person_add person_disable person_disable_ask person_invite
        person_invite_do person_new person_password person_reset_factor person_role person_session_end
    """,
    FOUNDER: "setup_label setup_label_save",
    Deed.FANS: "customers customers_file fan_data fan_data_file fan_erase",
    Deed.SHARE: """
        cost_strike maker_create maker_edit maker_new maker_pay maker_payouts maker_save payout_strike release_makers
        release_share run_cost run_costs
    """,
}
DEED_OF = {name: deed for deed, names in ADDRESSES.items() for name in names.split()}


_ROWS = (
    "order_id copy_id job_id refund_id rate_id zone_id track_id difference_id change_id hold_id passkey_id session_id "
    "invitation_id count_id shortfall_id code_id file_id tag_id view_id bulk_id invoice_id maker_id payout_id cost_id"
)
FIRST = {**dict.fromkeys(_ROWS.split(), 1), "session_id": 999, "picture": "books.png"}  # the first session would be one's own


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
        "staff_id": staff_id, "which": "story", "state": "open", "token": "1-none", "way": "up", "step": "look",
        "name": "nothing",
    }  # fmt: skip


def test_the_table_is_what_the_views_say(app: Flask) -> None:
    said = {name: deed_of(app.view_functions[f"staff.{name}"]) for name, _method, _rule in rules(app)}
    assert said == DEED_OF


def test_strangers_are_sent_to_sign_in(app: Flask, shelf: Shelf) -> None:
    every = {**ids(shelf, 1), **FIRST}
    for name, method, rule in rules(app):
        path = address(app, rule, every)
        assert path is not None, f"{name} has a part this test does not know"
        answer = app.test_client().open(path, method=method)
        if DEED_OF[name] == OPEN:
            assert answer.status_code in {200, 403, 404}, name
        else:
            assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (303, "/staff/sign-in"), name


@pytest.mark.parametrize("role", list(Role))
def test_every_cell_of_the_table(app: Flask, shelf: Shelf, seat_of: Callable[[Role], Seat], role: Role) -> None:
    """Refused exactly where the role does not allow the deed, by page and by form."""
    seat, refused, tried = seat_of(role), set(), 0
    for name, method, rule in rules(app):
        path = address(app, rule, {**ids(shelf, 1), **FIRST})
        assert path is not None, f"{name} has a part this test does not know"
        if name != "sign_out":  # would leave the seat
            answer = seat.get(path) if method == "GET" else seat.client.post(path, data={"csrf_token": seat.token, "label": "0"})
            refused |= {name} if answer.status_code == 403 else set()
            tried += 1
    assert refused == {name for name, deed in DEED_OF.items() if isinstance(deed, Deed) and deed not in MAY[role]}
    assert tried == len(DEED_OF) - 1


def test_an_accountant_reads_and_changes_nothing(app: Flask, seat_of: Callable[[Role], Seat]) -> None:
    theirs = {name for name, _method, _rule in rules(app, changing=True) if DEED_OF[name] in MAY[Role.ACCOUNTANT] - {Deed.SELF}}
    assert theirs == {"order_view_save", "order_view_remove"}  # lists under a name, for themselves


def test_every_page_opens_for_an_owner_and_changes_nothing(app: Flask, db: Database, shelf: Shelf, owner: Seat) -> None:
    before = _deeds(db)
    for name, _method, rule in rules(app, changing=False):
        path = address(app, rule, ids(shelf, owner.staff_id))
        if path:
            gone = name in {"packing_slips", "parcel_customs", "join", "me_address_link"} or name.startswith("setup")
            nothing_chosen = {404} if gone else set()
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
        no = 404 if DEED_OF[name] == FOUNDER else 403  # for a founder: tests/flows/test_first_run.py
        assert owner.client.post(path).status_code == no, name
        assert owner.client.post(path, data={"csrf_token": "somebody else's"}).status_code == no, name
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
