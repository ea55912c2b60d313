"""Screening: one question asked of many structures, again of the best ones by better methods."""
