"""Empties what a hold knows of its fan; its copies, movements and times stay as they are."""

from sqlalchemy.orm import Session

from app.inventory.models import DeskHold, Hold

ERASED = "erased"  # where a text must not be empty


def nobody(hold_id: int) -> str:
    """What stands for a fan's cookie: another one for each hold, so that nobody's copies are counted together."""
    return f"{ERASED}-{hold_id}"


def forget(session: Session, hold: Hold, *, counted: bool) -> None:
    """Empty a locked hold that is over, and end its link. While it is `counted` for a limit, what it is counted by stays."""
    hold.email, hold.note, hold.network = "", "", ""
    hold.generation += 1
    if not counted:
        hold.email_key, hold.fan = "", nobody(hold.id)
    desk = session.get(DeskHold, hold.id)
    if desk is not None:
        desk.for_whom = desk.reason = ERASED
    session.flush()


def forget_count(session: Session, hold: Hold) -> None:
    """It is counted no more."""
    hold.email_key, hold.fan = "", nobody(hold.id)
    session.flush()
