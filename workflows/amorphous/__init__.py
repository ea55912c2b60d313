"""Amorphous solids by melting and quenching: a stated protocol, a structure for each seed, and how it is built."""
