"""Is the process alive, and is the whole shop ready to sell? For machines that ask."""

from dataclasses import dataclass

from flask import Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from app.kernel import heartbeat, shape
from app.kernel.errors import Refusal
from app.shop.blueprint import bp
from app.web.house import house, now, reading


@dataclass(frozen=True)
class Pulse:
    """What the database says: the shape of its tables, and when the worker was last alive, in seconds."""

    revision: str | None
    worker_age: float | None


@bp.get("/healthz")
def healthz() -> Response:
    """This process answers; nothing else is asked."""
    return jsonify(ok=True)


@bp.get("/readyz")
def readyz() -> Response:
    """Everything that selling needs: 200 with all checks ok, else 503; `warnings` are worth knowing and stop nothing."""
    checks = _checks(_pulse())
    ready = all(value == "ok" for value in checks.values())
    response = jsonify(ok=ready, checks=checks, warnings=_warnings())
    response.status_code = 200 if ready else 503
    response.headers["Cache-Control"] = "no-store"
    return response


def _pulse() -> Pulse | None:
    """None when the database cannot be reached."""
    try:
        with reading() as session:
            revision = shape.current(session.connection())
            return Pulse(revision, heartbeat.age(session, heartbeat.WORKER, now()) if revision else None)
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


def _warnings() -> list[str]:
    database, processes = house().db, house().settings.web_processes
    several = f"{processes} web processes share one SQLite file; one with threads is faster, or use PostgreSQL"
    return database.warnings() + ([several] if database.is_sqlite and processes > 1 else [])
