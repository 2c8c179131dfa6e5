"""Where a fan may stand: every text and JSON column of the shop, what it holds, how it is emptied, and how long it is kept and why.

One table, held against the schema by a test: a new column must be put into it, and with that thought about.
"""

from dataclasses import dataclass
from enum import StrEnum


class How(StrEnum):
    """What becomes of a column when a person is erased.

    Emptied: nothing stays in it. Removed: its row goes. Cut: what is about the person is taken out of it. Counted: emptied once
    nothing is counted by it for a limit. Last: emptied with the last letter. Stays: it names nobody by itself, or may not be
    changed; `why` says which. Nobody: no fan stands in it.
    """

    EMPTIED = "emptied"
    REMOVED = "removed"
    CUT = "cut"
    COUNTED = "counted"
    LAST = "last"
    STAYS = "stays"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Place:
    """Columns of one table that are dealt with alike; `kept`: how long by age, and why so long."""

    table: str
    columns: str
    how: How
    what: str
    kept: str = ""


_UNPAID = "unpaid holds: the owner's months; of an order: as long as its name"
_NAMES = "the owner's months after it was sent or cancelled"
_SENT = "the owner's months after the parcel left or the order was cancelled; until then it has to arrive"
_ACCOUNTS = "as the address; where the owner says so for the accounts, years from the end of the year of the sale"

PLACES: tuple[Place, ...] = (
    Place("holds", "email note network", How.EMPTIED, "who held, what they wrote, a fingerprint of their network", _UNPAID),
    Place("holds", "email_key fan", How.COUNTED, "the address and the cookie that limits count by", _UNPAID),
    Place("holds", "country", How.STAYS, "where to, without who", "for ever: figures by country"),
    Place("desk_holds", "for_whom reason", How.EMPTIED, "for whom the desk set a copy aside, and why", _UNPAID),
    Place("orders", "email email_key note", How.EMPTIED, "who bought, and what they wrote", _NAMES),
    Place("orders", "name", How.EMPTIED, "who bought", _ACCOUNTS),
    Place("orders", "line1 line2 postal_code city region", How.EMPTIED, "where it went", f"{_SENT}; {_ACCOUNTS}"),
    Place("orders", "fan", How.COUNTED, "the cookie that limits count by", _NAMES),
    Place("orders", "cancel_reason", How.EMPTIED, "why it was cancelled, in somebody's words", _NAMES),
    Place("orders", "country currency postage_name", How.STAYS, "what was sold where to, without who", "for ever: the accounts"),
    Place("order_notes", "text", How.REMOVED, "what staff wrote about an order", _NAMES),
    Place("order_lines", "title", How.STAYS, "what was sold", "for ever: the accounts"),
    Place("reminders", "email email_key", How.REMOVED, "who wants to be told of a drop", "the owner's months after it opened"),
    Place("buyer_locks", "email_key", How.REMOVED, "under which addresses a limit was counted", "until no hold has the address"),
    Place("shipments", "tracking tracking_url", How.EMPTIED, "leads to the address at the carrier's", _SENT),
    Place("shipments", "carrier", How.STAYS, "who carried it", "for ever: figures"),
    Place("mishaps", "actor", How.NOBODY, "staff, by id"),
    Place("mishaps", "words", How.EMPTIED, "what became of a copy, in staff's words", _NAMES),
    Place("shortfalls", "words", How.EMPTIED, "what staff noted who answered for a fan", _NAMES),
    Place("invoices", "buyer", How.EMPTIED, "name and address as they were when it was written", _ACCOUNTS),
    Place("invoices", "prefix facts", How.STAYS, "what was sold where to, without who", "for ever: the accounts"),
    Place("order_taxes", "country", How.STAYS, "where it was taxed, without who", "for ever: the accounts"),
    Place("refunds", "reason", How.EMPTIED, "why money went back, in staff's words", _NAMES),
    Place("refunds", "failure", How.CUT, "Stripe's word for why it fell through; how it was paid back instead goes", _NAMES),
    Place("refund_parts", "words", How.EMPTIED, "why a copy was withdrawn", _NAMES),
    Place("checkout_attempts", "request", How.CUT, "what Stripe was asked: their address and the links to their hold go", _UNPAID),
    Place("checkout_attempts", "url last_error", How.EMPTIED, "the payment page, and what went wrong", _UNPAID),
    Place("saved_views", "query", How.CUT, "what staff looked for: their name or address goes", "until its maker removes it"),
    Place("outbox", "last_error", How.STAYS,
          "what went wrong: addresses are taken out before it is written", "for ever: the history"),
    Place("data_links", "email email_key", How.LAST, "who asked what is held", "a day"),
    Place("erasures", "email email_key", How.LAST, "who is being erased, to find what is theirs and to tell them", "until told"),
    Place("erasures", "digest", How.STAYS, "a keyed fingerprint of the address", "for ever: to erase again after a restore"),
    Place("erased_rows", "ref", How.STAYS, "ids of emptied rows, and Stripe's of sessions", "for ever: the same"),
    Place("checkout_attempts", "idempotency_key quote currency session_id stripe_account", How.STAYS,
          "amounts, ids, Stripe's own ids",
          "for ever: the accounts, and comparing with Stripe"),
    Place("payments", "intent_id charge_id currency void_reason stripe_account", How.STAYS,
          "Stripe's ids: they lead to a person only "
          "at Stripe, where the label has them redacted", "for ever: the accounts"),
    Place("refunds", "stripe_id stripe_account idempotency_key currency cause", How.STAYS, "the same", "for ever: the accounts"),
    Place("disputes", "stripe_id stripe_account currency reason cause", How.STAYS, "the same; the reason is Stripe's word",
          "for ever: the accounts"),
    Place("payment_fees", "stripe_id kept_currency", How.STAYS, "the same: what Stripe kept", "for ever: the accounts"),
    Place("stripe_events", "id type object_id account", How.STAYS,
          "ids of what Stripe told; nobody's data comes in", "the owner's months"),
    Place("stripe_differences", "kind about what todo reference currency settled_how", How.STAYS,
          "ids, amounts, and how staff settled it",
          "for ever: the accounts"),
    Place("audit_log", "deed entity detail", How.STAYS,
          "ids and decisions; a chain that may not be changed. Staff are asked to name no "
          "fan in a reason", "for ever: who did what"),
    Place("audit_seals", "former hash", How.STAYS, "the chain over it", "for ever"),
    Place("stock_movements", "actor reason", How.STAYS,
          "append-only; who moved a copy by role or id, and why. Staff are asked to name no "
          "fan in a reason", "for ever: where each copy went"),
    Place("outbox", "kind key payload lease_owner", How.STAYS,
          "ids; a letter is written when it is sent", "for ever: sent once only"),
    Place("throttles", "key", How.STAYS, "keyed fingerprints of networks and addresses", "an hour after their window"),
    Place("bulk_orders", "why", How.NOBODY, "the shop's own sentence for a refusal"),
    Place("alerts", "cause what path", How.NOBODY, "what needs a person, by number"),
    Place("artists", "slug name story link", How.NOBODY, "the label's own words"),
    Place("checkups", "name said", How.NOBODY, "the shop's own"),
    Place("count_findings", "words actor", How.NOBODY, "what a difference on a shelf was"),
    Place("counted_copies", "actor", How.NOBODY, "staff, by id"),
    Place("deliveries", "actor promise words", How.NOBODY, "the label's own words; staff, by id"),
    Place("discount_codes", "code", How.NOBODY, "the label's own word"),
    Place("drop_changes", "before wanted reason why", How.NOBODY, "the label's own words"),
    Place("drops", "slug title words pause_reason close_reason", How.NOBODY, "the label's own words"),
    Place("findings", "invariant", How.NOBODY, "the shop's own"),
    Place("founding_links", "digest", How.NOBODY, "who installed the shop"),
    Place("heartbeats", "name", How.NOBODY, "the shop's own"),
    Place("invitations", "email", How.NOBODY, "staff"),
    Place("labels", "slug name tagline story email currency time_zone country ink_loud ink_quiet imprint terms privacy withdrawal",
          How.NOBODY, "the label's own words"),
    Place("limit_changes", "why", How.NOBODY, "the label's own words"),
    Place("makers", "name address", How.NOBODY, "whom the label shares with"),
    Place("making_changes", "note actor", How.NOBODY, "the label's own words; staff, by id"),
    Place("media", "file content_type", How.NOBODY, "the label's own files"),
    Place("new_addresses", "email", How.NOBODY, "staff"),
    Place("packed_copies", "actor", How.NOBODY, "staff, by id"),
    Place("payouts", "words", How.NOBODY, "what was paid to whom the label shares with"),
    Place("postage_rates", "name carrier days", How.NOBODY, "the label's own words"),
    Place("postage_zones", "name countries", How.NOBODY, "the label's own words"),
    Place("release_files", "name file sha256", How.NOBODY, "the label's own files; who downloads is not written down"),
    Place("releases", "slug catalogue_number title notes artwork_alt", How.NOBODY, "the label's own words"),
    Place("run_costs", "words", How.NOBODY, "the label's own words"),
    Place("runs", "slug title hs_code origin body_colour label_colour", How.NOBODY, "the label's own words"),
    Place("saved_views", "name", How.NOBODY, "staff's own word for a list"),
    Place("second_things", "what hs_code", How.NOBODY, "the label's own words"),
    Place("senders", "name line1 line2 postal_code city region phone eori vat_number ioss_number", How.NOBODY,
          "the label's own address"),
    Place("setups", "passed", How.NOBODY, "the shop's own"),
    Place("shortfalls", "answered_by trouble", How.NOBODY, "staff, by id; the shop's own sentence"),
    Place("staff", "email name password_hash", How.NOBODY, "staff"),
    Place("staff_passkeys", "credential public_key name", How.NOBODY, "staff"),
    Place("staff_recovery_codes", "digest", How.NOBODY, "staff"),
    Place("staff_sessions", "token_digest browser network challenge", How.NOBODY, "staff"),
    Place("staff_totps", "sealed", How.NOBODY, "staff"),
    Place("stock_counts", "opened_by closed_by", How.NOBODY, "staff, by id"),
    Place("stripe_outages", "stripe_account reason", How.NOBODY, "the shop's own"),
    Place("tags", "name key", How.NOBODY, "the label's own word for orders"),
    Place("tracks", "side title", How.NOBODY, "the label's own words"),
    Place("vat_rates", "country source", How.NOBODY, "the label's own words"),
    Place("vat_settings", "sentence tax_number invoice_prefix credit_prefix", How.NOBODY, "the label's own words"),
)  # fmt: skip

# What does not lie in the database, for the pages and the documents.
ELSEWHERE: tuple[Place, ...] = (
    Place("backups", "", How.STAYS, "all of the above, as it was", "until they are pruned; put back, everybody is erased again"),
    Place("carriers' files", "", How.NOBODY, "made when they are asked for, and not kept by the shop"),
    Place("tracking files", "", How.NOBODY, "read when they are uploaded, and not kept"),
    Place("logs", "", How.NOBODY, "routes and ids; no address, token or name is written"),
    Place("Stripe", "", How.STAYS, "e-mail, name, address and card, as a payment service has to", "as Stripe says; redacted there"),
)
