"""Mails, written when they are sent: from references in the outbox to subject, text and HTML."""

from sqlalchemy.orm import Session

from app.kernel.mail import Letter
from app.kernel.schema import JsonDict
from app.kernel.tokens import Tokens

LINK = "mail.link"


def write(session: Session, kind: str, payload: JsonDict, base_url: str, tokens: Tokens) -> Letter | None:
    """The letter that an outbox row asks for; None when what it is about is gone."""
    raise NotImplementedError(kind, payload, base_url, tokens, session)
