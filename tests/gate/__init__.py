"""The front of the shop, without the shop and before it."""
