"""Words that every package may use; knows no domain."""
