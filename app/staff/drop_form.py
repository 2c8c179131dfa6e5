"""Reads the drop form: times on the label's wall, runs in the sequence they were given."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import request

from app.drops.doors import Door
from app.drops.models import Drop
from app.drops.stages import EDITABLE, Stage, stage
from app.drops.writing import DropWords
from app.kernel import local_time
from app.kernel.errors import BadInput
from app.kernel.local_time import NoSuchTime, TwiceThatNight
from app.staff.asking import Form, ids
from app.web.components import place

_RULES: dict[str, tuple[str, Callable[[Form, str], Any]]] = {
    "opens_at": ("opens_at", lambda form, zone: moment(form, "opens_at", "Opens", zone, needed=True)),
    "closes_at": ("closes_at", lambda form, zone: moment(form, "closes_at", "Closes", zone, needed=False)),
    "limit_per_fan": ("limit_per_fan", lambda form, _zone: form.maybe_whole("limit_per_fan", "Limit", most=1000)),
    "hold_minutes": ("hold_minutes", lambda form, _zone: form.whole("hold_minutes", "Hold minutes", least=1, most=60)),
    "network_holds": ("network", lambda form, _zone: form.whole("network_holds", "Copies per network", least=1, most=10_000)),
    "network_share": ("network", lambda form, _zone: form.whole("network_share", "Share per network", least=1, most=100)),
    "runs": ("runs", lambda form, _zone: _runs(form)),
}


def read(zone: str, stored: Drop | None, now: datetime) -> DropWords:
    """What was typed; what the stage of a stored drop settles is not asked for and stays. BadInput."""
    form = Form()
    may = EDITABLE[stage(Door.of(stored), now)] if stored else EDITABLE[Stage.DRAFT]
    title, slug = form.text("title", "Title", least=1, most=160), form.text("slug", "Address", most=80) if "slug" in may else ""
    words = form.text("words", "Words", most=10_000, lines=True)
    rules = {name: ask(form, zone) if rule in may else _kept(stored, name) for name, (rule, ask) in _RULES.items()}
    form.check()
    return DropWords(title=title, slug=slug, words=words, **rules)


def _kept(stored: Drop | None, name: str) -> Any:
    if stored is None:
        return None
    return tuple(entry.run_id for entry in stored.entries) if name == "runs" else getattr(stored, name)


def moment(form: Form, name: str, label: str, zone: str, *, needed: bool) -> datetime | None:
    """The instant of a `datetime-local` field; the night when clocks are turned is explained and asked about."""
    typed = form.text(name, label, least=1 if needed else 0, most=20)
    if not typed:
        return None
    which = request.form.get(f"{name}_which", "")
    try:
        return local_time.instant(typed[:16], zone, which)
    except NoSuchTime as no:
        form.say(name, f"The clocks in {place(zone)} jump that night: this time does not exist. Choose {no.after:%H:%M} or later.")
    except TwiceThatNight as no:
        first, second = local_time.offset(no.first, zone), local_time.offset(no.second, zone)
        sentence = f"The clocks in {place(zone)} are turned back that night: this time comes twice. Say below which one"
        form.say(name, f"{sentence}: first ({first}) or second ({second}).")
    except ValueError:
        form.say(name, "A day and a time, as 2026-11-27T20:00.")
    return None


def _runs(form: Form) -> tuple[int, ...]:
    """The ticked runs, by the place typed beside each; those without one come last, as they stood."""
    try:
        chosen = ids("run")
    except BadInput as no:
        form.wrong.update(no.fields)
        return ()
    places = {run_id: request.form.get(f"place-{run_id}", "") for run_id in chosen}
    numbered = {
        run_id: int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 9999 for run_id, text in places.items()
    }
    return tuple(sorted(chosen, key=lambda run_id: numbered[run_id]))
