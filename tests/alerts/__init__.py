"""Alerts: found, told once, and told again when it is over."""
