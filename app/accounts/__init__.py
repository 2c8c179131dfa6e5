"""People who sign in, what they may do, and what they did."""
