"""What a person is told when a backup has been put back: what is there, and what to do before the doors open. Pure."""

from app.backup.restoring import Restored


def what_next(done: Restored) -> str:
    """The whole text for the terminal."""
    manifest = done.manifest
    lines = [
        f"Back to {manifest.at:%Y-%m-%d %H:%M:%S} UTC: {sum(manifest.tables.values())} rows, {len(manifest.media)} media files.",
        f"Not sound in it: {', '.join(done.broken)}." if done.broken else "Every invariant held at that moment.",
        *([f"The database that was there is now {done.aside}."] if done.aside else []),
        f"Paused: {', '.join(done.paused)}." if done.paused else "No drop was going.",
        "Everybody at the desk has to sign in again.",
        *_erased(done),
        "",
        f"Before the doors open, make good what happened since {manifest.at:%H:%M:%S}; how is in docs/operations.md, Restore:",
        f"  1. flask reconcile --since '{manifest.at:%Y-%m-%d %H:%M:%S}' --heal, until it finds no difference that can be healed.",
        "  2. Decide what it leaves: it needs a person, and is on the desk too.",
        "  3. Start the shop and look at People: who left since the backup is there again, with role, password and second factor.",
        "  4. Look at the rest of the desk, and resume the drops.",
    ]
    return "\n".join(lines)


def _erased(done: Restored) -> list[str]:
    again = done.again
    what = f"{again.people} people, {again.holds} holds with their orders, {again.reminders} reminders"
    said = f"Erased again: {what}." if again.people else ""
    on = f"{again.go_on} more asked to be erased; that goes on." if again.go_on else ""
    none = (
        "There was no record of erasures beside the backup. If anybody was erased since, they are back: put erasures.jsonl there, "
        "and restore once more."
    )
    return [each for each in (said, on, "" if done.record else none) if each]
