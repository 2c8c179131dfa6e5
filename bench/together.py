"""What two machines count together, and what the death of one costs."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import select

from app.catalogue.media import keep_image
from app.inventory.models import Hold
from app.kernel.db import reading, transaction
from app.payments.models import CheckoutAttempt
from bench.asking import ask
from bench.fans import Ask, Fans
from bench.machines import Door, Second, at_once
from bench.nginx import Nginx
from bench.orders import KEEP, taken, until
from bench.report import Row, at_least, at_most, none_of
from bench.rig import POSTGRES, Shop
from bench.run import server_of, shop_of
from bench.say import say
from bench.stand import TOTAL, Stall, make_stall, post, the_label
from bench.twins import Stampede
from faults.fan import USUAL
from faults.history import History, Outcome
from faults.judge import judge
from faults.load import Load
from faults.market import open_market
from faults.quiet import settle_down
from tests.catalogue.files import picture

IN_LINE, A_SECOND = 80, 20  # who go to pay at one moment, and how many the line lets through
SEARCHES = 30  # an hour from one network, as app/shop/order_links.py has it
BEFORE, AFTER = 25, 40  # stories played to their end before one machine dies, and after it
THREADS, PATIENCE = 8, 10.0  # fans at once; seconds for which one tries again
SOON = 10.0  # seconds without any success that the death of a machine may cost


def two_machines(home: Path, fans: Fans, seed: str) -> list[Row]:
    """Everything that is tried with two."""
    history = History()
    with ExitStack() as stack:
        server = stack.enter_context(server_of(POSTGRES))
        first = stack.enter_context(shop_of(home, POSTGRES, server, "first", processes=1, clocked=True))
        second = stack.enter_context(Second(first, home / "second"))
        machines = (first, second)
        rows = [Stampede(machines, fans, seed, history).row(), line(machines, fans), searches(machines), media(machines)]
        with Nginx(home / "both", [int(each.port) for each in machines]) as nginx:
            rows.append(death(Door(nginx, first), history, seed))
        return [*rows, judged(first, history)]


def line(machines: Sequence[Shop], fans: Fans) -> Row:
    """Many go to pay at one moment, half at each machine; Stripe is asked no faster than one machine alone would."""
    say(f"two machines: {IN_LINE} go to pay at one moment")
    first = machines[0]
    stall = make_stall(first.db, first.now(), IN_LINE)
    tokens = taken(first, fans, stall, IN_LINE)
    plans = [
        [Ask(0, n, _to_pay(machine, token, n), KEEP, 3) for n, token in enumerate(tokens) if n % len(machines) == m]
        for m, machine in enumerate(machines)
    ]
    came = at_once(fans, [int(each.port) for each in machines], plans)
    sent = _sent(first, stall)
    row = Row("two machines: the line to the payment page", POSTGRES, figures={"in line": len(sent)})
    row.gates = [
        at_least("s until all were sent on", (max(sent) - min(sent)), IN_LINE / A_SECOND - 1),
        none_of("wrong answers", sum(answer.status not in {200, 202} for each in came for answer in each)),
    ]
    return row


def _to_pay(machine: Shop, token: str, who: int) -> bytes:
    form = {"email": f"line{who}@example.org", "country": "DE", "shown": str(TOTAL)}
    return post(machine.host, f"/holds/{token}/checkout", form, who * 256, json=True)


def _sent(rig: Shop, stall: Stall) -> list[float]:
    """When Stripe was asked for the sessions, once it was for all."""
    wanted = select(CheckoutAttempt.sent_at).join(Hold, Hold.id == CheckoutAttempt.hold_id)

    def found() -> list[float]:
        with reading(rig.db) as session:
            rows = session.scalars(wanted.where(Hold.drop_id == stall.drop_id, CheckoutAttempt.session_id.is_not(None)))
            return [at.timestamp() for at in rows if at]

    until(lambda: len(found()), IN_LINE, "sessions at Stripe")
    return found()


def searches(machines: Sequence[Shop]) -> Row:
    """One network asks for lost links at both machines in turn."""

    def search(n: int) -> int:
        claims = {"X-Forwarded-For": "10.77.0.1", "Accept": "application/json"}
        form = {"email": f"nobody{n}@example.org"}
        return ask(machines[n % len(machines)].port, "/orders/find", claims, form=form).status

    found = [search(n) for n in range(SEARCHES + 6)]
    row = Row("two machines: searches from one network", POSTGRES)
    row.gates = [none_of("let through too many or too few", abs(found.count(200) - SEARCHES) + abs(found.count(429) - 6))]
    return row


def media(machines: Sequence[Shop]) -> Row:
    """A picture that came in at one machine is shown by both."""
    first = machines[0]
    with transaction(first.db) as session:
        row = keep_image(session, the_label(session).id, picture(), first.folder / "media", first.now())
    found = [ask(each.port, f"/media/{row.file}") for each in machines]
    shown = Row("two machines: a picture in the folder that they share", POSTGRES)
    shown.gates = [none_of("not shown", sum(each.status != 200 or each.body != found[0].body for each in found))]
    return shown


def death(door: Door, history: History, seed: str) -> Row:
    """The machine that Stripe speaks to is killed in the middle of a drop, behind nginx; it comes back later."""
    say("two machines behind nginx: one is killed in the middle of a drop")
    first = door.first
    market = open_market(first.db, first.now(), drops=8, copies=20)
    load = Load(door, market, history, f"{seed}/death", USUAL, THREADS, PATIENCE)
    with load.running():
        until(lambda: load.ended, BEFORE, "stories")
        first.kill_shop()
        died, ended = time.monotonic(), load.ended
        until(lambda: load.ended, ended + AFTER, "stories after a machine died")
        lasted = time.monotonic() - died
    first.serve()
    row = Row("two machines behind nginx: one is killed in the middle of a drop", POSTGRES)
    row.figures = {"stories played afterwards": load.ended - ended, "in s": lasted, "orders seen": len(history.bought)}
    row.figures["requests whose fate nobody knows"] = len([each for each in history.deeds if each.outcome is Outcome.UNKNOWN])
    row.gates = [
        at_most("s without any success", history.longest_gap(), SOON),
        none_of("clients that met nonsense", len(load.broken)),
    ]
    return row


def judged(rig: Shop, history: History) -> Row:
    """What all were told against what is stored, what Stripe has and which letters came; once nothing is under way any more."""
    say("two machines: until all is quiet, then everything is compared")
    quiet = settle_down(rig)
    verdict = judge(rig, history, {}, rig.excused)
    for problem in verdict.problems:
        say(problem)
    row = Row("two machines: all that was told, stored, charged and sent", POSTGRES)
    row.figures = {
        "quiet after s": quiet,
        "takes": len(history.takes),
        "orders seen": len(history.bought),
        "letters": len(rig.sink.received),
    }
    row.gates = [none_of(name, count) for name, count in verdict.counts.items()]
    return row
