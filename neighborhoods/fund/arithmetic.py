"""Arithmetic of dues and shares in whole đồng. Pure."""
