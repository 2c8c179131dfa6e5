"""What needs a person, and how a person is told: by mail and to one webhook address, once per cause, and once when it is over."""

from app.alerts.checks import CHECKS
from app.alerts.telling import KINDS, MAIL, WEBHOOK, body, letter, tell

__all__ = ["CHECKS", "KINDS", "MAIL", "WEBHOOK", "body", "letter", "tell"]
