"""The back office; importing it registers every page on its blueprint."""

from app.staff import (
    artists,
    audit_log,
    copy_gifts,
    desk,
    differences,
    drop_change,
    drop_deeds,
    drop_pausing,
    drop_stopping,
    drops,
    fan,
    label_looks,
    labels,
    media,
    nav,
    order,
    order_copies,
    orders,
    outbox,
    packing,
    password,
    people,
    person_deeds,
    postage,
    rates,
    refund,
    refunds,
    release_deeds,
    releases,
    run_deeds,
    runs,
    search,
    shipping,
    signing,
    slips,
    stock,
    tracks,
)
from app.staff.blueprint import bp

__all__ = ["PAGES", "bp"]

PAGES = (
    artists, audit_log, copy_gifts, desk, differences, drop_change, drop_deeds, drop_pausing, drop_stopping, drops, fan,
    label_looks, labels, media, nav, order, order_copies, orders, outbox, packing, password, people, person_deeds, postage,
    rates, refund, refunds, release_deeds, releases, run_deeds, runs, search, shipping, signing, slips, stock, tracks,
)  # fmt: skip
