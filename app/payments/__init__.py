"""Stripe in our own words; nothing outside gateway and inbox knows its SDK."""
