"""The O-H bonds of water in the shell of an ion beside those of free water: what the ion does to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...structures.clusters.complexes import HYDRONIUM
from .building import ANGSTROM
from .model import Column, Value

if TYPE_CHECKING:
    from ...structures.documents import StructureDocument
    from ...workflows.molecular.desolvation_results import DesolvationResult, DesolvationStep
    from ...workflows.molecular.energies import MoleculeResult

COLUMNS = (
    Column(
        key="oh_change",
        head="O-H change",
        unit=ANGSTROM,
        decimals=4,
        description="mean O-H length of the waters on the ion before the step minus that of the free one, angstrom",
        result=True,
    ),
    Column(
        key="oh_length",
        head="O-H",
        unit=ANGSTROM,
        decimals=4,
        description="mean O-H length of the waters on the ion before the step, angstrom",
        detail=True,
    ),
    Column(
        key="oh_shift",
        head="O-H shift",
        unit="cm^-1",
        decimals=0,
        description="mean wavenumber of the O-H stretches before the step minus that of free water, harmonic, cm-1",
        result=True,
    ),
    Column(
        key="oh_wavenumber",
        head="nu O-H",
        unit="cm^-1",
        decimals=0,
        description="mean wavenumber of the O-H stretches before the step, harmonic, cm-1",
        detail=True,
    ),
)


def water_bond_cells(result: DesolvationResult, step: DesolvationStep) -> dict[str, Value]:
    """Return the cells of ``COLUMNS`` for a step; none for what was not computed."""
    member = next((one for one in result.members if one.waters == step.waters), None)
    if member is None:
        return {}
    if result.surface is not None:
        state, (free,) = member.lowest, result.surface.water.parts
        if state is None or state.structure is None:
            return {}
        return _lengths(_held(state.structure, step.waters, result.surface.shells.cutoff), _all(free.structure, 1))
    if member.molecule is None or result.water is None or not result.shell.of_water or result.ion == HYDRONIUM:
        return {}
    lengths = _all(member.molecule.geometry.structure, step.waters)
    return _lengths(lengths, _all(result.water.geometry.structure, 1)) | _shift(
        _stretches(member.molecule, step.waters), _stretches(result.water, 1)
    )


def _lengths(lengths: list[float], free: list[float]) -> dict[str, Value]:
    if not lengths:
        return {}
    mean = float(np.mean(lengths))
    return {"oh_length": mean, "oh_change": mean - float(np.mean(free))}


def _shift(wavenumber: float | None, free: float | None) -> dict[str, Value]:
    if wavenumber is None or free is None:
        return {}
    return {"oh_wavenumber": wavenumber, "oh_shift": wavenumber - free}


def _all(structure: StructureDocument, waters: int) -> list[float]:
    """Return the O-H lengths of the last waters of a structure, each O, H, H."""
    return [length for _, lengths in _waters(structure, waters) for length in lengths]


def _held(structure: StructureDocument, waters: int, cutoff: float) -> list[float]:
    """Return those of the waters that the ion before them holds."""
    atoms, ion = structure.to_atoms(), len(structure.symbols) - 3 * waters - 1
    return [
        length
        for oxygen, lengths in _waters(structure, waters)
        if atoms.get_distance(ion, oxygen, mic=True) <= cutoff
        for length in lengths
    ]


def _waters(structure: StructureDocument, waters: int) -> list[tuple[int, list[float]]]:
    atoms = structure.to_atoms()
    oxygens = [i for i in range(len(atoms)) if atoms.symbols[i] == "O"] if waters else []
    found = []
    for oxygen in oxygens[-waters:]:
        hydrogens = [i for i in range(len(atoms)) if atoms.symbols[i] == "H"]
        near = sorted(float(length) for length in atoms.get_distances(oxygen, hydrogens, mic=bool(atoms.pbc.any())))
        found.append((oxygen, near[:2]))
    return found


def _stretches(molecule: MoleculeResult, waters: int) -> float | None:
    """Return the mean of the highest modes, two for each water, cm-1: nothing else vibrates as fast."""
    thermo = molecule.geometry.thermochemistry
    return None if thermo is None else float(np.mean(sorted(thermo.frequencies)[-2 * waters :]))
