"""Melting and quenching: a solid for each seed, and what all of them are measured against."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from jobflow import Flow, job

from ...calculators.guard import check
from ...calculators.specs import CalculatorSpec, ChgnetSpec
from ...calculators.surrogates.trust import combined
from ...errors import StructureError
from ...structures.building import as_recipe
from ...structures.packing import density_of, element_pairs
from ...structures.radial import first_shell
from ..common.attempts import attempted
from ..common.collecting import despite_failures
from ..common.maker import StudyMaker
from ..common.relaxation_jobs import CellPolicy, RelaxationResult, relax_structure, relax_whole
from ..common.results import FileRecord, Outcome, RelaxSettings, StudyLabel, fingerprint
from ..common.shared_jobs import SharedJobs
from ..common.uses import MELTED
from ..common.work import computing
from .judging import closest_contact, fallen_apart, judge, moved
from .protocol import FEMTOSECONDS, MeltQuench
from .results import AmorphousResult, PairShell, Quenched

if TYPE_CHECKING:
    from ase import Atoms

    from ...calculators.dynamics import Dynamics
    from ...structures.recipes import StructureRecipe

POINTS = 200
"""Temperatures that a result keeps at the most."""


def melt_quench(
    crystal: RelaxationResult,
    calculator: CalculatorSpec,
    protocol: MeltQuench,
    settings: RelaxSettings,
    seed: int,
    folder: Path | None = None,
) -> Quenched:
    """Melt the atoms of a crystal, quench and relax them at fixed cell.

    Args:
        crystal: relaxed; it gives the atoms, and the density where the protocol states none.
        calculator: spec; the same as for the crystal.
        protocol: temperatures and times.
        settings: convergence targets.
        seed: of the packing, the velocities and the thermostat.
        folder: where checkpoints and the structure go; none keeps no files.

    Returns:
        The structure with what it is like; a melt that fell apart has none.
    """
    from ...calculators.dynamics import heat_bath
    from ...calculators.factory import make_calculator

    source = crystal.structure.to_atoms()
    try:
        start = protocol.started(source, seed)
    except StructureError as error:
        return Quenched(
            seed=seed, outcome=Outcome.FAILED, reason=str(error), density=protocol.density or density_of(source)
        )
    check(calculator, start)
    key = fingerprint(crystal.structure, calculator, protocol)
    dynamics = heat_bath(
        start,
        make_calculator(calculator),
        protocol.stretches,
        timestep=protocol.timestep,
        seed=seed,
        friction=protocol.friction,
        stop=partial(fallen_apart, bath=protocol.melt),
        checkpoint=None if folder is None else folder / "checkpoints" / f"melt-{key}-{seed}",
    )
    path = _temperatures(dynamics, protocol)
    if dynamics.stopped:
        after = dynamics.steps * protocol.timestep / FEMTOSECONDS
        reason = f"the melt fell apart after {after:.3f} ps: {dynamics.stopped}"
        return Quenched(
            seed=seed,
            outcome=Outcome.FAILED,
            reason=reason,
            density=density_of(start),
            temperatures=path,
            force_calls=dynamics.steps,
        )
    quenched = start.copy()
    quenched.info = {**start.info, "label": f"amorphous {start.get_chemical_formula()}, seed {seed}"}
    quenched.positions = dynamics.atoms.positions
    quenched.wrap()
    relaxed = relax_structure(quenched, calculator, settings, folder=folder)
    melt, quench, end = dynamics.turns
    melted = moved(start.positions, melt)
    far = melted if protocol.start == "crystal" else None
    outcome, reason = _ended(relaxed, crystal, far, moved(quench, end))
    atoms = relaxed.structure.to_atoms()
    return Quenched(
        seed=seed,
        outcome=outcome,
        reason=reason,
        structure=relaxed.structure,
        energy=relaxed.energy,
        fmax=relaxed.fmax,
        density=density_of(atoms),
        closest=closest_contact(atoms)[1],
        melted=melted,
        temperatures=path,
        shells=pair_shells(atoms),
        force_calls=dynamics.steps + relaxed.force_calls,
        file=None if folder is None else _write(atoms, folder, seed),
        trust=combined([(1.0 / len(atoms), relaxed.trust), (-1.0 / len(source), crystal.trust)]),
    )


def pair_shells(atoms: Atoms) -> list[PairShell]:
    """Return the first shell of every pair of elements.

    Args:
        atoms: periodic.
    """
    found = {pair: first_shell([atoms], pair) for pair in element_pairs(atoms)}
    return [
        PairShell(pair=pair)
        if shell is None
        else PairShell(pair=pair, peak=shell.peak, end=shell.end, neighbours=shell.neighbours, reverse=shell.reverse)
        for pair, shell in found.items()
    ]


def _ended(
    relaxed: RelaxationResult, crystal: RelaxationResult, melted: float | None, flowed: float
) -> tuple[Outcome, str]:
    outcome, reason = judge(relaxed.structure.to_atoms(), crystal.structure.to_atoms(), melted, flowed)
    if outcome is not Outcome.OK:
        return outcome, reason
    if not relaxed.converged:
        return Outcome.UNCONVERGED, f"fmax {relaxed.fmax:.3f} eV/angstrom after {relaxed.steps} steps"
    if relaxed.trust is not None and relaxed.trust.flagged:
        return Outcome.OUTSIDE, relaxed.trust.problem
    return Outcome.OK, ""


def _temperatures(dynamics: Dynamics, protocol: MeltQuench) -> list[tuple[float, float, float]]:
    every = max(1, len(dynamics.temperatures) // POINTS)
    kept = dynamics.temperatures[every - 1 :: every]
    return [(step * protocol.timestep / FEMTOSECONDS, bath, own) for step, bath, own in kept]


def _write(atoms: Atoms, folder: Path, seed: int) -> FileRecord:
    from ...structures.files import write_structure

    path = folder / f"amorphous-{atoms.get_chemical_formula()}-seed-{seed}.extxyz"
    write_structure(atoms, path)
    return FileRecord.of(path, folder, str(atoms.info["label"]))


def amorphous_study(
    system: StructureRecipe | Atoms,
    calculator: CalculatorSpec = ChgnetSpec(),  # noqa: B008 - frozen
    settings: RelaxSettings = RelaxSettings(),  # noqa: B008 - frozen
    *,
    protocol: MeltQuench = MeltQuench(),  # noqa: B008 - frozen
    seeds: int = 1,
    cell: CellPolicy | None = None,
    folder: Path | None = None,
) -> AmorphousResult:
    """Make amorphous solids without Jobflow.

    Args:
        system: crystal, with a supercell that has as many atoms as the amorphous solid is to have.
        calculator: spec of the calculator.
        settings: convergence targets of crystal and amorphous solids.
        protocol: how it is melted and quenched.
        seeds: solids to make, by the seeds 0, 1, ...
        cell: cell policy of the crystal; chosen by the prototype when none.
        folder: where checkpoints and structures go; none keeps no files.

    Returns:
        The same result as the flow of [`AmorphousMaker`][].
    """
    recipe = as_recipe(system)
    MELTED.require(recipe)
    crystal = relax_whole(recipe, calculator, settings, cell, folder)
    made = [
        attempted(f"seed {seed}", partial(melt_quench, crystal, calculator, protocol, settings, seed, folder))
        for seed in range(seeds)
    ]
    return collect_amorphous(made, crystal, protocol, StudyLabel(study=f"amorphous {recipe.label}"), recipe.described)


def collect_amorphous(
    made: list[Quenched | None], crystal: RelaxationResult, protocol: MeltQuench, label: StudyLabel, system: str
) -> AmorphousResult:
    """Put the solids of all seeds together.

    Args:
        made: by seed; none where the job failed.
        crystal: relaxed.
        protocol: how it was melted and quenched.
        label: of the study.
        system: name of the crystal.
    """
    density = protocol.density or density_of(crystal.structure.to_atoms())
    why = "its job failed; the run's log says why"
    return AmorphousResult(
        **label.model_dump(),
        system=system,
        protocol=protocol,
        crystal=crystal,
        seeds=[
            one or Quenched(seed=seed, outcome=Outcome.FAILED, reason=why, density=density)
            for seed, one in enumerate(made)
        ],
        settings=crystal.settings,
        calculator=crystal.calculator,
    )


@job(output_schema=Quenched)
def melt_quench_job(
    crystal: RelaxationResult, calculator: CalculatorSpec, protocol: MeltQuench, settings: RelaxSettings, seed: int
) -> Quenched:
    """Melt and quench in the job's folder; stopped, it goes on where it was."""
    return melt_quench(crystal, calculator, protocol, settings, seed, folder=Path.cwd())


@job(output_schema=AmorphousResult)
def collect_amorphous_job(
    made: list[Quenched | None], crystal: RelaxationResult, protocol: MeltQuench, label: StudyLabel, system: str
) -> AmorphousResult:
    """Gather the solids of all seeds; one whose job failed stays in the table as failed."""
    return collect_amorphous(made, crystal, protocol, label, system)


@dataclass
class AmorphousMaker(StudyMaker):
    """Amorphous solids of the composition of a crystal.

    Steps: build and relax the crystal; for each seed pack its atoms at random into a cube of the density (or take the
    crystal at it), melt, cool at a constant rate, relax at that cell, and judge whether it is an amorphous solid;
    collect shells of neighbours and energies above the crystal.

    Attributes:
        protocol: how it is melted and quenched.
        seeds: solids to make.
        calculator: spec of the calculator for everything.
        settings: convergence targets of crystal and amorphous solids.
        cell: cell policy of the crystal; chosen by the prototype when none.
    """

    name: str = "amorphous"
    protocol: MeltQuench = field(default_factory=MeltQuench)
    seeds: int = 1
    calculator: CalculatorSpec = field(default_factory=ChgnetSpec)
    settings: RelaxSettings = field(default_factory=RelaxSettings)
    cell: CellPolicy | None = None

    def make(self, system: StructureRecipe | Atoms, shared: SharedJobs | None = None) -> Flow:
        """Make the flow.

        Args:
            system: recipe of the crystal, with the supercell that is melted, or the crystal itself.
            shared: jobs that other studies have already made; the caller then puts them into its own flow.

        Returns:
            Flow whose output is an [`AmorphousResult`][].
        """
        recipe = as_recipe(system)
        MELTED.require(recipe)
        pool = shared or SharedJobs()
        crystal = pool.relaxed_whole(recipe, self.calculator, self.settings, self.cell)
        made = [
            self.named(
                computing(
                    melt_quench_job(crystal.output, self.calculator, self.protocol, self.settings, seed),
                    self.calculator,
                ),
                f"melt and quench, seed {seed}",
            )
            for seed in range(self.seeds)
        ]
        collect = despite_failures(
            collect_amorphous_job(
                [one.output for one in made], crystal.output, self.protocol, self.label(recipe), recipe.described
            )
        )
        return self.flow([*made, self.named(collect, "collect")], pool.jobs if shared is None else ())
