"""What a breathing study says: its rows, its hull, its limit."""

BONDS = "bonds"
"""Name of the table and the figure that compare interfaces: adhesion per bond against bonds that come back."""
