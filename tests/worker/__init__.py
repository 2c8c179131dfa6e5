"""Tests of the worker: its hands, its jobs and its schedule."""
