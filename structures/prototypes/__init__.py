"""Named crystals, layers and sheets with their published geometry; every builder's docstring names the source."""

from . import binaries, carbons, layered, light_metals, manganese_oxides, metals, mxenes, vanadium_oxides
from .catalogue import PROTOTYPES, Prototype, find, prototype, prototypes

__all__ = [
    "PROTOTYPES",
    "Prototype",
    "binaries",
    "carbons",
    "find",
    "layered",
    "light_metals",
    "manganese_oxides",
    "metals",
    "mxenes",
    "prototype",
    "prototypes",
    "vanadium_oxides",
]
