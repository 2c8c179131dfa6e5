"""The demo label: a believable shop for a newcomer, its artwork and its sound made by code."""
