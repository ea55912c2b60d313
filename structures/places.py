"""Places for an ion by the names that papers give them, such as the 1x1 and the 2x2 tunnel of alpha-MnO2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import StructureError

if TYPE_CHECKING:
    from .recipes import StructureRecipe

Place = tuple[float, float, float]


def named_places(recipe: StructureRecipe) -> dict[str, Place]:
    """Return the places that the prototype of a host names.

    Args:
        recipe: of the host.

    Returns:
        Name -> fractional coordinates in what the recipe builds, one of each kind; none of a slab, or of what is no
        prototype.
    """
    from .prototypes import find

    if recipe.prototype is None or recipe.slab is not None:
        return {}
    n = recipe.supercell
    return {name: (a / n[0], b / n[1], c / n[2]) for name, (a, b, c) in find(recipe.prototype).places.items()}


def fractional_places(places: Sequence[Place | str], recipe: StructureRecipe) -> list[Place]:
    """Look up places that are given by name.

    Args:
        places: fractional coordinates in the bulk of the recipe, or names of places of its prototype.
        recipe: of the host.

    Returns:
        Fractional coordinates.

    Raises:
        StructureError: the host is no prototype, or its prototype has no place of that name.
    """
    from .prototypes import find

    known = {} if recipe.prototype is None else find(recipe.prototype).places
    for place in places:
        if isinstance(place, str) and place not in known:
            offer = f"known are {', '.join(known)}" if known else "it has no places with names; give three fractions"
            raise StructureError(f"{recipe.described}: sites: there is no place {place!r}; {offer}")
    return [known[place] if isinstance(place, str) else place for place in places]
