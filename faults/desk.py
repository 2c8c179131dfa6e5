"""Sam at the desk during a drop: takes a free copy off sale and puts it back, again and again, so that staff and fans meet."""

import re
import threading
from datetime import datetime

from sqlalchemy import select, text

from app.accounts import people, recovery
from app.accounts.models import Staff, StaffTotp
from app.accounts.roles import Role
from app.catalogue.models import Label
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import Unavailable
from faults.browser import Browser, Gone, Lost
from faults.history import History
from faults.rig import Rig

EMAIL, PASSWORD = "sam@tinsel.example", "Sam's own password for tests"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
PAUSE = 0.4  # seconds between two deeds
# A copy that is free in the drop that opened last, where the fans are.
FREE = "SELECT c.id FROM copies c WHERE c.state = 'available' ORDER BY c.run_id DESC, c.number DESC LIMIT 1"


class Sam:
    """A member of staff with a browser, in a thread of their own while the block lasts."""

    def __init__(self, rig: Rig, history: History) -> None:
        self._db, self._now, self._history = rig.db, rig.now, history
        self._browser = Browser(rig.url, "sam", history, patience=10)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sam")
        self._token = ""
        hire(rig)

    def __enter__(self) -> "Sam":
        self._thread.start()
        return self

    def __exit__(self, *_fault: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        with self._browser:
            while not self._stop.wait(PAUSE):
                try:
                    self._work()
                except (Gone, Lost, Unavailable):  # somebody else was faster, or the shop is away just now
                    self._token = ""

    def _work(self) -> None:
        if not self._token:
            self._sign_in()
        copy = _free(self._db)
        if copy is None:
            return
        self._do("copy.withdrawn", copy, f"/staff/copies/{copy}/withdraw", {"reason": "damaged"})
        self._do("copy.put_back", copy, f"/staff/copies/{copy}/put-back", {"words": "it was another one"})

    def _sign_in(self) -> None:
        page = self._browser.ask("sign-in page", "GET", "/staff/sign-in")
        found = TOKEN.search(page.text)
        if found:
            form = {"email": EMAIL, "password": PASSWORD, "csrf_token": found[1]}
            self._browser.ask("sign in", "POST", "/staff/sign-in", form)
        page = self._browser.ask("second factor page", "GET", "/staff/factor")
        if found := TOKEN.search(page.text):
            form = {"code": spare_code(self._db, self._now()), "csrf_token": found[1]}
            self._browser.ask("second factor", "POST", "/staff/factor", form)
        page = self._browser.ask("desk", "GET", "/staff/orders")
        found = TOKEN.search(page.text)
        if found is None:
            raise Lost("the desk")
        self._token = found[1]

    def _do(self, deed: str, copy: int, path: str, form: dict[str, str]) -> None:
        """One deed; it is done when the answer leads to the copy, and not to the sign-in page."""
        answer = self._browser.ask(deed, "POST", path, {**form, "csrf_token": self._token})
        if not answer.headers.get("Location", "").endswith(f"/staff/copies/{copy}"):
            raise Lost(deed)
        self._history.staff[deed, copy] += 1


def hire(rig: Rig) -> None:
    """Make the account, unless it is there already."""
    with transaction(rig.db) as session:
        label = session.scalars(select(Label)).one()
        if session.scalar(select(Staff.id).where(Staff.email == EMAIL)) is None:
            person = people.add(session, EMAIL, "Sam", PASSWORD, rig.now())
            people.set_role(session, person.id, label.id, Role.OWNER)
            session.add(StaffTotp(staff_id=person.id, sealed="an app that nobody has", step=0, confirmed_at=rig.now()))


def spare_code(db: Database, now: datetime) -> str:
    """A recovery code of Sam's, made just now: it stands in for the second factor once."""
    with transaction(db) as session:
        sam = session.scalars(select(Staff.id).where(Staff.email == EMAIL)).one()
        return recovery.renew(session, sam, now)[0]


def _free(db: Database) -> int | None:
    with reading(db) as session:
        found = session.scalar(text(FREE))
        return None if found is None else int(found)
