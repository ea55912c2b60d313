"""The molecular studies of a campaign: their flows, and the structures they are going to compute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import StructureError
from ..structures.recipes import StructureRecipe, build
from ..workflows.molecular.binding import BindingMaker
from ..workflows.molecular.desolvation import DesolvationMaker, hydrate_recipe
from ..workflows.molecular.energies import electronic_state, neighbouring_spins
from ..workflows.molecular.esp import EspMaker
from ..workflows.molecular.molecules import MoleculeJobs, assembled, starting_geometries
from ..workflows.molecular.orbitals import OrbitalsMaker
from .model import BindingStudy, Campaign, DesolvationStudy, EspStudy, MolecularStudy, OrbitalsStudy
from .systems import system

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ase import Atoms
    from jobflow import Flow


def molecular_flow(number: int, study: MolecularStudy, campaign: Campaign, shared: MoleculeJobs) -> Flow:
    """Make the flow of a molecular study.

    Args:
        number: place of the study in its campaign.
        study: the study.
        campaign: with files embedded into its systems.
        shared: jobs that other studies have already made.

    Returns:
        Flow of the jobs that are the study's own.
    """
    settings: dict[str, Any] = {
        "name": study.title,
        "calculator": study.calculator or campaign.calculator,
        "settings": study.molecule,
        "literature": study.literature,
        "place": (number,),
    }
    if isinstance(study, DesolvationStudy):
        most, fewest = study.waters
        ladder = DesolvationMaker(
            ion=study.ion,
            charge=study.charge,
            most=most,
            fewest=fewest,
            counterpoise=study.counterpoise,
            **settings,
        )
        return ladder.make(None if study.support is None else campaign.recipe(study.support), shared)
    if isinstance(study, BindingStudy):
        parts = [campaign.recipe(part) for part in study.parts]
        whole = None if study.complex is None else campaign.recipe(study.complex)
        return BindingMaker(counterpoise=study.counterpoise, **settings).make(parts, whole, shared)
    molecules = [campaign.recipe(name) for name in study.molecules]
    if isinstance(study, OrbitalsStudy):
        return OrbitalsMaker(**settings).make(molecules, shared)
    return EspMaker(esp=study.esp, **settings).make(molecules, shared)


def molecular_structures(study: MolecularStudy, campaign: Campaign) -> Iterator[tuple[str, Atoms]]:
    """Build what a molecular study is going to compute, each with its task in words.

    Args:
        study: the study.
        campaign: with absolute paths.

    Yields:
        Task and starting geometry.

    Raises:
        StructureError: nobody knows a molecule, or a system is periodic.
    """
    if isinstance(study, DesolvationStudy):
        yield from _of_desolvation(study, campaign)
    elif isinstance(study, BindingStudy):
        parts = [_first_start(campaign, name) for name in study.parts]
        if study.counterpoise and parts[-1].info.get("charge", 0) != 0:
            raise StructureError(
                f"{study.title}: counterpoise splits off the last part, {study.parts[-1]}, which has to be neutral; "
                "name the parts in another order"
            )
        for part in parts:
            yield f"{part.info['label']}: relax", part
        whole = assembled(parts)[0] if study.complex is None else _first_start(campaign, study.complex)
        yield f"{whole.info['label']}: relax", whole
    else:
        for name in study.molecules:
            atoms = _first_start(campaign, name)
            yield f"{atoms.info['label']}: relax", atoms
            if isinstance(study, OrbitalsStudy):
                yield from _ionised(atoms)
            if isinstance(study, EspStudy):
                yield f"{atoms.info['label']}: map", atoms


def _of_desolvation(study: DesolvationStudy, campaign: Campaign) -> Iterator[tuple[str, Atoms]]:
    water, *members = desolvation_members(study, campaign)
    yield f"{water[0]}: relax", water[1]
    if study.support is not None:
        carrier = _first_start(campaign, study.support)
        yield f"{carrier.info['label']}: relax", carrier
    for name, atoms in members:
        yield f"{name}: relax", atoms


def desolvation_members(study: DesolvationStudy, campaign: Campaign) -> Iterator[tuple[str, Atoms]]:
    """Build the species whose energies make a ladder: water, then the members from the most waters down.

    Yields:
        Name and starting geometry.
    """
    yield "H2O", build(StructureRecipe(molecule="H2O"))
    carrier = None if study.support is None else _first_start(campaign, study.support)
    for waters in range(study.waters[0], study.waters[1] - 1, -1):
        hydrate = build(hydrate_recipe(study.ion, waters, study.charge))
        atoms = hydrate if carrier is None else assembled([carrier, hydrate])[0]
        yield str(atoms.info["label"]), atoms


def _first_start(campaign: Campaign, name: str) -> Atoms:
    with system(campaign, name) as recipe:
        return starting_geometries(recipe, wanted=1)[0]


def _ionised(atoms: Atoms) -> Iterator[tuple[str, Atoms]]:
    from ..structures.documents import StructureDocument

    document = StructureDocument.from_atoms(atoms)
    for charge in (document.charge + 1, document.charge - 1):
        spins = neighbouring_spins(document, charge)
        for spin in spins:
            which = f" and multiplicity {spin}" if len(spins) > 1 else ""
            ion = electronic_state(document, charge, spin).to_atoms()
            yield f"{atoms.info['label']}: energy at charge {charge:+d}{which}", ion
