"""Where adsorbates start: on every distinct site of a surface, in every distinct orientation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from ...errors import StructureError
from ...structures.documents import StructureDocument
from ...structures.molecules import adsorbate, orientations
from ...structures.sites import adsorption_sites, place

if TYPE_CHECKING:
    from ase import Atoms


class Placement(BaseModel):
    """Where an adsorbate starts."""

    site: str = Field(description="label of the site")
    orientation: str = Field(description="label of the orientation")
    multiplicity: int = Field(description="symmetry-equivalent sites per surface cell")
    structure: StructureDocument = Field(description="surface with the adsorbate, not yet relaxed")

    @property
    def name(self) -> str:
        """Site and orientation."""
        return f"{self.site} {self.orientation}".strip()


def placements(surface: Atoms, name: str | StructureDocument, sites: list[str] | None = None) -> list[Placement]:
    """Put an adsorbate on every distinct site in every distinct orientation.

    Args:
        surface: relaxed bare surface.
        name: adsorbate, as for ``reference_energy``.
        sites: labels of the sites wanted; all when none.

    Returns:
        Starting structures, surface atoms first.

    Raises:
        StructureError: the surface has no site of a wanted label, or nobody knows the adsorbate.
    """
    found = adsorption_sites(surface)
    missing = sorted(set(sites or []) - {site.label for site in found})
    if missing:
        labels = ", ".join(site.label for site in found)
        raise StructureError(f"no adsorption site {', '.join(missing)} on this surface; its sites are {labels}")
    chosen = [site for site in found if sites is None or site.label in sites]
    return [
        Placement(
            site=site.label,
            orientation=orientation.label,
            multiplicity=site.multiplicity,
            structure=StructureDocument.from_atoms(place(surface, orientation.atoms, site)),
        )
        for site in chosen
        for orientation in orientations(adsorbate(name))
    ]
