"""Named crystals, layers and sheets with their published geometry; every builder's docstring names the source."""

from . import binaries, carbons, layered, manganese_oxides, metals, mxenes, single_atoms, vanadium_oxides
from .catalogue import PROTOTYPES, Prototype, find, prototype, prototypes

__all__ = [
    "PROTOTYPES",
    "Prototype",
    "binaries",
    "carbons",
    "find",
    "layered",
    "manganese_oxides",
    "metals",
    "mxenes",
    "prototype",
    "prototypes",
    "single_atoms",
    "vanadium_oxides",
]
