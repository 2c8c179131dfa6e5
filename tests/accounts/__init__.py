"""Tests of the people who sign in."""
