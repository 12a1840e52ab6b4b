"""Figures: statistics over rows of every part, and the public page of a month. Each part counts its own; here they meet."""
