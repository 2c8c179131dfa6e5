"""The purchase, one file per step; the only place where the subjects meet."""
