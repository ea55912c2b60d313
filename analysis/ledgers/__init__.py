"""Ledgers: the arithmetic of charge, mass and amount that published numbers can be held against."""

LEDGERS = "ledgers"
"""Name of their table, which has rows without any run."""
