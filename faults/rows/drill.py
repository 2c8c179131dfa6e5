"""F22: a backup while fans buy, then database and media are gone; restore, reconcile, and every promise holds again."""

import shutil
from contextlib import suppress
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.engine import make_url

from app.drops import pausing
from app.drops.models import Drop
from app.kernel.db import reading, transaction
from app.kernel.errors import Conflict
from faults.fan import Mood
from faults.history import clock
from faults.judge import heard
from faults.quiet import UNSENT
from faults.rig import Rig
from faults.rows import webhooks
from faults.stage import Figures, Stage

BUYERS = {Mood.PAYS: 8, Mood.PAYS_AND_LEAVES: 3, Mood.CHANGES: 1, Mood.PUTS_BACK: 1, Mood.DECLINED: 3, Mood.WALKS_AWAY: 1}
SOME = 12  # fans who come to the end of their story before the backup, and after it
YOUNG = 3  # minutes: what is younger than two is on its way and not looked at
ORDERS = "SELECT number FROM orders"
UNDECIDED = "SELECT count(*) FROM payments WHERE state = 'authorised'"
PENDING = "SELECT count(*) FROM checkout_attempts WHERE state IN ('wanted', 'open', 'unknown')"


def restored(stage: Stage) -> Figures:
    """Lose everything, and put it back as docs/operations.md says."""
    rig, backups = stage.rig, stage.rig.folder / "backups"
    pictures = _put_pictures(rig)
    with stage.load(moods=BUYERS, drops=20) as load:
        stage.more(load, SOME)
        mark, heard_then, since = stage.history.mark(), heard(rig.control.deliveries()), rig.now()
        rig.flask("backup", str(backups))
        stage.more(load, SOME)
    stage.until(lambda: _nothing_under_way(stage), least=0, most=60)  # who was told by mail is not told again
    rig.kill_shop()
    paid_late = _pay_what_is_open(stage)
    before, lost_at = _orders(rig), rig.now()
    stage.history.events_lost = heard(rig.control.deliveries()) - heard_then
    stage.history.lose_since(mark)
    begun = clock()
    _wipe(rig)
    rig.forward(minutes=YOUNG)
    rig.flask("restore", str(next(backups.glob("*.zip"))))
    rig.db.engine.dispose()  # what looked at the empty file before it was replaced would go on seeing that
    kept, again = _orders(rig), sum(_count(rig, sql) for sql in (UNSENT, UNDECIDED, PENDING))
    stage.repeats += again  # letters that had yet to come of it when the backup was made, and went out since
    rig.flask("reconcile", "--since", f"{since:%Y-%m-%d %H:%M:%S}", "--heal")
    rig.serve()
    rto, after = clock() - begun, _orders(rig)
    stage.check(_pictures(rig) == pictures, "the pictures are not what they were")
    stage.check(before <= after, f"orders that were not made again: {sorted(before - after)}")
    stage.check(bool(before - kept), "nothing was sold after the backup, so nothing was shown")
    _resume(rig)
    with stage.load() as load:
        stage.more(load, SOME)
    stage.until(lambda: _nothing_under_way(stage), least=0, most=60)
    twice = [id_ for id_, count in rig.sink.copies().items() if count > 2]
    stage.check(not twice, f"letters that were resent twice: {twice}")
    return {
        "orders lost": len(before - after), "RPO of holds": round((lost_at - since).total_seconds(), 1), "RTO": round(rto, 1),
        "orders in the backup": len(kept), "orders healed": f"{len((before - kept) & after)} of {len(before - kept)}",
        "paid while nobody served": paid_late, "letters resent": rig.sink.repeated, "resent twice": len(twice),
    }  # fmt: skip


def _nothing_under_way(stage: Stage) -> bool:
    paid = stage.history.paid
    return not _count(stage.rig, UNSENT) and not _count(stage.rig, UNDECIDED) and webhooks.settled(stage, paid) == len(paid)


def _put_pictures(rig: Rig) -> dict[str, bytes]:
    media = rig.folder / "media"
    media.mkdir(exist_ok=True)
    for number in range(3):
        (media / f"{number}.webp").write_bytes(bytes([number]) * 50_000)
    return _pictures(rig)


def _pictures(rig: Rig) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in sorted((rig.folder / "media").iterdir()) if each.is_file()}


def _pay_what_is_open(stage: Stage) -> int:
    """Fans whose payment page is open pay while nobody serves."""
    opened = [each["id"] for each in stage.rig.control.objects("checkout.session") if each["status"] == "open"]
    for session in opened:
        stage.rig.control.pay(session)
        stage.history.pays(session)
    return len(opened)


def _wipe(rig: Rig) -> None:
    """Database and media are gone."""
    rig.db.engine.dispose()
    url = make_url(rig.database_url)
    assert url.database is not None  # noqa: S101 - both kinds have one
    if rig.server:
        rig.server.remove_database(url.database)
        rig.server.create_database(url.database)
    else:
        for file in Path(url.database).parent.glob(f"{Path(url.database).name}*"):
            file.unlink()
    shutil.rmtree(rig.folder / "media")


def _resume(rig: Rig) -> None:
    """The shop opens again: every drop that the restore has paused."""
    with transaction(rig.db) as session:
        for drop_id in session.scalars(select(Drop.id).where(Drop.paused_at.is_not(None))).all():
            with suppress(Conflict):  # it is sold out
                pausing.resume(session, drop_id, rig.now())


def _orders(rig: Rig) -> set[int]:
    """The numbers of all orders."""
    with reading(rig.db) as session:
        return set(session.scalars(text(ORDERS)))


def _count(rig: Rig, sql: str) -> int:
    with reading(rig.db) as session:
        return int(session.scalar(text(sql)) or 0)
