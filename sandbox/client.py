"""The controls of a local Stripe, from Python over HTTP, for tests and tools."""

import time
from collections.abc import Callable
from typing import Any

import requests

Json = dict[str, Any]

_TIMEOUT = 10


class Control:
    """Talks to ``/_local`` of the local Stripe at ``url``; a refusal raises ``requests.HTTPError``."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}

    def pay(self, session: str, card: str = "4242424242424242", **details: Any) -> Json:
        """Pay a session as a fan would: ``{outcome, session, payment_intent, error}``."""
        return self._post("pay", {"session": session, "card": card, **details})

    def authenticate(self, session: str, result: str = "complete") -> Json:
        """Answer for the bank: ``complete`` or ``fail``."""
        return self._post("authenticate", {"session": session, "result": result})

    def now(self) -> float:
        """The sandbox's time."""
        return float(self._get("clock")["now"])

    def advance(self, seconds: float) -> Json:
        """Move its clock on."""
        return self._post("clock", {"advance": seconds})

    def set_clock(self, instant: float) -> Json:
        """Set its clock."""
        return self._post("clock", {"set": instant})

    def webhooks(self, mode: str, times: int = 2) -> Json:
        """Deliver, hold, drop or duplicate events from now on."""
        return self._post("webhooks", {"mode": mode, "times": times})

    def flush(self) -> int:
        """Send what is held or waits for a retry."""
        return int(self._post("webhooks/flush", {})["sent"])

    def resend(self, event: str, times: int = 1) -> Json:
        """Send an event again."""
        return self._post("webhooks/resend", {"event": event, "times": times})

    def deliveries(self, **narrow: str) -> list[Json]:
        """The delivery log, by ``event``, ``type`` or ``state``."""
        found: list[Json] = self._get("deliveries", **narrow)
        return found

    def wait_delivered(self, timeout: float = 5.0) -> None:
        """Wait until no delivery is due or under way; TimeoutError when that does not come."""
        wait_for(lambda: self._get("webhooks")["idle"], timeout)

    def requests(self, **narrow: str) -> list[Json]:
        """The API's request log, by ``method`` or ``path``."""
        found: list[Json] = self._get("requests", **narrow)
        return found

    def mail(self, **narrow: str) -> list[Json]:
        """Caught letters, oldest first, by ``to`` or ``subject``."""
        answer = requests.get(f"{self.url}/mail.json", params=narrow, timeout=_TIMEOUT)
        answer.raise_for_status()
        found: list[Json] = answer.json()
        return found

    def reset(self, *, mail: bool = True) -> None:
        """Forget everything."""
        self._post("reset", {"mail": mail})

    def _get(self, path: str, /, **params: str) -> Any:
        answer = requests.get(f"{self.url}/_local/{path}", params=params, headers=self._headers, timeout=_TIMEOUT)
        answer.raise_for_status()
        return answer.json()

    def _post(self, path: str, body: Json) -> Json:
        answer = requests.post(f"{self.url}/_local/{path}", json=body, headers=self._headers, timeout=_TIMEOUT)
        answer.raise_for_status()
        found: Json = answer.json()
        return found


def wait_for(true: Callable[[], Any], timeout: float) -> None:
    """Look every 10 ms until ``true()``; TimeoutError when it does not become so."""
    end = time.monotonic() + timeout
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {timeout} s")
        time.sleep(0.01)
