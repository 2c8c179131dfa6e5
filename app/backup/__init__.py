"""Backups: the whole shop in one file, made while it serves, and put back into either kind of database."""

from app.backup.erased import Erased, known
from app.backup.manifest import BackupTrouble, Manifest
from app.backup.next import what_next
from app.backup.restoring import Restored, restore
from app.backup.taking import Backup, Bar, take

__all__ = ["Backup", "BackupTrouble", "Bar", "Erased", "Manifest", "Restored", "known", "restore", "take", "what_next"]
