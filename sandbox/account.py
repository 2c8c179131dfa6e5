"""The account itself: who the merchant is, and the balance that its charges and refunds add up to."""

from collections import defaultdict
from typing import Any

from sandbox.box import Sandbox

Json = dict[str, Any]

ACCOUNT_ID = "acct_1LocalStripeSandbox"


def account(box: Sandbox) -> Json:
    """The account object, ready to take cards."""
    merchant, country, currency = box.options.merchant, box.options.country, box.options.currency
    nothing_due: Json = {
        "alternatives": [], "current_deadline": None, "currently_due": [], "disabled_reason": None, "errors": [],
        "eventually_due": [], "past_due": [], "pending_verification": [],
    }  # fmt: skip
    profile: Json = dict.fromkeys(
        (
            "annual_revenue", "estimated_worker_count", "mcc", "minority_owned_business_designation", "product_description",
            "support_address", "support_email", "support_phone", "support_url", "url",
        )
    )  # fmt: skip
    return {
        "id": ACCOUNT_ID, "object": "account", "business_profile": {**profile, "name": merchant}, "business_type": None,
        "capabilities": {"card_payments": "active", "transfers": "active"}, "charges_enabled": True,
        "controller": {"type": "account"}, "country": country, "created": 1577836800, "default_currency": currency,
        "details_submitted": True, "email": "merchant@example.com",
        "external_accounts": {
            "object": "list", "data": [], "has_more": False, "url": f"/v1/accounts/{ACCOUNT_ID}/external_accounts",
        },
        "future_requirements": nothing_due, "metadata": {}, "payouts_enabled": True, "requirements": nothing_due,
        "settings": _settings(merchant), "tos_acceptance": {"date": None, "ip": None, "user_agent": None},
        "type": "standard",
    }  # fmt: skip


def balance(box: Sandbox) -> Json:
    """What has been captured less what went back and what it cost, per currency."""
    sums: dict[str, int] = defaultdict(int, {box.options.currency: 0})
    for moved in box.store.all("balance_transaction"):
        sums[moved["currency"]] += moved["net"]
    return {
        "object": "balance", "livemode": False,
        "available": [{"amount": v, "currency": c, "source_types": {"card": v}} for c, v in sorted(sums.items())],
        "connect_reserved": [{"amount": 0, "currency": c} for c in sorted(sums)],
        "pending": [{"amount": 0, "currency": c, "source_types": {"card": 0}} for c in sorted(sums)],
    }  # fmt: skip


def _settings(merchant: str) -> Json:
    names = ("statement_descriptor", "statement_descriptor_kana", "statement_descriptor_kanji")
    prefixes = ("statement_descriptor_prefix", "statement_descriptor_prefix_kana", "statement_descriptor_prefix_kanji")
    return {
        "bacs_debit_payments": {"display_name": None, "service_user_number": None},
        "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
        "card_issuing": {"tos_acceptance": {"date": None, "ip": None}},
        "card_payments": {"decline_on": {"avs_failure": False, "cvc_failure": False}, **dict.fromkeys(prefixes)},
        "dashboard": {"display_name": merchant, "timezone": "Etc/UTC"},
        "invoices": {"default_account_tax_ids": None, "hosted_payment_method_save": None},
        "payments": dict.fromkeys((*names, *prefixes[1:])),
        "payouts": {
            "debit_negative_balances": True, "schedule": {"delay_days": 2, "interval": "daily"}, "statement_descriptor": None,
        },
        "sepa_debit_payments": {},
    }  # fmt: skip
