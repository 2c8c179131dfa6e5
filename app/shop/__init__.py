"""The public site; importing it registers every page on its blueprint."""

from app.shop.blueprint import bp

__all__ = ["bp"]
