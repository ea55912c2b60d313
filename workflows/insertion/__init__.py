"""Insertion: what a host gains by taking up ions, at what voltage, and how much it swells."""
