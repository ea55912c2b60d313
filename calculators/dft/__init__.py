"""Density functional theory by PySCF: levels of theory, self-consistent fields, forces, vibrations."""
