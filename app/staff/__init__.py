"""The back office; importing it registers every page on its blueprint."""

from app.staff import signing
from app.staff.blueprint import bp

__all__ = ["bp", "signing"]
