"""Figures: statistics over the rows of every part, and the public page of a month. Each part counts its own."""
