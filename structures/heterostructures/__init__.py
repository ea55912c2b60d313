"""Heterostructures: a film, layer or cluster, on a support, in a common cell, with the bonds between them."""

from .assembly import Heterostructure, Placement
from .family import family, rigidly_alike
from .interface_bonds import InterfaceBond, both_sides, count_patterns, film_and_support, interface_bonds, require_bonds
from .layers import LAYERS, Layer
from .matching import LatticeMatch, MismatchRow, Strain
from .pairs import PAIRS, candidates, heterostructure, mismatch_table
from .recipe import HeterostructureRecipe
from .settings import HeterostructureSettings

__all__ = [
    "LAYERS",
    "PAIRS",
    "Heterostructure",
    "HeterostructureRecipe",
    "HeterostructureSettings",
    "InterfaceBond",
    "LatticeMatch",
    "Layer",
    "MismatchRow",
    "Placement",
    "Strain",
    "both_sides",
    "candidates",
    "count_patterns",
    "family",
    "film_and_support",
    "heterostructure",
    "interface_bonds",
    "mismatch_table",
    "require_bonds",
    "rigidly_alike",
]
