"""Tests of the running half of the desk: stock, orders, packing, postage, outbox, search."""
