"""A local Stripe and a mail catcher for demos and tests; a process of its own that the shop never imports."""

from sandbox.box import API_VERSION, ENABLED_EVENTS, Options
from sandbox.cards import TEST_CARDS
from sandbox.client import Control
from sandbox.clock import Clock
from sandbox.server import LocalStripe
from sandbox.web import make_app

__all__ = ["API_VERSION", "ENABLED_EVENTS", "TEST_CARDS", "Clock", "Control", "LocalStripe", "Options", "make_app"]
