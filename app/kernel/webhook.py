"""Tells something to an address of the operator: one JSON object by POST, under a key that stays the same however often tried."""

from typing import Any

import requests

_TIMEOUT = (5, 10)  # seconds to connect and to answer


class WebhookTrouble(Exception):
    """It was not accepted; `final` when trying again cannot help. Never names the address, which is as good as a password."""

    def __init__(self, message: str, *, final: bool) -> None:
        super().__init__(message)
        self.final = final


def post(url: str, key: str, body: dict[str, Any]) -> None:
    """Hand `body` over; WebhookTrouble unless it was accepted."""
    headers = {"Idempotency-Key": key, "User-Agent": "Runout"}
    try:
        answer = requests.post(url, json=body, headers=headers, timeout=_TIMEOUT, allow_redirects=False)
    except requests.RequestException as fault:
        raise WebhookTrouble(f"the webhook's address does not answer: {type(fault).__name__}", final=False) from None
    if answer.ok and not answer.is_redirect:
        return
    final = answer.status_code < 500 and answer.status_code not in {408, 425, 429}
    raise WebhookTrouble(f"the webhook's address answered {answer.status_code}", final=final)
