"""A whole shop in one process, driven by one seed: fans, clock, Stripe, mail, workers and crashes."""
