"""One browser at the shop: what it was told, and where it is. It knows nothing else."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.sim.history import hold_of

if TYPE_CHECKING:
    from tests.sim.world import World

JSON = {"Accept": "application/json"}


class Browser:
    """`links` are all the holds that it was ever told of, `hold` the one it is at, `session` Stripe's page that is open."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.links: list[str] = []
        self.hold: str | None = None
        self.session: str | None = None
        self.orders: list[tuple[int, str]] = []  # of which hold, and where its page is

    def told(self, world: "World", answer: TestResponse) -> None:
        """Believe what the shop says is mine."""
        said = answer.get_json()
        if said["token"] != self.hold:
            self.session = None
        self.hold = said["token"]
        self.keep(said["token"])
        world.history.told(said["token"], [(each["run"], each["number"]) for each in said["copies"]], said["expires_at"])

    def keep(self, link: str) -> None:
        """A hold that it will know for ever."""
        if link not in self.links:
            self.links.append(link)

    def forget(self) -> None:
        """Think of no hold any more."""
        self.hold = self.session = None

    def get(self, world: "World", path: str) -> TestResponse:
        """Look at a page. Raises Broken."""
        return self._heard(world.seen(self.client.get(path, headers=JSON)))

    def post(self, world: "World", path: str, form: Mapping[str, object]) -> TestResponse:
        """Send a form. Raises Broken."""
        return self._heard(world.seen(self.client.post(path, data=form, headers=JSON)))

    def _heard(self, answer: TestResponse) -> TestResponse:
        """Who hears that it is over, or sees their order, thinks no more of that hold."""
        said = answer.get_json(silent=True) or {}
        page = said.get("order") or answer.headers.get("Location", "")
        if self.hold is not None and page.startswith("/orders/"):
            self.orders.append((hold_of(self.hold), page))
            self.forget()
        if answer.status_code == 410:
            self.forget()
        return answer


def said_of(answer: TestResponse) -> str:
    """The status, and the code of a refusal."""
    body = answer.get_json(silent=True) or {}
    return f"{answer.status_code} {body.get('code') or body.get('state') or ''}".strip()
