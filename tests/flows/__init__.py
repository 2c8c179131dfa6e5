"""The purchase as stories, over the real SDK and the local Stripe."""
