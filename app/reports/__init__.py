"""Reads anything, writes nothing."""
