"""The public site; importing it registers every page on its blueprint."""

from app.shop import (
    checkout,
    drops,
    erasures,
    feeds,
    files,
    front,
    health,
    holds,
    masthead,
    media,
    metrics,
    order_address,
    order_cancel,
    order_invoices,
    order_links,
    order_missing,
    order_parcel,
    order_waits,
    orders,
    releases,
    reminders,
    taking,
    texts,
    theme,
    way_back,
    webhooks,
    your_data,
)
from app.shop.blueprint import bp

__all__ = ["PAGES", "bp"]

PAGES = (
    checkout, drops, erasures, feeds, files, front, health, holds, masthead, media, metrics, order_address, order_cancel,
    order_invoices, order_links, order_missing, order_parcel, order_waits, orders, releases, reminders, taking, texts, theme,
    way_back, webhooks, your_data,
)  # fmt: skip
