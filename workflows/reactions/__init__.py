"""Reactions between structures and molecules: energies, and the voltages that follow from them."""
