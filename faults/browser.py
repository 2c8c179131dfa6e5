"""A fan's browser without the browser: sends requests, tries again what had no answer, and notes how each ended."""

import threading
from collections.abc import Mapping
from typing import Any

import requests

from faults.history import Deed, History, Outcome, clock

GIVE_UP = 30.0  # seconds without an answer, after which it is unknown
PAUSE, LONGEST_PAUSE = 0.15, 1.0
Form = Mapping[str, str | list[str]]
_JSON = {"Accept": "application/json"}


class Gone(Exception):
    """The shop said a clear no; `status` and `body` are its words."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status} {body.get('code', '')}")
        self.status, self.body = status, body

    @property
    def code(self) -> str:
        """The stable code of the refusal."""
        return str(self.body.get("code", ""))


class Lost(Exception):
    """No answer, however often it was tried."""


DIED = 502  # the front says so when a process died with the request in its hands: nobody knows what became of it


class Browser:
    """One person with one cookie. `patience` is how long a request is repeated while there is no answer or a 'come back'.

    Once `closing` is set nothing is repeated any more.
    """

    def __init__(
        self, url: str, who: str, history: History, *, cookie: tuple[str, str] | None = None, patience: float = 30,
        closing: threading.Event | None = None,
    ) -> None:  # fmt: skip
        self.url, self.who, self.history, self.patience = url, who, history, patience
        self._closing = closing or threading.Event()
        self._session = requests.Session()
        self._session.trust_env = False
        if cookie is not None:
            self._session.cookies.set(*cookie)

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_fault: object) -> None:
        self._session.close()

    def ask(self, what: str, method: str, path: str, data: Form | None = None) -> requests.Response:
        """The answer to a request, sent again until there is one. Raises Gone for a clear no, Lost when there never is one."""
        end = clock() + self.patience
        while True:
            answer = self.once(what, method, path, data)
            if answer is not None and answer.status_code < 400:
                return answer
            if answer is not None and answer.status_code not in {429, 503}:
                raise Gone(answer.status_code, _body(answer))
            wait = PAUSE if answer is None else min(LONGEST_PAUSE, float(answer.headers.get("Retry-After") or PAUSE))
            if clock() + wait > end or self._closing.wait(wait):
                raise Lost(what) if answer is None else Gone(answer.status_code, _body(answer))

    def once(self, what: str, method: str, path: str, data: Form | None = None) -> requests.Response | None:
        """One try; None when there was no answer."""
        sent = clock()
        try:
            answer = self._session.request(
                method, self.url + path, data=data, headers=_JSON, timeout=(3, GIVE_UP), allow_redirects=False
            )
        except requests.RequestException as fault:
            self._note(what, Outcome.UNKNOWN, None, sent, type(fault).__name__)
            return None
        if answer.status_code == DIED:
            self._note(what, Outcome.UNKNOWN, None, sent, "died with it in hand")
            return None
        good = answer.status_code < 400
        words = "" if good else answer.text[:300]
        if answer.status_code in {429, 503} and not answer.headers.get("Retry-After"):
            words = f"no Retry-After: {words}"
        self._note(what, Outcome.OK if good else Outcome.REFUSED, answer.status_code, sent, words)
        return answer

    def _note(self, what: str, outcome: Outcome, status: int | None, sent: float, words: str) -> None:
        self.history.note(Deed(self.who, what, outcome, status, sent, clock() - sent, words))


def _body(answer: requests.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
