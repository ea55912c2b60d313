"""An adatom put on an adsorption site: where it comes to rest, and whether that is a minimum."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from ase.geometry import find_mic
from pydantic import BaseModel, Field

from ...calculators.specs import CalculatorSpec
from ...structures.documents import StructureDocument
from ..adsorption.adsorbing import contact_with_surface
from ..adsorption.placement import Placement
from ..common.relaxation_jobs import RelaxationResult
from ..common.results import RelaxSettings
from ..common.single_points import total
from .barriers import relaxed_endpoint

PUSH = 0.3
"""How far an adatom is pushed off a saddle point, angstrom."""
PUSHES = 2
"""How often, before a site is given up."""
REARRANGED = 1.2
"""A surface atom that an adatom moves farther than this (angstrom) has left its place."""
CURVED = 0.02
"""An adatom rests where the energy curves downwards by less than this in every direction, eV/angstrom^2."""


class AdatomState(BaseModel):
    """An adatom relaxed from one adsorption site."""

    site: str = Field(description="label of the site where the relaxation started")
    relaxed: RelaxationResult = Field(description="surface with the adatom last")
    curvature: float = Field(description="lowest curvature of the energy at the adatom, eV/angstrom^2")
    problem: str = Field("", description="why this is no place of rest, in words; empty where it is one")


def adatom_state(
    placement: Placement, calculator: CalculatorSpec, settings: RelaxSettings, folder: Path | None = None
) -> AdatomState:
    """Relax an adatom from its site to a minimum.

    By symmetry a relaxation from a top or a bridge stays there, although it is a saddle point. Where the energy curves
    downwards at the adatom, all else at rest, the adatom is pushed that way and relaxed again.

    Args:
        placement: the start.
        calculator: spec of the calculator.
        settings: convergence targets.
        folder: where checkpoints go; none keeps no files.
    """
    relaxed = relaxed_endpoint(placement.structure, calculator, settings, folder)
    pushes = 0
    while True:
        curvature, direction = _softest_direction(relaxed, calculator)
        if curvature > -CURVED or pushes == PUSHES:
            break
        pushes += 1
        pushed = relaxed.structure.to_atoms()
        pushed.positions[-1] += PUSH * direction
        again = relaxed_endpoint(StructureDocument.from_atoms(pushed), calculator, settings, folder)
        relaxed = again.model_copy(
            update={
                "steps": relaxed.steps + again.steps,
                "force_calls": relaxed.force_calls + again.force_calls,
                "seconds": total([relaxed.seconds, again.seconds]),
            }
        )
    problem = _problem(placement, relaxed, curvature)
    return AdatomState(site=placement.site, relaxed=relaxed, curvature=curvature, problem=problem)


def _softest_direction(relaxed: RelaxationResult, calculator: CalculatorSpec) -> tuple[float, np.ndarray]:
    from ...calculators.factory import make_calculator
    from ...calculators.one_atom import force_constants_of_atom

    atoms = relaxed.structure.to_atoms()
    values, vectors = np.linalg.eigh(force_constants_of_atom(atoms, len(atoms) - 1, make_calculator(calculator)))
    return float(values[0]), vectors[:, 0]


def _problem(placement: Placement, relaxed: RelaxationResult, curvature: float) -> str:
    if not relaxed.converged:
        return f"unconverged: fmax {relaxed.fmax:.3f} eV/angstrom after {relaxed.steps} steps"
    start = placement.structure.to_atoms()
    contact = contact_with_surface(start, relaxed.structure.to_atoms(), len(start) - 1)
    if not contact.touching:
        return f"desorbed: {contact.distance:.2f} angstrom away, beyond van der Waals contact"
    if not contact.own:
        return "desorbed: it crossed the vacuum; take more vacuum"
    moved = find_mic(relaxed.structure.to_atoms().positions - start.positions, start.cell, start.pbc)[1][:-1].max()
    if moved > REARRANGED:
        return f"rearranged: an atom of the surface moved {moved:.2f} angstrom"
    if curvature <= -CURVED:
        return "no minimum: the energy curves downwards there"
    return ""
