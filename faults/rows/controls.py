"""F26: the same checks with one guard switched off each; a suite that stays green then proves nothing."""

from faults.fan import Mood
from faults.judge import TWO_AT_ONCE
from faults.quiet import settle_down
from faults.rows import stripe, webhooks
from faults.stage import Figures, Stage


def rush(stage: Stage) -> Figures:
    """Many fans at one run, most of whom put back what they took, so that there is always something to take."""
    with stage.load(drops=1, copies=200, threads=20, moods={Mood.PUTS_BACK: 6, Mood.PAYS: 2, Mood.WALKS_AWAY: 1}) as load:
        stage.until(lambda: (stage.history.twice or TWO_AT_ONCE in stage.broken) and load.ended >= 20, most=60)
    return {"told twice": len(stage.history.twice)}


def replay(stage: Stage) -> Figures:
    """Some purchases, and then all their events again."""
    with stage.load(moods={Mood.PAYS: 1}, threads=4) as load:
        stage.enough(load, 8)
    settle_down(stage.rig)
    return {"replays": webhooks.replay(stage)}


def deadlines(stage: Stage) -> Figures:
    """Fans who pay after their deadline."""
    return stripe.paid_after_deadline(stage)


def purchases(stage: Stage) -> Figures:
    """A few purchases, with Sam at the desk."""
    with stage.load(moods={Mood.PAYS: 1}, threads=4) as load:
        stage.until(lambda: load.ended >= 8 and stage.history.staff.total() >= 2)
    return {"deeds of staff": stage.history.staff.total()}
