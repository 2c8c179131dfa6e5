"""Tests of what is held about a fan, and how it goes."""
