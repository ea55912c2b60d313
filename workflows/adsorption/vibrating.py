"""The vibrations behind free energies: of each row, of the gases of its reference, and what is made of both."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from jobflow import Flow, Response, job

from ...calculators.specs import CalculatorSpec
from ..common.attempts import attempted
from ..common.collecting import despite_failures
from ..common.references import ReferenceEnergy
from ..common.relaxation_jobs import RelaxationResult, log_step
from ..common.results import Outcome, fingerprint
from ..common.work import computing
from .free_energies import (
    FreeEnergies,
    FreeEnergySettings,
    MoleculeVibrations,
    ReferenceVibrations,
    RowVibrations,
    by_constant,
    by_vibrations,
    gases_of,
    pairs_of,
    vibrating_atoms,
)
from .results import AdsorptionResult, AdsorptionRow

if TYPE_CHECKING:
    import numpy as np
    from ase import Atoms

FAILED = "its vibrations failed; the run's log says why"


def free_energies(
    result: AdsorptionResult, calculator: CalculatorSpec, settings: FreeEnergySettings, folder: Path | None = None
) -> AdsorptionResult:
    """Compute the free energies of all sound rows without Jobflow.

    Args:
        result: energies.
        calculator: spec of the calculator of the structures, which also gives the vibrations.
        settings: which atoms vibrate, at which temperature.
        folder: where checkpoints go; none keeps no files.

    Returns:
        The result with free energies; rows with imaginary modes have the outcome ``no minimum``.
    """
    if settings.constant is not None:
        return with_free_energies(result, None, {}, settings)
    reference = reference_vibrations(result.reference, calculator, folder)
    found = {
        name: attempted(
            f"{result.study}: vibrations of {name}",
            partial(row_vibrations, result.rows[number], result.bare, calculator, settings, folder),
        )
        for number, name in _wanted(result).items()
    }
    return with_free_energies(result, reference, found, settings)


def reference_vibrations(
    reference: ReferenceEnergy, calculator: CalculatorSpec, folder: Path | None = None
) -> ReferenceVibrations:
    """Compute the vibrations of the gases of a reference.

    Args:
        reference: with its relaxed molecules.
        calculator: spec.
        folder: where checkpoints go; none keeps no files.
    """
    from ...calculators.thermochemistry import harmonic_frequencies

    pairs_of(reference)
    found = []
    for part in reference.parts:
        began, atoms = time.perf_counter(), part.structure.to_atoms()
        force_constants = _force_constants(atoms, list(range(len(atoms))), calculator, folder)
        atoms.pbc = False  # it lies whole in its box
        frequencies, _ = harmonic_frequencies(force_constants, atoms)
        found.append(
            MoleculeVibrations(
                molecule=part.structure,
                weight=part.weight,
                frequencies=frequencies.tolist(),
                force_calls=6 * len(atoms),
                seconds=time.perf_counter() - began,
            )
        )
    return ReferenceVibrations(molecules=found)


def row_vibrations(
    row: AdsorptionRow,
    bare: RelaxationResult,
    calculator: CalculatorSpec,
    settings: FreeEnergySettings,
    folder: Path | None = None,
) -> RowVibrations:
    """Compute the vibrations of one adsorbate on its site, and of what vibrates with it on the bare surface.

    Args:
        row: with its relaxed structure.
        bare: the relaxed bare surface.
        calculator: spec.
        settings: which atoms vibrate.
        folder: where checkpoints go; none keeps no files.
    """
    from ...calculators.bound_thermochemistry import bound_frequencies

    assert row.structure is not None
    began, atoms, surface = time.perf_counter(), row.structure.to_atoms(), bare.structure.to_atoms()
    vibrating = vibrating_atoms(atoms, len(surface), settings)
    shared = [i for i in vibrating if i < len(surface)]
    bound = bound_frequencies(_force_constants(atoms, vibrating, calculator, folder), atoms[vibrating])
    alone = (
        bound_frequencies(_force_constants(surface, shared, calculator, folder), surface[shared]).tolist()
        if shared
        else []
    )
    return RowVibrations(
        vibrating=vibrating,
        frequencies=bound.tolist(),
        bare_frequencies=alone,
        force_calls=6 * (len(vibrating) + len(shared)),
        seconds=time.perf_counter() - began,
    )


def with_free_energies(
    result: AdsorptionResult,
    reference: ReferenceVibrations | None,
    vibrations: dict[str, RowVibrations | None],
    settings: FreeEnergySettings,
) -> AdsorptionResult:
    """Put free energies beside the energies of a result.

    Args:
        result: energies.
        reference: vibrations of its gases; none with a constant, or when their job failed.
        vibrations: by the name of the row; none where they failed.
        settings: temperature, pressures, potential.
    """
    gases = [] if reference is None else gases_of(reference, settings)
    common = FreeEnergies(settings=settings, pairs=pairs_of(result.reference), gases=gases)
    known = settings.constant is not None or reference is not None
    rows = [
        _with_free_energy(row, common, vibrations, known=known) if row.outcome is Outcome.OK else row
        for row in result.rows
    ]
    return result.model_copy(update={"rows": rows, "free_energies": common})


def _with_free_energy(
    row: AdsorptionRow, common: FreeEnergies, vibrations: dict[str, RowVibrations | None], *, known: bool
) -> AdsorptionRow:
    if common.settings.constant is not None:
        return row.model_copy(update={"free_energy": by_constant(common)})
    found = vibrations.get(row.name)
    if found is None or not known:
        return row.model_copy(update={"outcome": Outcome.FAILED, "reason": f"no free energy: {FAILED}"})
    free_energy = by_vibrations(found, common)
    saddles = {gas.name: gas.thermochemistry.imaginary for gas in common.gases}
    if any(saddles.values()):
        name = next(name for name, number in saddles.items() if number)
        ended = (Outcome.SADDLE, f"the reference is no minimum: {name} has imaginary modes")
    elif free_energy.bound is not None and free_energy.bound.imaginary:
        number, lowest = free_energy.bound.imaginary, -min(found.frequencies)
        ended = (Outcome.NO_MINIMUM, f"it slides away: imaginary modes {number}, the steepest {lowest:.0f}i cm-1")
    else:
        ended = (row.outcome, row.reason)
    return row.model_copy(update={"free_energy": free_energy, "outcome": ended[0], "reason": ended[1]})


def _wanted(result: AdsorptionResult) -> dict[int, str]:
    """Return the rows whose vibrations are wanted: number and name."""
    return {number: row.name for number, row in enumerate(result.rows) if row.outcome is Outcome.OK}


def _force_constants(
    atoms: Atoms, vibrating: Sequence[int], calculator: CalculatorSpec, folder: Path | None
) -> np.ndarray:
    from ...calculators.factory import make_calculator
    from ...calculators.vibrations import finite_difference_hessian
    from ...structures.documents import StructureDocument

    kept = None if folder is None else folder / "checkpoints"
    key = fingerprint(StructureDocument.from_atoms(atoms), calculator)
    return finite_difference_hessian(
        atoms,
        make_calculator(calculator, None if kept is None else kept / f"scf-vibrations-{key}.chk"),
        checkpoint=None if kept is None else kept / f"vibrations-{key}",
        progress=log_step,
        vibrating=vibrating,
    )


@job(output_schema=ReferenceVibrations)
def reference_vibrations_job(reference: ReferenceEnergy, calculator: CalculatorSpec) -> ReferenceVibrations:
    """Compute the vibrations of the gases of a reference in the job's folder."""
    return reference_vibrations(reference, calculator, folder=Path.cwd())


@job(output_schema=RowVibrations)
def row_vibrations_job(
    row: AdsorptionRow, bare: RelaxationResult, calculator: CalculatorSpec, settings: FreeEnergySettings
) -> RowVibrations:
    """Compute the vibrations of one adsorbate in the job's folder."""
    return row_vibrations(row, bare, calculator, settings, folder=Path.cwd())


@job(output_schema=AdsorptionResult)
def with_free_energies_job(
    result: AdsorptionResult,
    reference: ReferenceVibrations | None,
    names: list[str],
    vibrations: list[RowVibrations | None],
    settings: FreeEnergySettings,
) -> AdsorptionResult:
    """Put free energies beside energies; of vibrations that failed the row says so."""
    return with_free_energies(result, reference, dict(zip(names, vibrations, strict=True)), settings)


@job
def free_energies_job(
    result: AdsorptionResult, calculator: CalculatorSpec, settings: FreeEnergySettings
) -> Response[AdsorptionResult]:
    """Replace itself by one job for the vibrations of each sound row, one for those of the gases, and what merges."""
    if settings.constant is not None:
        return Response(output=with_free_energies(result, None, {}, settings))
    wanted = _wanted(result)
    gases = computing(reference_vibrations_job(result.reference, calculator), calculator)
    gases.name = f"{result.study}: vibrations of the reference"
    jobs = []
    for number, name in wanted.items():
        one = computing(row_vibrations_job(result.rows[number], result.bare, calculator, settings), calculator)
        one.name = f"{result.study}: vibrations, {name}"
        jobs.append(one)
    merging = despite_failures(
        with_free_energies_job(result, gases.output, list(wanted.values()), [one.output for one in jobs], settings)
    )
    merging.name = f"{result.study}: free energies"
    return Response(replace=Flow([gases, *jobs, merging], output=merging.output, name=f"{result.study}: free energies"))
