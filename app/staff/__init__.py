"""The back office; importing it registers every page on its blueprint."""

from app.staff import (
    again,
    artists,
    audit_log,
    desk,
    differences,
    drop_deeds,
    drop_pausing,
    drops,
    enrol,
    factor,
    invitations,
    join,
    label_looks,
    labels,
    media,
    nav,
    order,
    order_copies,
    orders,
    outbox,
    own,
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
    again, artists, audit_log, desk, differences, drop_deeds, drop_pausing, drops, enrol, factor, invitations, join, label_looks,
    labels, media, nav, order, order_copies, orders, outbox, own, packing, password, people, person_deeds, postage, rates, refund,
    refunds, release_deeds, releases, run_deeds, runs, search, shipping, signing, slips, stock, tracks,
)  # fmt: skip
