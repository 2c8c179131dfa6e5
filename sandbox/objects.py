"""Blank API objects with every key that Stripe sends, so that what is filled in elsewhere reads short."""

from typing import Any

Json = dict[str, Any]


def session() -> Json:
    """A Checkout Session in payment mode."""
    return {
        "id": "", "object": "checkout.session", "adaptive_pricing": {"enabled": False}, "after_expiration": None,
        "allow_promotion_codes": None, "allowed_payment_method_types": None, "amount_subtotal": None, "amount_total": None,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": None, "branding_settings": None, "cancel_url": None, "client_reference_id": None,
        "client_secret": None, "collected_information": None, "consent": None, "consent_collection": None, "created": 0,
        "currency": None, "currency_conversion": None, "custom_fields": [],
        "custom_text": {
            "after_submit": None, "shipping_address": None, "submit": None, "terms_of_service_acceptance": None,
        },
        "customer": None, "customer_account": None, "customer_creation": "if_required", "customer_details": None,
        "customer_email": None, "discounts": [], "excluded_payment_method_types": None, "expires_at": 0,
        "integration_identifier": None, "invoice": None,
        "invoice_creation": {
            "enabled": False,
            "invoice_data": {
                "account_tax_ids": None, "custom_fields": None, "description": None, "footer": None, "issuer": None,
                "metadata": {}, "rendering_options": None,
            },
        },
        "livemode": False, "locale": None, "managed_payments": None, "metadata": {}, "mode": "payment",
        "name_collection": None, "optional_items": None, "origin_context": None, "payment_intent": None,
        "payment_link": None, "payment_method_collection": "if_required", "payment_method_configuration_details": None,
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}}, "payment_method_types": ["card"],
        "payment_status": "unpaid", "permissions": None, "phone_number_collection": {"enabled": False},
        "presentment_details": None, "recovered_from": None, "redirect_on_completion": None, "return_url": None,
        "saved_payment_method_options": None, "setup_intent": None, "shipping_address_collection": None,
        "shipping_cost": None, "shipping_options": [], "status": "open", "submit_type": None, "subscription": None,
        "success_url": None, "tax_id_collection": None, "total_details": {
            "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0,
        },
        "ui_mode": "hosted_page", "url": None, "wallet_options": None,
    }  # fmt: skip


def intent() -> Json:
    """A PaymentIntent that waits for a payment method."""
    return {
        "id": "", "object": "payment_intent", "allowed_payment_method_types": None, "amount": 0, "amount_capturable": 0,
        "amount_details": {"tip": {}}, "amount_received": 0, "application": None, "application_fee_amount": None,
        "automatic_payment_methods": None, "canceled_at": None, "cancellation_reason": None,
        "capture_method": "automatic_async", "client_secret": None, "confirmation_method": "automatic", "created": 0,
        "currency": "", "customer": None, "customer_account": None, "description": None,
        "excluded_payment_method_types": None, "last_payment_error": None, "latest_charge": None, "livemode": False,
        "managed_payments": None, "metadata": {}, "next_action": None, "on_behalf_of": None, "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {"installments": None, "mandate_options": None, "network": None, "request_three_d_secure": "automatic"},
        },
        "payment_method_types": ["card"], "processing": None, "receipt_email": None, "review": None,
        "setup_future_usage": None, "shipping": None, "source": None, "statement_descriptor": None,
        "statement_descriptor_suffix": None, "status": "requires_payment_method", "transfer_data": None,
        "transfer_group": None,
    }  # fmt: skip


def charge() -> Json:
    """A charge that has neither succeeded nor failed."""
    return {
        "id": "", "object": "charge", "amount": 0, "amount_captured": 0, "amount_refunded": 0, "application": None,
        "application_fee": None, "application_fee_amount": None, "balance_transaction": None, "billing_details": None,
        "calculated_statement_descriptor": None, "captured": False, "created": 0, "currency": "", "customer": None,
        "description": None, "disputed": False, "failure_balance_transaction": None, "failure_code": None,
        "failure_message": None, "fraud_details": {}, "livemode": False, "metadata": {}, "on_behalf_of": None,
        "outcome": None, "paid": False, "payment_intent": None, "payment_method": None, "payment_method_details": None,
        "receipt_email": None, "receipt_number": None, "receipt_url": None, "refunded": False, "refunds": None,
        "review": None, "shipping": None, "source": None, "source_transfer": None, "statement_descriptor": None,
        "statement_descriptor_suffix": None, "status": "pending", "transfer_data": None, "transfer_group": None,
    }  # fmt: skip


def refund() -> Json:
    """A refund to a card."""
    return {
        "id": "", "object": "refund", "amount": 0, "balance_transaction": None, "charge": None, "created": 0, "currency": "",
        "customer": None, "customer_account": None,
        "destination_details": {
            "card": {
                "reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund",
            },
            "type": "card",
        },
        "metadata": {}, "payment_intent": None, "payment_method": None, "reason": None, "receipt_number": None,
        "source_transfer_reversal": None, "status": "succeeded", "transfer_reversal": None,
    }  # fmt: skip


def dispute() -> Json:
    """A dispute about a card payment that nobody has answered."""
    evidence = (
        "access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure",
        "cancellation_rebuttal", "customer_communication", "customer_email_address", "customer_name",
        "customer_purchase_ip", "customer_signature", "duplicate_charge_documentation", "duplicate_charge_explanation",
        "duplicate_charge_id", "product_description", "receipt", "refund_policy", "refund_policy_disclosure",
        "refund_refusal_explanation", "service_date", "service_documentation", "shipping_address", "shipping_carrier",
        "shipping_date", "shipping_documentation", "shipping_tracking_number", "uncategorized_file", "uncategorized_text",
    )  # fmt: skip
    return {
        "id": "", "object": "dispute", "amount": 0, "balance_transactions": [], "charge": "", "created": 0, "currency": "",
        "enhanced_eligibility_types": [], "evidence": {**dict.fromkeys(evidence), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": None, "enhanced_eligibility": {}, "has_evidence": False, "past_due": False, "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": False, "livemode": False, "metadata": {}, "payment_intent": None,
        "payment_method_details": {"card": {}, "type": "card"}, "reason": "general", "status": "needs_response",
    }  # fmt: skip


def line_item() -> Json:
    """A line of a session, with its inline price."""
    return {
        "id": "", "object": "item", "adjustable_quantity": None, "amount_discount": 0, "amount_subtotal": 0, "amount_tax": 0,
        "amount_total": 0, "currency": "", "description": "", "metadata": {}, "quantity": 1,
        "price": {
            "id": "", "object": "price", "active": False, "billing_scheme": "per_unit", "created": 0, "currency": "",
            "custom_unit_amount": None, "livemode": False, "lookup_key": None, "metadata": {}, "nickname": None,
            "product": "", "recurring": None, "tax_behavior": "unspecified", "tiers_mode": None, "transform_quantity": None,
            "type": "one_time", "unit_amount": 0, "unit_amount_decimal": "0",
        },
    }  # fmt: skip


def shipping_rate() -> Json:
    """A shipping rate made inline with its session."""
    return {
        "id": "", "object": "shipping_rate", "active": False, "created": 0, "delivery_estimate": None, "display_name": None,
        "fixed_amount": {"amount": 0, "currency": ""}, "livemode": False, "metadata": {}, "tax_behavior": "unspecified",
        "tax_code": None, "type": "fixed_amount",
    }  # fmt: skip


def balance_transaction() -> Json:
    """A movement of the account's balance."""
    return {
        "id": "", "object": "balance_transaction", "amount": 0, "available_on": 0, "balance_type": "payments", "created": 0,
        "currency": "", "description": None, "exchange_rate": None, "fee": 0, "fee_details": [], "net": 0,
        "reporting_category": "charge", "source": None, "status": "pending", "type": "charge",
    }  # fmt: skip


def address() -> Json:
    """A postal address with nothing in it."""
    return {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None}
