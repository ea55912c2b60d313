"""Tables of results: one module for each kind of study."""
