"""Units of what studies of solids report."""

J_PER_M2 = 16.02176634
"""1 eV/angstrom^2 in J/m^2."""
