"""Electrostatic potential of molecules: exact and fitted, on isodensity surfaces and on grids."""
