"""Planning and editing drops: what may still change depends on how far the drop has come."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue import slugs
from app.catalogue.models import Run
from app.drops import last_hour
from app.drops.doors import Door
from app.drops.models import Drop, DropRun
from app.drops.ready import check_ready
from app.drops.stages import EDITABLE, Stage, stage
from app.inventory.models import Copy, Hold
from app.kernel.clashes import in_use, refusing
from app.kernel.errors import BadInput, Conflict, NotFound

TAKEN = {"slug": "Another drop has this address already."}
MOST_RUNS = 12
_STAYS = {
    "slug": "its address, which people may have shared",
    "opens_at": "its opening time",
    "closes_at": "its closing time",
    "limit_per_fan": "its limit",
    "hold_minutes": "its hold minutes",
    "network_holds": "its allowance per network",
    "network_share": "its allowance per network",
}
_RULE = {"network_holds": "network", "network_share": "network"}


@dataclass(frozen=True)
class DropWords:
    """What the drop's form holds; `runs` are ids in the sequence of the page, an empty slug is made from the title."""

    title: str
    slug: str
    words: str
    opens_at: datetime
    closes_at: datetime | None
    limit_per_fan: int | None
    hold_minutes: int
    network_holds: int
    network_share: int
    runs: tuple[int, ...]


def create(session: Session, label_id: int, words: DropWords, now: datetime) -> Drop:
    """A draft that nobody sees yet. BadInput when something cannot be."""
    _check(words)
    _check_runs(session, label_id, words.runs)
    slug = words.slug or slugs.free(slugs.made_from(words.title), lambda s: _slug_taken(session, s))
    drop = Drop(label_id=label_id, slug=slug, title=words.title, words=words.words, created_at=now, **_rules(words))
    drop.entries = [DropRun(run_id=run_id, position=at) for at, run_id in enumerate(words.runs, 1)]
    with refusing(session, TAKEN):
        session.add(drop)
    return drop


def edit(session: Session, drop_id: int, words: DropWords, now: datetime, *, confirmed: bool = False) -> Drop:
    """Change a drop as far as its stage allows (see stages.EDITABLE). BadInput, NotFound; Conflict for what stays.

    In its last hour what fans count on stays as well, unless a second person has `confirmed` it (see changes.py).
    """
    drop = locked(session, drop_id)
    at = stage(Door.of(drop), now)
    _check(words)
    _check_stays(drop, words, at)
    if not confirmed and last_hour.has_begun(Door.of(drop), now) and last_hour.moved(last_hour.of_drop(drop), words):
        raise Conflict(last_hour.WHY % drop.title)
    if at is Stage.RUNNING and words.closes_at != drop.closes_at and words.closes_at is not None and words.closes_at <= now:
        raise BadInput("", {"closes_at": "That is over already. To end the drop now, stop it."})
    with refusing(session, TAKEN):
        drop.title, drop.words, drop.slug = words.title, words.words, words.slug or drop.slug
        for name, value in _rules(words).items():
            setattr(drop, name, value)
    _rewrite_runs(session, drop, words.runs, at)
    return drop


def remove(session: Session, drop_id: int) -> None:
    """Remove a draft. Conflict when it was published, or somebody waits for it."""
    drop = locked(session, drop_id)
    if drop.published_at is not None:
        raise Conflict("This drop is published, so it stays. Take it back to draft, or stop it.")
    with in_use(session, "This drop was published before, and fans have holds or reminders there. It stays as a draft."):
        session.delete(drop)


def locked(session: Session, drop_id: int) -> Drop:
    """The drop, locked and read after locking; NotFound when there is none."""
    drop = session.get(Drop, drop_id, with_for_update={"of": Drop}, populate_existing=True)
    if drop is None:
        raise NotFound("There is no such drop.")
    return drop


def _check(words: DropWords) -> None:
    wrong = {}
    if words.slug:
        slugs.checked(words.slug)
    if words.closes_at is not None and words.closes_at <= words.opens_at:
        wrong["closes_at"] = "It closes before it opens. Choose a later time, or leave it empty."
    if not 1 <= words.hold_minutes <= 60:
        wrong["hold_minutes"] = "From 1 to 60 minutes."
    if words.limit_per_fan is not None and not 1 <= words.limit_per_fan <= 1000:
        wrong["limit_per_fan"] = "From 1 to 1000, or empty for no limit."
    if not 1 <= words.network_holds <= 10_000:
        wrong["network_holds"] = "From 1 to 10000 copies."
    if not 1 <= words.network_share <= 100:
        wrong["network_share"] = "From 1 to 100 per cent."
    if len(words.runs) > MOST_RUNS:
        wrong["run"] = f"At most {MOST_RUNS} runs in one drop."
    if wrong:
        raise BadInput("", wrong)


def _check_runs(session: Session, label_id: int, run_ids: Sequence[int]) -> list[Run]:
    runs = session.scalars(select(Run).where(Run.id.in_(run_ids))).all()
    if len(set(run_ids)) < len(run_ids) or len(runs) < len(run_ids) or any(run.release.label_id != label_id for run in runs):
        raise BadInput("", {"run": "Choose runs of the list, each once."})
    return list(runs)


def _check_stays(drop: Drop, words: DropWords, at: Stage) -> None:
    stays = [what for name, what in _STAYS.items() if _RULE.get(name, name) not in EDITABLE[at] and _differs(drop, words, name)]
    if stays:
        when = "over" if at is Stage.OVER else "open" if at is Stage.RUNNING else "published"
        raise Conflict(
            f"This drop is {when}, so {stays[0]} stays as it is. Everything else you typed was not kept; go back and leave it."
        )


def _differs(drop: Drop, words: DropWords, name: str) -> bool:
    wanted = getattr(words, name)
    return wanted != getattr(drop, name) and not (name == "slug" and not wanted)


def _rewrite_runs(session: Session, drop: Drop, run_ids: Sequence[int], at: Stage) -> None:
    known = {entry.run_id: entry for entry in drop.entries}
    if list(run_ids) == [entry.run_id for entry in drop.entries]:
        return
    if "runs" not in EDITABLE[at] or ("fewer_runs" not in EDITABLE[at] and not known.keys() <= set(run_ids)):
        raise Conflict("Fans are buying from this drop, so no run can be taken out of it. Stop it instead.")
    _check_nothing_held(session, drop, known.keys() - set(run_ids))
    runs = _check_runs(session, drop.label_id, run_ids)
    if at is not Stage.DRAFT:
        check_ready(runs)
    drop.entries = [known.get(run_id) or DropRun(run_id=run_id) for run_id in run_ids]
    for position, entry in enumerate(drop.entries, 1):
        entry.position = position
    session.flush()


def _check_nothing_held(session: Session, drop: Drop, run_ids: Set[int]) -> None:
    """Conflict when copies of these runs are in holds of the drop: before it opens, those that staff set aside."""
    held = select(Copy.id).join(Hold, Hold.id == Copy.hold_id).where(Hold.drop_id == drop.id, Copy.run_id.in_(run_ids))
    if run_ids and session.scalar(held.limit(1)) is not None:
        raise Conflict("A copy of that run is set aside in this drop, so the run stays in it. Give the copy or put it back first.")


def _rules(words: DropWords) -> dict[str, object]:
    names = ("opens_at", "closes_at", "limit_per_fan", "hold_minutes", "network_holds", "network_share")
    return {name: getattr(words, name) for name in names}


def _slug_taken(session: Session, slug: str) -> bool:
    return session.scalar(select(Drop.id).where(Drop.slug == slug)) is not None
