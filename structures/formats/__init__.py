"""What each structure file format states, and what its reader would lose without a word."""
