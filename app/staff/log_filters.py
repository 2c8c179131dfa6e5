"""What the audit log's page is asked for; what cannot be a filter filters nothing."""

from datetime import date

from flask import request

from app.reports.desk_log import Asked


def asked() -> Asked:
    """The filters in the page's address."""
    return Asked(
        _number("who"), _name("deed"), _name("what"), _number("which"), _day("since"), _day("until"), _number("before")
    )  # fmt: skip


def _name(name: str) -> str:
    """The name of a deed or a kind of row: `drop.paused`, `drop`."""
    text = request.args.get(name, "")[:60]
    return text if text.replace(".", "").isidentifier() and text.isascii() else ""


def _day(name: str) -> date | None:
    try:
        found = date.fromisoformat(request.args.get(name, "")[:10])
    except ValueError:
        return None
    return found if 2000 <= found.year < 3000 else None  # within what a database can compare


def _number(name: str) -> int:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
