"""What must always be true, written down once as SQL: each query returns offenders and must return none."""
