"""Those who are played one by one beside the stampede: winners who go on to pay, and somebody at the desk."""

import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random

import requests

from app.kernel.db import transaction
from bench.rig import Shop
from bench.stand import TOTAL, the_label
from faults.desk import EMAIL, PASSWORD, TOKEN, hire, spare_code

GOOD = "4242424242424242"
SESSION = re.compile(r"cs_test_\w+")
EVERY = 0.25  # seconds between two looks at the list of orders
PREPARING = 20.0  # seconds that a payer waits for Stripe's page


def browser() -> requests.Session:
    """A browser that knows nothing yet."""
    found = requests.Session()
    found.trust_env = False
    return found


@dataclass
class Desk:
    """Sam, who looks at the list of orders four times a second while the block lasts; `took` is counted from planned moments."""

    rig: Shop
    took: list[float] = field(default_factory=list)
    wrong: int = 0

    def __enter__(self) -> "Desk":
        self._stop = threading.Event()
        self._browser = sign_in(self.rig)
        self._thread = threading.Thread(target=self._run, name="desk")
        self._thread.start()
        return self

    def __exit__(self, *_fault: object) -> None:
        self._stop.set()
        self._thread.join()
        self._browser.close()

    def _run(self) -> None:
        planned = time.monotonic()
        while not self._stop.is_set():
            try:
                answer = self._browser.get(f"{self.rig.url}/staff/orders", timeout=15, allow_redirects=False)
                self.wrong += answer.status_code != 200
            except requests.RequestException:
                self.wrong += 1
            self.took.append(time.monotonic() - planned)
            planned += EVERY
            self._stop.wait(max(0.0, planned - time.monotonic()))


def sign_in(rig: Shop) -> requests.Session:
    """Sam's browser, signed in at the desk."""
    with transaction(rig.db) as session:
        the_label(session)
    hire(rig)
    found = browser()
    page = found.get(f"{rig.url}/staff/sign-in", timeout=15)
    token = TOKEN.search(page.text)
    form = {"email": EMAIL, "password": PASSWORD, "csrf_token": token[1] if token else ""}
    page = found.post(f"{rig.url}/staff/sign-in", data=form, timeout=15, headers={"Referer": f"{rig.url}/staff/sign-in"})
    token = TOKEN.search(page.text)
    form = {"code": spare_code(rig.db, rig.now()), "csrf_token": token[1] if token else ""}
    found.post(f"{rig.url}/staff/factor", data=form, timeout=15, headers={"Referer": f"{rig.url}/staff/factor"})
    if found.get(f"{rig.url}/staff/orders", timeout=15, allow_redirects=False).status_code != 200:
        raise RuntimeError("Sam cannot sign in at the desk")
    return found


@dataclass
class Payers:
    """Winners who go on to pay at the local Stripe; who walks away is not among them. `thinks` are seconds, from and to."""

    rig: Shop
    random: Random
    most: int
    thinks: tuple[float, float]
    started: int = 0
    paid: list[str] = field(default_factory=list)  # tokens of holds
    faults: list[str] = field(default_factory=list)

    def __enter__(self) -> "Payers":
        self._pool = ThreadPoolExecutor(max(1, self.most), thread_name_prefix="payer")
        return self

    def __exit__(self, *_fault: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def win(self, token: str) -> None:
        """Somebody has a hold: nine of ten go on to pay, as long as there are not enough who do."""
        if self.started < self.most and self.random.random() < 0.9:
            self.started += 1
            self._pool.submit(self._pay, token, self.started, self.random.uniform(*self.thinks))

    def finish(self) -> None:
        """Wait until all who went on have paid."""
        self._pool.shutdown()

    def _pay(self, token: str, number: int, after: float) -> None:
        time.sleep(after)  # to read, and to say where to
        try:
            with browser() as mine:
                session = go_to_pay(mine, self.rig.url, token, f"payer{number}@example.org")
                self.rig.pay(session, GOOD, email=f"payer{number}@example.org", name=f"Payer {number}")
                mine.get(f"{self.rig.url}/holds/{token}/paid", timeout=15, allow_redirects=False)
            self.paid.append(token)
        except (requests.RequestException, LookupError) as fault:
            self.faults.append(f"{type(fault).__name__}: {fault}")


def go_to_pay(mine: requests.Session, url: str, token: str, email: str, wait: Callable[[float], None] = time.sleep) -> str:
    """Fill in the form and press Pay until Stripe's page is there; its session. Raises LookupError when it never is."""
    form = {"email": email, "country": "DE", "shown": str(TOTAL)}
    end = time.monotonic() + PREPARING
    while time.monotonic() < end:
        answer = mine.post(f"{url}/holds/{token}/checkout", data=form, timeout=15, headers={"Accept": "application/json"})
        found = SESSION.search(answer.text) if answer.status_code == 200 else None
        if found:
            return found[0]
        if answer.status_code not in {202, 429, 503}:
            raise LookupError(f"going to pay was answered with {answer.status_code}: {answer.text[:200]}")
        wait(float(answer.headers.get("Retry-After") or 0.5))
    raise LookupError("Stripe's page never came")
