"""The drop against its floors: how fast the shop is, in figures that are taken side by side in one run; never part of it."""
