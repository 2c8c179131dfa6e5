"""Backups: made while the shop serves, whole or not at all, and put back into either kind of database."""
