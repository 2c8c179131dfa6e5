"""What must be true once everybody has gone and all is done: our books are Stripe's, the mail server's and what fans were told."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from app.checkout.reconcile import reconcile
from app.invariants import offenders
from app.kernel.db import reading
from sandbox.tidy import tidy
from tests.cast import NOW, SHOP
from tests.sim.truths import Broken

if TYPE_CHECKING:
    from tests.sim.world import World

LET_GO = {"cancelled", "refused"}  # orders whose copies may be somebody else's by now
# What Stripe calls the state of a refund, as far as it knows of it.
_THEIR_WORD = "CASE WHEN state IN ('pending', 'succeeded') THEN state ELSE 'failed' END"
# A captured payment of an order that does not stand, or of none, and what of it neither went back nor was asked back by a bank.
_KEPT_FOR_NOTHING = """SELECT p.id, p.amount FROM payments p LEFT JOIN orders o ON o.id = p.order_id
    WHERE p.state = 'captured' AND (o.id IS NULL OR o.state = 'cancelled')
    AND NOT EXISTS (SELECT 1 FROM refunds r WHERE r.payment_id = p.id AND r.state IN ('failed', 'cancelled', 'proposed'))
    AND NOT EXISTS (SELECT 1 FROM disputes d WHERE d.payment_id = p.id)
    AND p.amount > (SELECT COALESCE(SUM(r.amount), 0) FROM refunds r
        WHERE r.payment_id = p.id AND r.state IN ('succeeded', 'paid_otherwise'))"""


def check_quiet(world: "World") -> None:
    """Look at everything. Raises Broken."""
    if left := world.watch.left():
        raise Broken(f"left_over: {left[:5]} a long time after everybody went")
    with reading(world.db) as session:
        broken = [(each.id, rows) for each, rows in offenders(session, world.clock.now())]
    if broken:
        raise Broken(f"{broken[0][0]}: at the end, {broken}")
    for wrong in (*_money(world), *_money_back(world), *_reconciled(world), *_mails(world), *_copies(world)):
        raise Broken(wrong)


def _money(world: "World") -> Iterator[str]:
    """What Stripe captured is what we captured; every fan who paid has an order, or was let go, or has the money back."""
    tidy(world.box)
    intents = world.box.store.all("payment_intent")
    theirs = {each["id"]: each["amount_received"] for each in intents if each["status"] == "succeeded"}
    ours = dict(world.rows("SELECT intent_id, amount FROM payments WHERE state = 'captured'"))
    if theirs != ours:
        yield f"captured_there_is_captured_here: Stripe has {theirs}, we have {ours}"
    if waiting := [each["id"] for each in intents if each["status"] == "requires_capture"]:
        yield f"authorised_and_forgotten: {waiting}"
    if payable := [each["id"] for each in world.box.store.all("checkout.session") if each["status"] == "open"]:
        yield f"payable_for_nothing: {payable}"
    if kept := world.rows(_KEPT_FOR_NOTHING):
        yield f"kept_for_nothing: {kept}"


def _money_back(world: "World") -> Iterator[str]:
    """Each refund and each dispute stands in both books, and none was made twice."""
    refunds, disputes = world.box.store.all("refund"), world.box.store.all("dispute")
    theirs = {(each["id"], each["amount"], each["status"]) for each in refunds}
    ours = set(world.rows(f"SELECT stripe_id, amount, {_THEIR_WORD} FROM refunds WHERE stripe_id IS NOT NULL"))
    if theirs != ours:
        yield f"refunds_there_are_refunds_here: Stripe alone has {theirs - ours}, we alone have {ours - theirs}"
    keys = Counter(each["metadata"]["key"] for each in refunds if each["metadata"])
    if twice := [key for key, times in keys.items() if times > 1]:
        yield f"refunded_once: {twice}"
    disputed = set(world.rows("SELECT stripe_id, state FROM disputes"))
    if disputed != {(each["id"], each["status"]) for each in disputes}:
        yield f"disputes_there_are_disputes_here: {disputed}, but Stripe has {[each['id'] for each in disputes]}"


def _reconciled(world: "World") -> Iterator[str]:
    """The shop's own comparison with Stripe agrees."""
    found = reconcile(world.db, world.house.gateway, world.clock, SHOP, NOW - timedelta(days=1), world.clock.now())
    if found.left:
        yield f"reconciled: {[(each.kind.value, each.about, each.what) for each in found.left]}"


def _mails(world: "World") -> Iterator[str]:
    """One confirmation per order, repeated at most as often as a connection or a process broke."""
    mails = world.postbox.taken
    orders = [id_ for (id_,) in world.rows("SELECT id FROM orders WHERE state = 'placed'")]
    mailed = {f"<mail.confirmed.{id_}@{SHOP}>" for id_ in orders}
    if missing := sorted(mailed - set(mails)):
        yield f"confirmed_by_mail: {missing} never came"
    repeated = sum(mails.values()) - len(mails)
    if repeated > world.postbox.cut_off + world.crashes:
        yield f"mailed_once: {repeated} repeated, after {world.postbox.cut_off} cuts and {world.crashes} crashes: {dict(mails)}"


def _copies(world: "World") -> Iterator[str]:
    """Every hold that was acknowledged is there, and no copy stands in two orders, as their pages say."""
    sold: dict[tuple[str, int], str] = {}
    for fan in world.fans:
        for link in fan.links:
            answer = world.seen(fan.client.get(f"/holds/{link}", headers={"Accept": "application/json"}))
            if answer.status_code == 404:
                yield f"acknowledged_and_lost: {link}"
            if answer.status_code != 303:
                continue
            order = fan.client.get(answer.headers["Location"], headers={"Accept": "application/json"}).get_json()
            for copy in [(each["run"], each["number"]) for each in order["copies"] if order["state"] not in LET_GO]:
                if sold.setdefault(copy, link) != link:
                    yield f"sold_twice: {copy} to {sold[copy]} and {link}"
