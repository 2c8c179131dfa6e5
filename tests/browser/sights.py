"""Every page there is: its name in the screenshots, its address, who looks at it and with which status it answers.

An address in braces is filled from what staging.py made. A page that is answered to a form carries that form.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Sight:
    """One page in one state. `form` posts to `path` from the page `before`; `who` is fan, staff or packer."""

    name: str
    endpoint: str
    path: str
    who: str = "fan"
    status: int = 200
    form: tuple[tuple[str, str], ...] = ()
    before: str = "/"
    posts: bool = field(default=False)


def _shop(name: str, endpoint: str, path: str, status: int = 200) -> Sight:
    return Sight(name, f"shop.{endpoint}", path, status=status)


def _no(name: str, endpoint: str, path: str, status: int, *form: tuple[str, str]) -> Sight:
    return Sight(f"no-{name}", f"shop.{endpoint}", path, status=status, form=form, posts=True)


def _desk(name: str, endpoint: str, path: str, status: int = 200, who: str = "staff") -> Sight:
    return Sight(f"desk-{name}", f"staff.{endpoint}", f"/staff{path}", who, status)


TRACKING = "Order reference;Tracking number\n" + "".join(f"{number:05d};JJD{number}\n" for number in range(36, 70)) + "owl;JJD99\n"

SHOP = (
    _shop("front", "shop_front", "/"),
    _shop("releases", "releases", "/releases"),
    _shop("release", "release", "/releases/low-water-register"),
    _shop("release-vinyl", "release", "/releases/attic-weather"),
    _shop("release-sold-out", "release", "/releases/kettle-songs"),
    _shop("release-stick", "release", "/releases/field-manual-for-streetlights"),
    _shop("imprint", "own_text", "/imprint"),
    _shop("terms", "own_text", "/terms"),
    _shop("privacy", "own_text", "/privacy"),
    _shop("withdrawal", "own_text", "/withdrawal"),
    _shop("label-imprint", "text_of", "/labels/halbschatten/imprint"),
    _shop("drop-announced", "drop", "/drops/streetlights"),
    _shop("drop-about-to-open", "drop", "/drops/{soon_drop}"),
    _shop("drop-open", "drop", "/drops/low-water"),
    _shop("drop-open-single", "drop", "/drops/{single_drop}"),
    _shop("drop-all-held", "drop", "/drops/{held_drop}"),
    _shop("drop-paused", "drop", "/drops/{paused_drop}"),
    _shop("drop-stopped", "drop", "/drops/{stopped_drop}"),
    _shop("drop-sold-out", "drop", "/drops/kettle-songs"),
    _shop("drop-closed", "drop", "/drops/{closed_drop}"),
    _shop("reminder-asked", "asked", "/drops/streetlights/reminders"),
    _shop("reminder-withdrawn", "withdrawn", "/drops/streetlights/reminders/withdrawn"),
    _shop("reminder", "reminder", "{reminder}"),
    _shop("reminder-confirmed", "reminder", "{reminder_confirmed}"),
    _shop("reminder-over", "reminder", "{reminder_over}"),
    _shop("hold", "hold", "{hold}"),
    _shop("hold-many", "hold", "{hold_many}"),
    _shop("hold-paying", "hold", "{hold_paying}"),
    _shop("hold-preparing", "hold", "{hold_preparing}"),
    _shop("hold-closing", "hold", "{hold_closing}"),
    _shop("hold-lapsed", "hold", "{hold_lapsed}", 410),
    _shop("hold-put-back", "hold", "{hold_put_back}"),
    _shop("hold-paid-asking", "paid", "{hold_paying}/paid"),
    _shop("hold-paid-not-charged", "paid", "{hold_let_go}/paid"),
    _shop("hold-after-not-charged", "hold", "{hold_let_go}"),
    _shop("holds", "my_holds", "/holds"),
    Sight("holds-none", "shop.my_holds", "/holds", who="stranger"),
    _shop("order-confirmed", "order", "{order_unpaid}"),
    _shop("order-paid", "order", "{order_paid}"),
    _shop("order-packed", "order", "{order_packed}"),
    _shop("order-shipped", "order", "{order_shipped}"),
    _shop("order-cancelled", "order", "{order_cancelled}"),
    _shop("order-not-charged", "order", "{order_refused}"),
    _shop("order-partly-refunded", "order", "{order_parted}"),
    _shop("order-called-off", "order", "{order_called_off}"),
    _shop("order-cancel", "order_cancel", "{order_paid}/cancel"),
    _shop("order-address", "order_address", "{order_paid}/address"),
    _shop("order-find", "find_order", "/orders/find"),
)

REFUSALS = (
    _shop("no-such-page", "shop_front", "/nowhere", 404),
    _shop("no-such-drop", "drop", "/drops/nothing", 404),
    _shop("no-such-hold", "hold", "/holds/1-AAAAAAAAAAAAAAAAAAAAAAAAAAA", 404),
    _no("wrong-method", "shop_front", "/releases", 405),
    _no("not-open-yet", "take_copies", "/drops/{soon_drop}/holds", 403, ("run", "{soon_run}"), ("quantity", "1")),
    _no("closed", "take_copies", "/drops/{closed_drop}/holds", 403, ("run", "{closed_run}"), ("quantity", "1")),
    _no("paused", "take_copies", "/drops/{paused_drop}/holds", 403, ("run", "{paused_run}"), ("quantity", "1")),
    _no("sold-out", "take_copies", "/drops/{held_drop}/holds", 409, ("run", "{held_run}"), ("quantity", "1")),
    _no("fewer-left", "take_copies", "/drops/{few_drop}/holds", 409, ("run", "{few_run}"), ("quantity", "2")),
    _no("over-limit", "take_copies", "/drops/low-water/holds", 409, ("run", "low-water-register-tape"), ("quantity", "9")),
    _no("bad-quantity", "take_copies", "/drops/low-water/holds", 422, ("run", "low-water-register-tape"), ("quantity", "-1")),
    _no("paying", "put_back", "{hold_paying}/put-back", 409, ("x", "")),
    _no("bad-details", "go_to_pay", "{hold}/checkout", 422, ("email", "ada"), ("country", "DE"), ("shown", "1")),
    _no("price-changed", "go_to_pay", "{hold}/checkout", 409, ("email", "ada@example.org"), ("country", "DE"), ("shown", "1")),
    _no("cannot-post-there", "go_to_pay", "{hold}/checkout", 422, ("email", "ada@example.org"), ("country", "ZZ"), ("shown", "1")),
    _no("bad-reminder", "ask", "/drops/streetlights/reminders", 422, ("email", "ada@")),
    _no("too-many", "send_links", "/orders/find", 429, ("email", "ada@example.org")),
    _no("too-late-to-remind", "ask", "/drops/low-water/reminders", 409, ("email", "ada@example.org")),
)

DESK = (
    Sight("desk-sign-in", "staff.sign_in", "/staff/sign-in", "stranger"),
    Sight("desk-sign-in-refused", "staff.sign_in_post", "/staff/sign-in", "stranger", 422,
          (("email", "sam@halbschatten.example"), ("password", "not this one")), before="/staff/sign-in", posts=True),
    _desk("factor", "factor", "/factor", who="at the door"),
    _desk("factor-enrol", "enrol", "/factor/enrol", who="half"),
    Sight("desk-factor-enrol-refused", "staff.enrol_app", "/staff/factor/enrol", "half", 422, (("code", "000000"),),
          before="/staff/factor/enrol", posts=True),
    _desk("join", "join", "/join/{invitation}", who="stranger"),
    _desk("me", "me", "/me"),
    _desk("again", "again", "/again"),
    _desk("home", "home", "/"),
    _desk("search", "search", "/search?q=hanne"),
    _desk("search-nothing", "search", "/search?q=zzzz"),
    _desk("artists", "artists", "/artists"),
    _desk("artist", "artist", "/artists/{artist_id}"),
    _desk("artist-new", "artist_new", "/artists/new"),
    _desk("artist-remove", "artist_remove_ask", "/artists/{lonely_id}/remove"),
    _desk("releases", "releases", "/releases"),
    _desk("release", "release", "/releases/{release_id}"),
    _desk("release-unfinished", "release", "/releases/{unfinished_id}"),
    _desk("release-new", "release_new", "/releases/new"),
    _desk("release-edit", "release_edit", "/releases/{release_id}/edit"),
    _desk("release-artwork", "release_artwork", "/releases/{release_id}/artwork"),
    _desk("release-tracks", "release_tracks", "/releases/{release_id}/tracks"),
    _desk("release-remove", "release_remove_ask", "/releases/{unfinished_id}/remove"),
    _desk("track-preview", "track_preview", "/tracks/{track_id}/preview"),
    _desk("run", "run", "/runs/{run_id}"),
    _desk("run-raw", "run", "/runs/{raw_id}"),
    _desk("run-new", "run_new", "/releases/{release_id}/runs/new"),
    _desk("run-edit", "run_edit", "/runs/{raw_id}/edit"),
    _desk("run-press", "run_press_ask", "/runs/{raw_id}/press"),
    _desk("run-remove", "run_remove_ask", "/runs/{raw_id}/remove"),
    _desk("stock", "stock", "/runs/{run_id}/stock"),
    _desk("copy-free", "copy", "/copies/{copy_available}"),
    _desk("copy-held", "copy", "/copies/{copy_held}"),
    _desk("copy-sold", "copy", "/copies/{copy_allocated}"),
    _desk("copy-damaged", "copy_damaged", "/copies/{copy_allocated}/damaged"),
    _desk("run-reserve", "run_reserve", "/runs/{run_id}/reserve"),
    _desk("copy-withdrawn", "copy", "/copies/{copy_withdrawn}"),
    _desk("copy-set-aside", "copy", "/copies/{copy_aside_id}"),
    _desk("copy-aside", "copy_aside_ask", "/copies/{copy_available}/aside"),
    _desk("copy-give", "copy_give_ask", "/copies/{copy_aside_id}/give"),
    _desk("drops", "drops", "/drops"),
    _desk("drop-draft", "drop", "/drops/{draft_drop_id}"),
    _desk("drop-announced", "drop", "/drops/{announced_id}"),
    _desk("drop-open", "drop", "/drops/{open_id}"),
    _desk("drop-paused", "drop", "/drops/{paused_drop_id}"),
    _desk("drop-closed", "drop", "/drops/{closed_drop_id}"),
    _desk("drop-stopped", "drop", "/drops/{stopped_drop_id}"),
    _desk("drop-change-waits", "drop", "/drops/{soon_drop_id}"),
    _desk("drop-change", "change", "/changes/{change_id}"),
    _desk("drop-edit-last-hour", "drop_edit", "/drops/{soon_drop_id}/edit"),
    _desk("drop-new", "drop_new", "/drops/new"),
    _desk("drop-edit", "drop_edit", "/drops/{draft_drop_id}/edit"),
    _desk("drop-edit-open", "drop_edit", "/drops/{open_id}/edit"),
    _desk("drop-publish", "drop_publish_ask", "/drops/{draft_drop_id}/publish"),
    _desk("drop-pause", "drop_pause_ask", "/drops/{open_id}/pause"),
    _desk("drop-close", "drop_close_ask", "/drops/{open_id}/close"),
    _desk("drop-remove", "drop_remove_ask", "/drops/{draft_drop_id}/remove"),
    _desk("drop-day", "day", "/drops/{open_id}/day"),
    _desk("drop-day-stopped", "day", "/drops/{stopped_drop_id}/day"),
    _desk("fan", "fan", "/fans/{fan_hold_id}"),
    _desk("preview-open", "drop_preview", "/drops/{draft_drop_id}/preview/open"),
    _desk("preview-paused", "drop_preview", "/drops/{draft_drop_id}/preview/paused"),
    _desk("orders", "orders", "/orders"),
    _desk("order-to-pack", "order", "/orders/{order_paid_id}"),
    _desk("order-packed", "order", "/orders/{order_packed_id}"),
    _desk("order-shipped", "order", "/orders/{order_shipped_id}"),
    _desk("order-unpaid", "order", "/orders/{order_unpaid_id}"),
    _desk("order-cancelled", "order", "/orders/{order_cancelled_id}"),
    _desk("order-disputed", "order", "/orders/{order_disputed_id}"),
    _desk("order-partly-refunded", "order", "/orders/{order_parted_id}"),
    _desk("order-to-decide", "order", "/orders/{order_decide_id}"),
    _desk("order-refund", "order_refund", "/orders/{order_paid_id}/refund"),
    Sight("desk-order-refund-check", "staff.order_refund_check", "/staff/orders/{order_paid_id}/refund/check", "staff", 200,
          (("what", "parts"), ("with_postage", "1"), ("sent", "0"), ("reason", "it came late")),
          before="/staff/orders", posts=True),
    Sight("desk-order-refund-refused", "staff.order_refund_check", "/staff/orders/{order_paid_id}/refund/check", "staff", 422,
          (("what", "amount"), ("amount", "lots"), ("sent", "0"), ("reason", "")), before="/staff/orders", posts=True),
    _desk("order-refund-disputed", "order_refund", "/orders/{order_disputed_id}/refund", 409),
    _desk("order-cancel", "order_cancel", "/orders/{order_paid_id}/cancel"),
    _desk("order-address", "order_address", "/orders/{order_paid_id}/address"),
    _desk("order-copies", "order_copies", "/orders/{order_decide_id}/copies"),
    _desk("order-copies-none", "order_copies", "/orders/{order_paid_id}/copies"),
    _desk("refund-proposed", "refund", "/refunds/{refund_proposed_id}"),
    _desk("refund-alone", "refund", "/refunds/{refund_alone_id}"),
    _desk("refund-too-early", "refund", "/refunds/{refund_early_id}"),
    _desk("refund-fell-through", "refund", "/refunds/{refund_fallen_id}"),
    _desk("refund-done", "refund", "/refunds/{refund_done_id}"),
    _desk("packing", "packing", "/packing"),
    _desk("shipping", "shipping", "/packing/ship"),
    _desk("parcel-slips", "parcel_slips", "/packing/parcel-slips"),
    _desk("tracking", "parcel_tracking", "/packing/tracking"),
    Sight("desk-tracking-preview", "staff.parcel_tracking_read", "/staff/packing/tracking", "staff",
          form=(("carrier", "DHL"), ("text", TRACKING)), before="/staff/packing/tracking", posts=True),
    Sight("desk-tracking-columns", "staff.parcel_tracking_read", "/staff/packing/tracking", "staff",
          form=(("carrier", "DHL"), ("text", "what;which\n00001;JJD1\n")), before="/staff/packing/tracking", posts=True),
    _desk("sender", "postage_sender", "/labels/{label_id}/sender"),
    _desk("run-customs", "run_customs", "/runs/{run_id}/customs"),
    _desk("scan", "scan", "/packing/scan"),
    _desk("scan-parcel", "scan", "/packing/scan?parcel={order_paid_id}&done={copy_allocated}&into={order_paid_id}"),
    Sight("desk-scan-wrong", "staff.scan_code", "/staff/packing/scan", "staff", 404, (("code", "C19"),),
          before="/staff/packing/scan", posts=True),
    _desk("drop-lock-parcels", "drop_lock_parcels", "/drops/{open_id}/lock-parcels"),
    _desk("postage", "postage", "/postage"),
    _desk("zone", "zone", "/postage/zones/{zone_id}"),
    _desk("zone-new", "zone_new", "/postage/zones/new"),
    _desk("rate-new", "rate_new", "/postage/zones/{zone_id}/rates/new"),
    _desk("rate", "rate", "/postage/rates/{rate_id}"),
    _desk("labels", "labels", "/labels"),
    _desk("label", "label", "/labels/{label_id}"),
    _desk("label-new", "label_new", "/labels/new"),
    _desk("label-inks", "label_inks", "/labels/{label_id}/inks"),
    _desk("label-text", "label_text", "/labels/{label_id}/texts/terms"),
    _desk("people", "people", "/people"),
    _desk("person", "person", "/people/{packer_id}"),
    _desk("person-invite", "person_invite", "/people/invite"),
    _desk("person-new", "person_new", "/people/new"),
    _desk("person-disable", "person_disable_ask", "/people/{packer_id}/disable"),
    _desk("password", "password", "/password"),
    _desk("outbox", "outbox", "/outbox"),
    _desk("differences", "differences", "/differences"),
    _desk("difference-settle", "difference_settle_ask", "/differences/{difference_id}/settle"),
    _desk("books", "books", "/books?span=this-year"),
    _desk("books-empty", "books", "/books?from=2020-01-01&to=2020-01-31"),
    _desk("book-lines", "book_lines", "/books/lines?span=this-year"),
    _desk("guide", "guide", "/guide"),
    _desk("audit", "audit_log", "/audit"),
    _desk("home-packer", "home", "/", who="packer"),
    _desk("no-such-order", "order", "/orders/999999", 404),
    _desk("no-role", "outbox", "/outbox", 403, who="packer"),
    _desk("no-longer", "drop_publish_ask", "/drops/{open_id}/publish", 409),
)  # fmt: skip

SIGHTS = (*SHOP, *REFUSALS, *DESK)

# What is fetched but is no page: endpoint, address, kind of content.
FILES = (
    ("shop.atom", "/drops.atom", "application/atom+xml"),
    ("shop.ics", "/drops.ics", "text/calendar"),
    ("shop.drop_ics", "/drops/streetlights.ics", "text/calendar"),
    ("shop.live", "/drops/low-water/live", "application/json"),
    ("shop.theme", "/labels/halbschatten/theme.css", "text/css"),
    ("shop.media", "/media/{media}", "image/jpeg"),
    ("shop.robots", "/robots.txt", "text/plain"),
    ("shop.sitemap", "/sitemap.xml", "application/xml"),
    ("shop.favicon", "/favicon.ico", "image/svg+xml"),
    ("shop.healthz", "/healthz", "application/json"),
    ("shop.metrics", "/metrics", "text/plain"),
    ("static", "/static/icon.svg", "image/svg+xml"),
    ("staff.orders_export", "/staff/orders/export.csv", "text/csv"),
    ("staff.copy_codes", "/staff/runs/{run_id}/codes.pdf", "application/pdf"),
    ("staff.packing_slips", "/staff/packing/slips.pdf", "application/pdf"),
    ("staff.parcel_slips_good", "/staff/packing/parcel-slips/good.csv", "text/csv"),
    ("staff.parcel_slips_bad", "/staff/packing/parcel-slips/bad.csv", "text/csv"),
    ("staff.parcel_customs", "/staff/packing/customs.pdf", "application/pdf"),
)

# In the gallery nothing works; every other shop of these tests is waited for until it says that it is ready.
ELSEWHERE = {"shop.readyz"}
