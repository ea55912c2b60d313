"""Energy and forces of atoms: calculator specs and their limits, relaxation, minimum energy paths."""
