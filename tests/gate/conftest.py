"""The front asks the same application as the tests of the public site."""

from tests.shop.conftest import app

__all__ = ["app"]
