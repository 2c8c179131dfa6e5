"""Telling a person by mail that something about their sign-in changed, so that a stranger's change does not pass unseen."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.kernel import outbox

NOTICE = "mail.sign_in_changed"


def tell(session: Session, staff_id: int, what: str, now: datetime, session_id: int | None = None) -> None:
    """Have a letter written about a deed such as "factor.app_added", in the deed's own transaction."""
    about = {"staff": staff_id, "what": what, "at": now.isoformat(), "session": session_id}
    outbox.enqueue(session, NOTICE, f"{staff_id}:{what}:{now.isoformat()}", about, now=now, once=True, priority=6)
