"""Puts the demo's shelf into the catalogue: artists, releases with artwork and previews, pressed runs."""

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from app.catalogue import media
from app.catalogue.models import Artist, Release, Run, Track
from app.inventory import stocktake
from app.seed.artwork import artwork
from app.seed.shelf import ARTISTS, PAPER, SHELF, ReleasePlan, RunPlan, TrackPlan
from app.seed.sound import preview


def put_on_shelf(session: Session, label_id: int, folder: Path, now: datetime) -> dict[str, int]:
    """Make everything on the shelf; the ids of the runs by their slugs."""
    runs: dict[str, int] = {}
    for plan in SHELF:
        release = _release(session, label_id, plan, folder, now)
        for run_plan in plan.runs:
            runs[run_plan.slug] = _press(session, release, run_plan, now)
    return runs


def _release(session: Session, label_id: int, plan: ReleasePlan, folder: Path, now: datetime) -> Release:
    artist = Artist(label_id=label_id, slug=_slug(plan.artist), name=plan.artist, story=ARTISTS[plan.artist])
    session.add(artist)
    session.flush()
    picture = media.keep_image(session, label_id, artwork(plan.seed, plan.style, (PAPER, *plan.inks), size=1200), folder, now)
    release = Release(
        label_id=label_id, artist_id=artist.id, slug=plan.slug, catalogue_number=plan.number, title=plan.title, notes=plan.notes,
        released_on=(now + timedelta(days=plan.days)).date(), artwork_id=picture.id, artwork_alt=plan.alt,
        published=True, created_at=now,
    )  # fmt: skip
    release.tracks = [_track(session, label_id, track, number, folder, now) for number, track in enumerate(plan.tracks, 1)]
    session.add(release)
    session.flush()
    return release


def _track(session: Session, label_id: int, plan: TrackPlan, position: int, folder: Path, now: datetime) -> Track:
    sound = media.keep_audio(session, label_id, preview(len(plan.title), plan.mood, seconds=6), folder, now) if plan.mood else None
    return Track(position=position, side=plan.side, title=plan.title, seconds=plan.seconds, preview_id=sound.id if sound else None)


def _press(session: Session, release: Release, plan: RunPlan, now: datetime) -> int:
    run = Run(
        release_id=release.id, slug=plan.slug, title=plan.title, format=plan.format, edition_size=plan.size, price=plan.price,
        weight=plan.weight, hs_code=plan.hs_code, origin="DE", limit_per_fan=plan.limit, body_colour=plan.body,
        label_colour=plan.label, first_number=1, pressed_at=now, created_at=now,
    )  # fmt: skip
    session.add(run)
    session.flush()
    stocktake.press(session, run.id, 1, plan.size, now, "machine")
    stocktake.press_reserve(session, run.id, plan.reserve, now, "machine")
    return run.id


def _slug(name: str) -> str:
    return "-".join("".join(sign for sign in word if sign.isalnum()) for word in name.lower().split() if word != "&")
