"""Ledgers: the arithmetic of charge, mass and amount that published numbers can be held against."""
