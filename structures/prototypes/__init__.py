"""Named crystals, layers and sheets with their published geometry; every builder's docstring names the source."""

from . import (
    binaries,
    birnessites,
    carbons,
    dioxides,
    halides,
    layered,
    manganese_oxides,
    metals,
    mxenes,
    single_atoms,
    spinels,
    vanadium_bronzes,
    vanadium_oxides,
    vanadium_phosphates,
    zinc_hydroxides,
)
from .catalogue import PROTOTYPES, Prototype, find, prototype, prototypes

__all__ = [
    "PROTOTYPES",
    "Prototype",
    "binaries",
    "birnessites",
    "carbons",
    "dioxides",
    "find",
    "halides",
    "layered",
    "manganese_oxides",
    "metals",
    "mxenes",
    "prototype",
    "prototypes",
    "single_atoms",
    "spinels",
    "vanadium_bronzes",
    "vanadium_oxides",
    "vanadium_phosphates",
    "zinc_hydroxides",
]
