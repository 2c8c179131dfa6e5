"""Breaks on purpose whatever can break, and counts what came of it; a development program that the shop never imports."""
