"""Tests of what measures: a bench that is wrong is worse than none."""
