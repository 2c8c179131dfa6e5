"""Gives every page of the public site, and every refusal, the label's name, links and inks."""

from typing import Any

from flask import request
from sqlalchemy.exc import SQLAlchemyError

from app.kernel.errors import Refusal
from app.reports import sleeves
from app.shop.blueprint import bp
from app.shop.memory import memory
from app.web.colophon import colophon
from app.web.house import reading


@bp.app_context_processor
def name_the_shop() -> dict[str, Any]:
    """The layout's variables; the desk has its own, and a page that knows its label passes that label's."""
    if request.path.startswith("/staff"):
        return {}
    found: dict[str, Any] = memory().colophon.get("colophon", _colophon)
    return found


def _colophon() -> dict[str, Any]:
    """A refusal must print even when the database is away, so the shop goes without its name then."""
    try:
        with reading() as session:
            labels = sleeves.imprints(session)
    except (Refusal, SQLAlchemyError):
        return {}
    return colophon(labels[0] if len(labels) == 1 else None)
