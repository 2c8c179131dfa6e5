"""Control: deeds of staff leave no line in the audit log."""

from app.accounts import audit


def install() -> None:
    """Note nothing."""
    audit.note = lambda *_what, **_more: None
