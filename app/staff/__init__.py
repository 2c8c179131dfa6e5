"""The back office; importing it registers every page on its blueprint."""

from app.staff import (
    artists,
    audit_log,
    book_files,
    books,
    customs_forms,
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
    order_copies,
    orders,
    outbox,
    packing,
    parcel_slips,
    password,
    people,
    person_deeds,
    postage,
    rates,
    refund,
    refunds,
    release_deeds,
    releases,
    run_customs,
    run_deeds,
    runs,
    search,
    sender,
    shipping,
    signing,
    slips,
    stock,
    tracking,
    tracks,
)
from app.staff.blueprint import bp

__all__ = ["PAGES", "bp"]

PAGES = (
    artists, audit_log, book_files, books, customs_forms, desk, differences, drop_deeds, drop_pausing, drops, label_looks,
    labels, media, nav, order, order_copies, orders, outbox, packing, parcel_slips, password, people, person_deeds, postage,
    rates, refund, refunds, release_deeds, releases, run_customs, run_deeds, runs, search, sender, shipping, signing, slips,
    stock, tracking, tracks,
)  # fmt: skip
