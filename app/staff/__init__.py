"""The back office; importing it registers every page on its blueprint."""

from app.staff import (
    artists,
    audit_log,
    copy_codes,
    copy_damaged,
    desk,
    differences,
    drop_deeds,
    drop_pausing,
    drops,
    label_looks,
    labels,
    media,
    nav,
    order,
    order_address,
    order_copies,
    orders,
    outbox,
    packing,
    packing_lock,
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
    run_reserve,
    runs,
    scan,
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
    artists, audit_log, copy_codes, copy_damaged, desk, differences, drop_deeds, drop_pausing, drops, label_looks, labels,
    media, nav, order, order_address, order_copies, orders, outbox, packing, packing_lock, password, people, person_deeds,
    postage, rates, refund, refunds, release_deeds, releases, run_deeds, run_reserve, runs, scan, search, shipping,
    signing, slips, stock, tracks,
)  # fmt: skip
