"""Edits of a structure: strain, terminations, vacancies, substitution, insertion, adsorption, each up to symmetry."""

from .adsorption import Adsorption
from .draft import Draft
from .insertion import Insertion
from .keys import Edit, one_or_more
from .sequence import MOST, Choice, distinct_edits, edited, finished
from .strain import LatticeStrain
from .substitution import Substitution
from .termination import Termination
from .vacancies import Vacancies

__all__ = [
    "MOST",
    "Adsorption",
    "Choice",
    "Draft",
    "Edit",
    "Insertion",
    "LatticeStrain",
    "Substitution",
    "Termination",
    "Vacancies",
    "distinct_edits",
    "edited",
    "finished",
    "one_or_more",
]
