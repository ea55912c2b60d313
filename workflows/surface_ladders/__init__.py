"""Desolvation ladders on surfaces: an ion with its shell of water is taken apart on a slab, in neutral cells."""
