"""The account's webhook endpoints: the one address that this Stripe tells what happens, as the real one lists it."""

from typing import Any

from sandbox.box import API_VERSION, Sandbox

Json = dict[str, Any]


def listed(box: Sandbox, _params: Json) -> list[Json]:
    """One endpoint, or none where nobody is told anything. Its secret is never said again, as at Stripe."""
    if not box.options.webhook:
        return []
    return [
        {
            "id": "we_1LocalStripeSandbox", "object": "webhook_endpoint", "api_version": API_VERSION, "application": None,
            "created": 1577836800, "description": None, "enabled_events": sorted(box.options.enabled_events), "livemode": False,
            "metadata": {}, "status": "enabled", "url": box.options.webhook,
        }
    ]  # fmt: skip
