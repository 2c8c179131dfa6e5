"""Two of them at once: each race with its guard, and once more without it, when it must go wrong."""
