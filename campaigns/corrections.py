"""What the better method of a corrected study is going to compute: its single points, before anything is relaxed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..structures.recipes import build_bulk, build_from_bulk
from ..workflows.adsorption.flow import placements
from ..workflows.common.references import reference_structures
from .model import AdsorptionStudy, DesolvationStudy, MigrationStudy, Study
from .molecular import desolvation_members
from .starts import migration_starts
from .systems import system

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ase import Atoms

    from .model import Campaign


def corrected_structures(study: Study, campaign: Campaign) -> Iterator[tuple[str, Atoms]]:
    """Build the structures that decide a quantity, as they are before they are relaxed, each with its task in words.

    Args:
        study: one of those that can be corrected; any other has none.
        campaign: with absolute paths.

    Yields:
        Task and structure.

    Raises:
        StructureError: a structure cannot be built, or has no site or hop of the kind asked for.
    """
    if isinstance(study, MigrationStudy):
        yield from _of_migration(study, campaign)
    elif isinstance(study, AdsorptionStudy):
        yield from _of_adsorption(study, campaign)
    elif isinstance(study, DesolvationStudy):
        for name, atoms in desolvation_members(study, campaign):
            yield f"{name}: single point", atoms


def _of_migration(study: MigrationStudy, campaign: Campaign) -> Iterator[tuple[str, Atoms]]:
    for start in migration_starts(study, campaign):
        name = f"{start.ion} in {study.system or start.host}, {start.label}"
        yield f"{name}: single point, first endpoint", start.initial.to_atoms()
        if not start.symmetric:
            yield f"{name}: single point, second endpoint", start.final.to_atoms()
        yield f"{name}: single point, saddle", start.initial.to_atoms()


def _of_adsorption(study: AdsorptionStudy, campaign: Campaign) -> Iterator[tuple[str, Atoms]]:
    for name in study.system:
        with system(campaign, name) as recipe:
            surface = build_from_bulk(recipe, build_bulk(recipe.bulk))
        yield f"{name}: single point", surface
        for adsorbate in study.adsorbate:
            source = campaign.adsorbate(adsorbate)
            for part in reference_structures(source):
                yield f"{part.info['label']}: single point", part
            for start in placements(surface, source, study.sites):
                yield f"{adsorbate} on {name}, {start.name}: single point", start.structure.to_atoms()
