"""Is the process alive, and is the whole shop ready to sell? For machines that ask."""

from dataclasses import dataclass
from datetime import datetime

from flask import Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from app.kernel import heartbeat, shape
from app.kernel.errors import Refusal
from app.payments import outages
from app.shop.blueprint import bp
from app.web.house import house, now, reading


@dataclass(frozen=True)
class Pulse:
    """What the database says: the shape of its tables, when the worker was last alive, in seconds, since when Stripe is away."""

    revision: str | None
    worker_age: float | None
    stripe_away: datetime | None


@bp.get("/healthz")
def healthz() -> Response:
    """This process answers; nothing else is asked."""
    return jsonify(ok=True)


@bp.get("/readyz")
def readyz() -> Response:
    """Everything that selling needs: 200 with all checks ok, else 503; `warnings` are worth knowing and stop nothing."""
    pulse = _pulse()
    checks = _checks(pulse)
    ready = all(value == "ok" for value in checks.values())
    response = jsonify(ok=ready, checks=checks, warnings=_warnings(pulse))
    response.status_code = 200 if ready else 503
    response.headers["Cache-Control"] = "no-store"
    return response


def _pulse() -> Pulse | None:
    """None when the database cannot be reached."""
    try:
        with reading() as session:
            revision = shape.current(session.connection())
            if revision is None:
                return Pulse(None, None, None)
            outage = outages.current(session)
            return Pulse(revision, heartbeat.age(session, heartbeat.WORKER, now()), outage.began_at if outage else None)
    except (Refusal, SQLAlchemyError):
        return None


def _checks(pulse: Pulse | None) -> dict[str, str]:
    if pulse is None:
        return {"database": "cannot be reached", "migrations": "unknown", "worker": "unknown"}
    newest, age = shape.newest(), pulse.worker_age
    worker = "has never run" if age is None else f"silent for {age:.0f} seconds"
    return {
        "database": "ok",
        "migrations": "ok" if pulse.revision == newest else f"at {pulse.revision or 'nothing'}, newest is {newest}",
        "worker": "ok" if age is not None and age <= heartbeat.SILENT else worker,
    }


def _warnings(pulse: Pulse | None) -> list[str]:
    database, processes = house().db, house().settings.web_processes
    warnings = database.warnings()
    if database.is_sqlite and processes > 1:
        warnings.append(f"{processes} web processes share one SQLite file; one with threads is faster, or use PostgreSQL")
    if pulse is not None and pulse.stripe_away is not None:
        warnings.append(f"Stripe has not answered since {pulse.stripe_away:%Y-%m-%d %H:%M:%S} UTC")
    return warnings
