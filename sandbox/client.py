"""The controls of a local Stripe, from Python over HTTP, for tests and tools."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import requests

Json = dict[str, Any]

_TIMEOUT = 30


class Control:
    """Talks to ``/_local`` of the local Stripe at ``url``; a refusal raises ``requests.HTTPError``."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}

    # Fans and their banks.

    def pay(self, session: str, card: str = "4242424242424242", **details: Any) -> Json:
        """Pay a session as a fan would, with a card or ``sepa_debit``: ``{outcome, session, payment_intent, error}``."""
        return self._post("pay", {"session": session, "card": card, **details})

    def authenticate(self, session: str, result: str = "complete") -> Json:
        """Answer for the bank: ``complete`` or ``fail``."""
        return self._post("authenticate", {"session": session, "result": result})

    def settle(self, session: str, result: str = "succeed") -> Json:
        """Answer for the bank of a ``sepa_debit``: ``succeed`` or ``fail``."""
        return self._post("settle", {"session": session, "result": result})

    # The dashboard, and what banks do to it.

    def refund(self, payment_intent: str, amount: int | None = None, reason: str | None = None) -> Json:
        """Give money back, the rest or a part: the refund."""
        return self._post("dashboard/refund", _given(payment_intent=payment_intent, amount=amount, reason=reason))

    def end_refund(self, refund: str, result: str = "fail", **reason: str) -> Json:
        """The bank has paid a refund out (``succeed``) or sends it back (``fail``): the refund."""
        return self._post(f"dashboard/refunds/{refund}", {"result": result, **reason})

    def capture(self, payment_intent: str) -> Json:
        """Take authorised money: the intent."""
        return self._post("dashboard/capture", {"payment_intent": payment_intent})

    def cancel(self, payment_intent: str) -> Json:
        """Let authorised money go: the intent."""
        return self._post("dashboard/cancel", {"payment_intent": payment_intent})

    def dispute(self, payment_intent: str, *, reason: str = "fraudulent", amount: int | None = None, inquiry: bool = False) -> Json:
        """The bank takes captured money back, or only asks: the dispute."""
        wanted = _given(payment_intent=payment_intent, reason=reason, amount=amount, inquiry=inquiry)
        return self._post("dashboard/dispute", wanted)

    def end_dispute(self, dispute: str, deed: str) -> Json:
        """``respond``, ``escalate`` (an inquiry), ``win`` or ``lose``: the dispute."""
        return self._post(f"dashboard/disputes/{dispute}", {"deed": deed})

    # Clock, limits and faults.

    def now(self) -> float:
        """The sandbox's time."""
        return float(self._get("clock")["now"])

    def advance(self, seconds: float) -> Json:
        """Move its clock on."""
        return self._post("clock", {"advance": seconds})

    def set_clock(self, instant: float) -> Json:
        """Set its clock."""
        return self._post("clock", {"set": instant})

    def limit(self, each: float = 25, total: float | None = None) -> Json:
        """Take so many calls in a second per endpoint, and in all; 0 for no limit."""
        return self._post("limits", _given(each=each, total=total))

    def fault(self, kind: str, path: str = "/v1/**", method: str = "*", **more: Any) -> Json:
        """Let API calls go wrong: the rule. ``more``: times, probability, seed, skip, seconds, changes, card."""
        return self._post("faults", {"kind": kind, "path": path, "method": method, **more})

    def faults(self) -> list[Json]:
        """The rules, with how many calls they ``met`` and ``struck``."""
        found: list[Json] = self._get("faults")
        return found

    def clear_faults(self, fault: str | None = None) -> int:
        """Forget one rule or all; who hangs is let go."""
        answer = requests.delete(self._url(f"faults/{fault}" if fault else "faults"), headers=self._headers, timeout=_TIMEOUT)
        answer.raise_for_status()
        return int(answer.json()["cleared"])

    # Webhooks.

    def webhooks(self, mode: str, times: int = 2, **more: Any) -> Json:
        """From now on deliver, hold, drop, duplicate, shuffle, delay, forge, stale, early. ``more``: seconds, types,
        probability, seed."""
        return self._post("webhooks", {"mode": mode, "times": times, **more})

    def flush(self) -> int:
        """Send what is held or waits for a retry."""
        return int(self._post("webhooks/flush", {})["sent"])

    def send(self, events: Sequence[str]) -> list[Json]:
        """Send exactly these events, one after the other; returns their deliveries when the last is through."""
        found: list[Json] = self._post("webhooks/flush", {"events": list(events)})["deliveries"]
        return found

    def resend(self, event: str, times: int = 1, **more: Any) -> Json:
        """Send an event again. ``more``: mode, seconds."""
        return self._post("webhooks/resend", {"event": event, "times": times, **more})

    def deliveries(self, **narrow: str) -> list[Json]:
        """The delivery log, by ``event``, ``type`` or ``state``."""
        found: list[Json] = self._get("deliveries", **narrow)
        return found

    def wait_delivered(self, timeout: float = 5.0) -> None:
        """Wait until no delivery is due or under way; TimeoutError when that does not come."""
        wait_for(lambda: self._get("webhooks")["idle"], timeout)

    def wait_sent(self, timeout: float = 10.0) -> None:
        """Wait until nothing is to be sent any more, later tries and delays included; TimeoutError when that does not come."""

        def quiet() -> bool:
            state = self._get("webhooks")
            return bool(state["idle"] and not state["waiting"]["pending"])

        wait_for(quiet, timeout)

    # Looking, and starting again.

    def requests(self, **narrow: str) -> list[Json]:
        """The API's request log, by ``method``, ``path`` or ``fault``."""
        found: list[Json] = self._get("requests", **narrow)
        return found

    def objects(self, kind: str) -> list[Json]:
        """All objects of a kind, such as ``payment_intent``, oldest first: the other side's own record."""
        found: list[Json] = self._get(f"objects/{kind}")
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

    def _url(self, path: str) -> str:
        return f"{self.url}/_local/{path}"

    def _get(self, path: str, /, **params: str) -> Any:
        answer = requests.get(self._url(path), params=params, headers=self._headers, timeout=_TIMEOUT)
        answer.raise_for_status()
        return answer.json()

    def _post(self, path: str, body: Json) -> Json:
        answer = requests.post(self._url(path), json=body, headers=self._headers, timeout=_TIMEOUT)
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


def _given(**values: Any) -> Json:
    return {name: value for name, value in values.items() if value is not None}
