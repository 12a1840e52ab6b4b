"""Footage for a case: asked for by a named officer, held at once, decided on by its owner."""
