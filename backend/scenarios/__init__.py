"""Scenarios: five places of today, replayed through the verbs of the product with an injected clock."""
