"""Tests of what is read for pages and letters."""
