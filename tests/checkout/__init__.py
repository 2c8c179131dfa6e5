"""Tests of the purchase's steps, one file per verb."""
