"""Staff at their desk: they pause, withdraw, pack and ship, give money back and decide about copies, as their pages let them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from werkzeug.test import TestResponse

from app.accounts.roles import Role
from app.kernel.db import Database
from tests.staff.seat import Seat, make_staff, sit_down

if TYPE_CHECKING:
    from tests.sim.world import World


@dataclass(frozen=True)
class Act:
    """What is done to one of the rows that `which` finds, how often, and what the form says."""

    often: float
    which: str
    path: str
    form: Mapping[str, str] = field(default_factory=dict)


_DROPS, _COPIES, _ORDERS = (f"SELECT id FROM {table} ORDER BY id" for table in ("drops", "copies", "orders"))
_PLACED = """SELECT o.id FROM orders o JOIN parcels p ON p.order_id = o.id
    WHERE o.state = 'placed' AND p.state IN ({}) ORDER BY o.id"""
_REFUNDS = "SELECT id FROM refunds WHERE state IN ({}) ORDER BY id"
_UNDECIDED = """SELECT DISTINCT r.order_id FROM refunds r JOIN refund_parts p ON p.refund_id = r.id
    WHERE p.fate = 'undecided' ORDER BY 1"""
_SHARED = """SELECT p.order_id FROM parcels p WHERE p.state = 'open'
    AND EXISTS (SELECT 1 FROM joined_parcels j WHERE p.id IN (j.parcel_id, j.into_id)) ORDER BY 1"""
_FELL_THROUGH = _REFUNDS.format("'failed', 'cancelled'")
ACTS = {
    "pause": Act(1, _DROPS, "/staff/drops/{}/pause", {"reason": "A moment, please."}),
    "resume": Act(4, "SELECT id FROM drops WHERE paused_at IS NOT NULL ORDER BY id", "/staff/drops/{}/resume"),
    "close": Act(0.2, _DROPS, "/staff/drops/{}/close", {"reason": "Enough for today."}),
    "withdraw": Act(1, _COPIES, "/staff/copies/{}/withdraw", {"reason": "damaged", "words": ""}),
    "put back": Act(
        2, "SELECT id FROM copies WHERE state = 'withdrawn' ORDER BY id", "/staff/copies/{}/put-back", {"words": "found again"}
    ),
    "pack": Act(4, _PLACED.format("'open', 'locked'"), "/staff/orders/{}/pack"),
    "unpack": Act(1, _PLACED.format("'packed'"), "/staff/orders/{}/unpack"),
    "ship": Act(3, _PLACED.format("'open', 'packed'"), "/staff/orders/{}/ship", {"carrier": "DHL", "tracking": "0034"}),
    "apart": Act(1, _SHARED, "/staff/orders/{}/apart"),
    "join": Act(1, _PLACED.format("'open'"), "/staff/orders/{}/join"),
    "correct": Act(1, _ORDERS, "/staff/orders/{}/email", {"email": "right@example.org"}),
    "mail again": Act(1, _ORDERS, "/staff/orders/{}/confirm-again"),
    "give back": Act(3, _ORDERS, "/staff/orders/{}/refund", {"reason": "as agreed", "amount": "5.00", "with_postage": "1"}),
    "cancel": Act(1, _ORDERS, "/staff/orders/{}/cancel", {"reason": "as agreed"}),
    "decide": Act(2, _UNDECIDED, "/staff/orders/{}/copies"),
    "say yes": Act(2, _REFUNDS.format("'proposed'"), "/staff/refunds/{}/confirm"),
    "say no": Act(0.5, _REFUNDS.format("'proposed'"), "/staff/refunds/{}/decline"),
    "repeat": Act(1, _FELL_THROUGH, "/staff/refunds/{}/repeat"),
    "pay otherwise": Act(1, _FELL_THROUGH, "/staff/refunds/{}/paid-otherwise", {"how": "by bank transfer"}),
}
_OF_ORDER = """SELECT p.state = 'sent', o.hold_id FROM orders o JOIN parcels p ON p.order_id = o.id WHERE o.id = :id"""
_OWNED = "SELECT c.id FROM copies c JOIN order_lines l ON l.id = c.order_line_id WHERE l.order_id = :id ORDER BY c.id"


class Desk:
    """Two owners of the labels; what they do, they do to something that they see on their pages."""

    def __init__(self, db: Database, labels: Sequence[int]) -> None:
        self.staff = [make_staff(db, name, dict.fromkeys(labels, Role.OWNER)) for name in ("Olga", "Otto")]

    def act(self, world: "World", dice: Random) -> str:
        """One of them does one thing of those that can be done."""
        able = {name: rows for name, act in ACTS.items() if (rows := world.rows(act.which))}
        [name] = dice.choices(list(able), [ACTS[name].often for name in able])
        act, staff, [id_] = ACTS[name], dice.choice(self.staff), dice.choice(able[name])
        form = dict(act.form)
        if name == "join":
            form |= {"other": str(dice.choice(able[name])[0])}
        if name in {"give back", "cancel", "decide"}:
            form |= self._about_copies(world, id_, dice)
        if name == "give back":
            form |= self._comes_to(world, staff, id_, form)
        return f"desk {name} {self._post(world, staff, act.path.format(id_), form)}"

    def retry(self, world: "World", job: int) -> str:
        """Try a job again that was given up."""
        return self._post(world, self.staff[0], f"/staff/outbox/{job}/retry", {})

    def resume_all(self, world: "World") -> None:
        """Open every paused drop again."""
        for (drop,) in world.rows(ACTS["resume"].which):
            self._post(world, self.staff[0], f"/staff/drops/{drop}/resume", {})

    def _about_copies(self, world: "World", order: int, dice: Random) -> dict[str, str]:
        """What goes back, and what becomes of each copy; the fan may not have some of them any more."""
        [(sent, hold)] = world.rows(_OF_ORDER, id=order)
        world.history.lets_go(hold)
        copies = [copy for (copy,) in world.rows(_OWNED, id=order)]
        fates = {f"fate-{copy}": dice.choice(("put_back", "put_back", "withdrawn", "kept")) for copy in copies}
        ticked = {f"copy-{copy}": "1" for copy in copies if dice.random() < 0.7}
        what = dice.choice(("whole", "parts", "amount"))
        return {"what": what, "sent": str(int(sent)), "words": "crushed", **fates, **ticked}

    def _comes_to(self, world: "World", staff: int, order: int, form: dict[str, str]) -> dict[str, str]:
        """The sum that the page before the deed shows; none when it refuses."""
        seat = self._sit(world, staff)
        page = world.seen(seat.post(f"/staff/orders/{order}/refund/check", form)).get_data(as_text=True)
        shown = re.search(r'name="shown" value="(\d+)"', page)
        return {"shown": shown[1]} if shown else {}

    def post(self, world: "World", dice: Random, path: str, form: Mapping[str, str]) -> TestResponse:
        """One of them sends a form."""
        return world.seen(self._sit(world, dice.choice(self.staff)).post(path, dict(form)))

    def _post(self, world: "World", staff: int, path: str, form: Mapping[str, str]) -> str:
        return f"{path} {world.seen(self._sit(world, staff).post(path, dict(form))).status_code}"

    def _sit(self, world: "World", staff: int) -> Seat:
        return sit_down(world.app, world.db, staff, world.clock.now())
