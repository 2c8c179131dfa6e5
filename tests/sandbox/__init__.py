"""Contract tests of the local Stripe and the mail catcher."""
