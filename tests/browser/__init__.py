"""Stories told in a real Chromium, against the whole shop running as its own programs."""
