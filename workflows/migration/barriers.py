"""The barrier of one hop: from two relaxed endpoints to the minimum energy path and what is read off it."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...calculators.specs import CalculatorSpec
from ...calculators.surrogates.trust import Trust, assess, combined
from ...structures.coordination import coordination_number
from ...structures.documents import StructureDocument
from ...structures.hops import map_endpoint
from ..common.relaxation_jobs import RelaxationResult, log_step, relax_structure
from ..common.results import FileRecord, Outcome, RelaxSettings, StudyLabel, fingerprint
from ..common.single_points import total
from .hops import HopStart
from .results import DEEPER, BandSettings, MigrationResult, PathPoint

if TYPE_CHECKING:
    from ase import Atoms

    from ...calculators.bands import Band, Barrier


def relaxed_endpoint(
    endpoint: StructureDocument, calculator: CalculatorSpec, settings: RelaxSettings, folder: Path | None = None
) -> RelaxationResult:
    """Relax an endpoint by itself, until its energy stands in the digits that are printed of a barrier.

    Args:
        endpoint: not yet relaxed.
        calculator: spec of the calculator.
        settings: convergence targets.
        folder: where checkpoints go; none keeps no files.
    """
    from ...calculators.image_hessians import LEFT_OPEN

    return relax_structure(endpoint.to_atoms(), calculator, settings, left_open=LEFT_OPEN, folder=folder)


def second_endpoint(
    start: HopStart,
    first: RelaxationResult,
    calculator: CalculatorSpec,
    settings: RelaxSettings,
    folder: Path | None = None,
) -> RelaxationResult:
    """Get the second endpoint: from the first by symmetry where there is one, else by its own relaxation.

    Args:
        start: the hop.
        first: the relaxed first endpoint.
        calculator: spec of the calculator.
        settings: convergence targets.
        folder: where checkpoints go; none keeps no files.
    """
    if start.hop is not None and start.supercell is not None:
        mapped = map_endpoint(first.structure.to_atoms(), start.final.to_atoms(), start.hop, start.supercell)
        if mapped is not None:
            structure = StructureDocument.from_atoms(mapped, label=start.final.label)
            return first.model_copy(update={"structure": structure, "steps": 0, "force_calls": 0, "seconds": 0.0})
    return relaxed_endpoint(start.final, calculator, settings, folder)


def migrate(
    start: HopStart,
    first: RelaxationResult,
    last: RelaxationResult,
    calculator: CalculatorSpec,
    settings: BandSettings,
    label: StudyLabel,
    folder: Path | None = None,
) -> MigrationResult:
    """Find the minimum energy path between two relaxed endpoints and read the barriers off it.

    Args:
        start: the hop.
        first: relaxed first endpoint.
        last: second endpoint.
        calculator: spec of the calculator.
        settings: images and convergence of the band.
        label: the study.
        folder: where the checkpoint and the images go; none keeps no files.

    Returns:
        The result, with its barrier whatever the outcome, and the reason when it is not ``ok``.

    Raises:
        StructureError: the endpoints are no two states of the same system.
    """
    from ...calculators.bands import barrier, minimum_energy_path
    from ...calculators.factory import make_calculator, record
    from ...calculators.saddle import tangent_at
    from ...calculators.side_by_side import processes_for_images

    began = time.perf_counter()
    key = fingerprint(first.structure, last.structure, calculator, settings)
    with processes_for_images(calculator, settings.images) as executors:
        band = minimum_energy_path(
            first.structure.to_atoms(),
            last.structure.to_atoms(),
            partial(make_calculator, calculator),
            images=settings.images,
            fmax=settings.fmax,
            max_steps=settings.max_steps,
            spring=settings.spring,
            checkpoint=None if folder is None else folder / "checkpoints" / f"band-{key}",
            progress=log_step,
            executors=executors,
        )
    read = barrier(band)
    saddle = band.images[read.saddle]
    trust = _trust(calculator, band, read)
    outcome, reason = _outcome(first, last, band, read, trust)
    ion = start.ion_index
    return MigrationResult(
        **label.model_dump(),
        host=start.host,
        ion=start.ion,
        hop=start.label,
        outcome=outcome,
        reason=reason,
        barrier_forward=read.forward,
        barrier_backward=read.backward,
        reaction_energy=read.reaction_energy,
        saddle_kind=read.kind,
        interpolated_barrier=read.interpolated_forward,
        intermediate_minimum=read.intermediate,
        path_length=float(band.path_length[-1]),
        hop_distance=_distance_moved(band.images[0], band.images[-1], ion),
        host_displacement=_largest_host_move(band.images[0], saddle, ion),
        coordination_initial=coordination_number(band.images[0], ion),
        coordination_saddle=coordination_number(saddle, ion),
        fmax=band.fmax,
        endpoint_fmax=band.endpoint_fmax,
        left_open=band.left_open,
        final_endpoint="symmetry" if last.force_calls == 0 else "relaxed",
        path=[
            PathPoint(distance=float(distance), energy=float(energy - band.energies[0]))
            for distance, energy in zip(band.path_length, band.energies, strict=True)
        ],
        pairing=start.pairing,
        sites=None if start.hop is None else (start.hop.initial, start.hop.final),
        mechanism=start.mechanism,
        network=start.network,
        supercell=start.supercell,
        cell=saddle.cell.cellpar().tolist(),
        cell_policy=start.cell_policy,
        n_atoms=len(saddle),
        iterations=band.iterations,
        force_calls=band.force_calls,
        endpoint_force_calls=first.force_calls + last.force_calls,
        seconds=time.perf_counter() - began,
        endpoint_seconds=total([first.seconds, last.seconds]),
        saddle=StructureDocument.from_atoms(saddle, label=f"{start.ion} in {start.host}, saddle"),
        tangent=tangent_at(band.images, read.saddle).tolist() if read.kind == "climbing image" else None,
        initial=first.structure,
        final=last.structure,
        band=settings,
        calculator=record(calculator),
        files=[] if folder is None else [_write_images(band, folder, key)],
        trust=trust,
    )


def _trust(calculator: CalculatorSpec, band: Band, read: Barrier) -> Trust | None:
    """Ask about the forward barrier; an image outside the domain anywhere on the path puts the barrier outside."""
    images = [assess(calculator, image) for image in band.images]
    elsewhere = [(0.0, trust) for trust in images]
    return combined([(1.0, images[read.saddle]), (-1.0, images[0]), *elsewhere])


def _outcome(
    first: RelaxationResult, last: RelaxationResult, band: Band, read: Barrier, trust: Trust | None = None
) -> tuple[Outcome, str]:
    from ...calculators.climbing import HIGHER, advice

    for name, endpoint in (("first", first), ("second", last)):
        if not endpoint.converged:
            return Outcome.UNCONVERGED, f"the {name} endpoint did not converge (fmax {endpoint.fmax:.3f} eV/angstrom)"
    if not band.converged:
        reason = f"the band: {band.status.value} (fmax {band.fmax:.3f} eV/angstrom)"
        return Outcome.UNCONVERGED, f"{reason}; {advice(band.images)}"
    depth = float(min(band.energies[1:-1]) - min(band.energies[0], band.energies[-1]))
    if depth < -DEEPER:
        return Outcome.INTERMEDIATE, (
            f"no elementary hop: the path runs through a state {-depth:.3f} eV below its endpoints; relax that state "
            "and hop from there"
        )
    if trust is not None and trust.flagged:
        return Outcome.OUTSIDE, trust.problem
    if read.kind == "highest image":
        return Outcome.UNCONVERGED, "no saddle point: the highest image is not one that climbed; take more images"
    if read.kind == "endpoint" and read.interpolated_forward > read.forward + HIGHER:
        return Outcome.UNCONVERGED, (
            f"no saddle point: an endpoint is the highest image, but the path rises to {read.interpolated_forward:.3f} "
            "eV between two of them; take more images"
        )
    if read.kind == "endpoint":
        return Outcome.OK, "no barrier: the highest image is an endpoint"
    return Outcome.OK, _no_barrier_from(read, first, last)


def _no_barrier_from(read: Barrier, first: RelaxationResult, last: RelaxationResult) -> str:
    """Say that a saddle lies below an endpoint, which is then no minimum to what its forces tell; empty where none."""
    below = [
        f"the {name} endpoint, {-barrier:.3f} eV above the saddle, is no minimum (fmax {end.fmax:.3f} eV/angstrom)"
        for name, barrier, end in (("first", read.forward, first), ("second", read.backward, last))
        if barrier < 0
    ]
    return f"no barrier{' one way' * (len(below) == 1)}: {' and '.join(below)}" if below else ""


def _largest_host_move(before: Atoms, after: Atoms, ion: int) -> float:
    from ase.geometry import find_mic

    moved = find_mic(after.positions - before.positions, before.cell, before.pbc)[1]
    return float(np.delete(moved, ion).max())


def _distance_moved(before: Atoms, after: Atoms, atom: int) -> float:
    from ase.geometry import find_mic

    return float(find_mic(after.positions - before.positions, before.cell, before.pbc)[1][atom])


def _write_images(band: Band, folder: Path, key: str) -> FileRecord:
    from ase.io import write

    path = folder / "files" / f"band-{key}.extxyz"
    path.parent.mkdir(exist_ok=True)
    temporary = path.with_suffix(".part")
    write(temporary, band.images, format="extxyz")
    temporary.replace(path)
    return FileRecord.of(path, folder, "images of the path with energies and forces, endpoints included")
