"""What a breathing study says: its rows, its hull, its limit."""
