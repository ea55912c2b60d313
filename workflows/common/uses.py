"""What each kind of study does with the recipes of its systems: a key that it would not honour is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...errors import StructureError
from ...structures.recipes import CHANGES, EDITS

if TYPE_CHECKING:
    from ...structures.recipes import StructureRecipe


@dataclass(frozen=True)
class Use:
    """How a study uses a structure.

    Attributes:
        what: the use in words.
        honours: keys of a recipe, beside its source, that change what is computed.
        advice: for the others what to do instead.
        of_edited: keys that it honours besides where the structure is edited: they say what is edited.
    """

    what: str
    honours: frozenset[str]
    advice: Mapping[str, str] = field(default_factory=dict)
    of_edited: frozenset[str] = frozenset()

    def problem(self, recipe: StructureRecipe) -> str | None:
        """Say which key of a recipe would be ignored and what to do instead; none when there is no such key."""
        honoured = self.honours | (self.of_edited if recipe.edits else frozenset())
        for key in recipe.changes:
            if key not in honoured:
                return f"{self.what} cannot honour {key}: {self.advice.get(key, f'remove {key}')}"
        return None

    def require(self, recipe: StructureRecipe) -> None:
        """Refuse a recipe with a key that would be ignored.

        Raises:
            StructureError: names the key.
        """
        problem = self.problem(recipe)
        if problem is not None:
            raise StructureError(f"{recipe.described}: {problem}")


EVERYTHING = frozenset(CHANGES)
AS_BUILT = Use("a structure as it is built", EVERYTHING)
NEUTRAL_SURFACE = Use(
    "a ladder on a surface",
    EVERYTHING - {"charge"},
    {"charge": "its cells are neutral, a metal gives or takes the electrons; remove charge"},
)
_OF_HOPS = "the search for hops in a host"
_ADVICE_ON_HOPS = {
    "slab": "it looks for hops in the bulk; for an adatom on a slab take surface_migration_study, in a campaign "
    "migration",
    "supercell": "it repeats the host itself; set hops: {supercell: [...]}",
    "spin": "endpoints have their own; build the two ends and name them as endpoints",
}
HOST = Use(_OF_HOPS, frozenset({"cell", "charge", *EDITS}), _ADVICE_ON_HOPS, frozenset({"supercell"}))
REPEATED_HOST = Use(_OF_HOPS, HOST.honours | {"supercell"}, _ADVICE_ON_HOPS)
"""A supercell is then that in which ions hop, found in one cell of it."""
CRYSTAL = Use(
    "a surface study",
    frozenset({"cell", *EDITS}),
    {
        "slab": "it cuts the slabs itself; say how by facets, layers and vacuum of the study",
        "supercell": "surface energies are per area; remove supercell",
        "charge": "slabs are cut from neutral crystals; remove charge",
        "spin": "slabs do not keep it; remove spin",
    },
    frozenset({"supercell"}),
)
MELTED = Use(
    "melting and quenching",
    frozenset({"cell", "supercell", *EDITS}),
    {
        "slab": "it melts a crystal; remove slab",
        "charge": "its cells are neutral; remove charge",
        "spin": "a melt does not keep it; remove spin",
    },
)
INSERTION_HOST = Use(
    "an insertion study",
    EVERYTHING - {"charge", "spin"},
    {
        "charge": "ions go in with their electrons, and the host stays neutral; remove charge",
        "spin": "every number of ions has a spin of its own; remove spin",
    },
)
TWO_SIDES = Use(
    "an interface study",
    frozenset({"supercell", *EDITS}),
    {
        "charge": "film and support alone would have no charge that belongs to them; remove charge",
        "spin": "film and support alone would have no spin that belongs to them; remove spin",
    },
)
SPECIES = Use("a species of a reaction", EVERYTHING)
MOLECULE = Use(
    "a study of molecules",
    frozenset({"charge", "spin"}),
    {key: f"molecules and clusters have no cell; remove {key}" for key in ("cell", "slab", "supercell", *EDITS)},
)
CARRIER = Use(
    "a ladder of molecules",
    MOLECULE.honours,
    {
        key: f"what carries its ion is a flake or a cluster without a cell; remove {key}, or name a surface as surface"
        for key in MOLECULE.advice
    },
)
