"""F02: a process dies just before and just after each thing that it does: what is named here three times, anything else once."""

import re
import time

from faults.armoury import Armoury
from faults.fan import Mood
from faults.history import clock
from faults.patches.points import MOST
from faults.quiet import UNSENT, under_way
from faults.stage import Figures, Stage

GIVE_UP = 270.0  # seconds, on a very busy machine
MOODS = {
    Mood.PAYS: 6, Mood.PAYS_AND_LEAVES: 3, Mood.CHANGES: 2, Mood.PUTS_BACK: 4, Mood.WALKS_AWAY: 3, Mood.DECLINED: 3, Mood.STOPS: 5,
    Mood.CANCELS: 4,
}  # fmt: skip
# What the shop does, by the function that opens the transaction, in whichever process.
COMMITS = {
    "copies are claimed": r"shop\.quick\.\S+",
    "details are kept": r"shop\.checkout\.\S+",
    "a payment is wanted": r"checkout\.pay\._go",
    "an attempt is taken up": r"checkout\.send\.send",
    "Stripe's answer is noted": r"checkout\.send\.deliver\S*",
    "an event is remembered": r"shop\.webhooks\.\S+",
    "a payment is settled": r"checkout\.sync\.sync",
    "money is followed": r"checkout\.capture\._follow",
    "a hold lapses": r"checkout\.lapse\.lapse",
    "a session is ended": r"checkout\.lapse\._end_session\S*",
    "copies are put back": r"shop\.holds\.put_back",
    "an order is cancelled": r"shop\.order_cancel\.\S+",
    "money is given back": r"checkout\.give_back\.\S+",
    "a job is taken": r"worker\.hands\._first",
    "a job is done": r"worker\.hands\._finish",
}
CALLS = {
    "a session is made": r"POST v1/checkout/sessions",
    "a session is looked at": r"GET v1/checkout/sessions/\*",
    "a session is ended at Stripe": r"POST v1/checkout/sessions/\*/expire",
    "money is taken": r"POST v1/payment_intents/\*/capture",
    "money is let go": r"POST v1/payment_intents/\*/cancel",
    "a refund is asked for": r"POST v1/refunds",
    "a letter is sent": r"mail",
}
LAST = {"before a letter is sent", "after a letter is sent"}  # a busy worker does all else first
NAMED = {
    **{
        f"{when} {what}": re.compile(rf"\w+ {place} {when} commit")
        for what, place in COMMITS.items()
        for when in ("before", "after")
    },
    **{f"{when} {what}": re.compile(rf"\w+ {when} {call}") for what, call in CALLS.items() for when in ("before", "after")},
}


def crash_points(stage: Stage) -> Figures:
    """Let processes die until everything that is named has been hit often enough."""
    each = MOST if stage.scale >= 1 else 1
    armoury = Armoury(stage.rig.folder, NAMED, each)
    wrong = {"amount_total": 1}  # so that money is let go, too
    stage.rig.control.fault("alter", "/v1/checkout/sessions/*", "GET", times=None, probability=0.1, changes=wrong)
    begun = clock()
    with stage.load(moods=MOODS, drops=60, hold_minutes=6) as load:
        while (passed := clock() - begun) < GIVE_UP and ((missed := armoury.missed()) or passed < stage.seconds(20)):
            load.resting = bool(missed) and missed.keys() <= LAST and bool(under_way(stage.rig, {"letters": UNSENT}))
            armoury.arm()
            stage.rig.forward(seconds=2)  # so that holds, leases and pauses end while all this goes on
            time.sleep(0.15)
        armoury.disarm()
    hits, short, others = armoury.hits(), armoury.missed(), armoury.others()
    stage.repeats += sum(count for point, count in hits.items() if point.startswith("worker"))
    told = ", ".join(f"{name} ({count})" for name, count in short.items())
    stage.check(not short, f"hit less than {each} times: {told}")
    return {
        "named": len(NAMED), "hit": len(NAMED) - len(short), "times each, at least": each, "crashes": hits.total(),
        "other points hit": f"{len(others & hits.keys())} of {len(others)}",
    }  # fmt: skip
