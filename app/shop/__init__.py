"""The public site; importing it registers every page on its blueprint."""

from app.shop import (
    checkout,
    drops,
    feeds,
    front,
    health,
    holds,
    masthead,
    media,
    metrics,
    orders,
    releases,
    reminders,
    taking,
    texts,
    theme,
    way_back,
    webhooks,
)
from app.shop.blueprint import bp

__all__ = [
    "bp",
    "checkout",
    "drops",
    "feeds",
    "front",
    "health",
    "holds",
    "masthead",
    "media",
    "metrics",
    "orders",
    "releases",
    "reminders",
    "taking",
    "texts",
    "theme",
    "way_back",
    "webhooks",
]
