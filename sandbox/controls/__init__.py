"""Controls for tests, the simulator and people, under ``/_local``, behind a token of their own; JSON in, JSON out."""

from sandbox.controls import account, dashboard, fans, faults, webhooks
from sandbox.controls.door import control

__all__ = ["account", "control", "dashboard", "fans", "faults", "webhooks"]
