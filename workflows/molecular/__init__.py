"""Studies of molecules and clusters: geometries, energies, binding, desolvation, orbitals, electrostatic potentials."""
