"""Molecules and clusters to their minima: starting geometries, relaxation, frequencies."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from jobflow import job
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt

from ...calculators.guard import check
from ...calculators.specs import AnySpec, CalculatorRecord, CalculatorSpec, PyscfSpec, XtbSpec
from ...calculators.surrogates.trust import Trust
from ...calculators.thermochemistry import Thermochemistry, harmonic_frequencies, thermochemistry
from ...errors import CalculationError
from ...structures.connectivity import describe_change
from ...structures.documents import StructureDocument
from ..common.relaxation_jobs import RelaxationResult, relax_structure
from ..common.results import Outcome, RelaxSettings, fingerprint

if TYPE_CHECKING:
    from ase import Atoms

logger = logging.getLogger(__name__)

PREOPTIMISED = 12
"""Starts that GFN2-xTB relaxes; of more than these it takes those that are lowest as built."""
PREOPTIMISING_STEPS = 250
"""Steps after which a start that is still moving is taken as it is."""
SKETCHING_STEPS = 40
"""Steps after which the starts are ranked: the lowest go on, as a floppy cluster takes hundreds to settle."""
GOING_ON = 4
"""Starts that go on at least, and twice as many as the calculator itself is to relax."""
PREOPTIMISED_FMAX = 0.05
"""Largest force left by GFN2-xTB, eV/angstrom: nearer to its own minimum is no nearer to that of DFT."""
SAME_MINIMUM = 0.005
"""Preoptimised starts of energies closer than this, eV, with equal distances, are one."""
SAME_DISTANCES = 0.1
"""... when no sorted interatomic distance differs by more than this, angstrom."""
PUSH = 0.3
"""How far atoms are pushed along an imaginary mode, angstrom, before relaxing again."""
RETRIES = 2
"""How often a structure with imaginary modes is pushed off and relaxed again."""


class MoleculeSettings(BaseModel):
    """How a molecule is brought to its minimum, and what is computed there."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    fmax: PositiveFloat = Field(0.01, description="largest force left on any atom, eV/angstrom")
    max_steps: PositiveInt = Field(300, description="optimizer steps before a geometry counts as unconverged")
    preoptimization: Literal["xtb", "none"] = Field(
        "xtb",
        description="relax starting geometries with GFN2-xTB first, when PySCF or a surrogate computes or there are "
        "several",
    )
    starts: PositiveInt = Field(
        1, description="distinct starting geometries relaxed by the calculator itself; the lowest minimum is kept"
    )
    frequencies: bool = Field(
        False, description="compute frequencies: proves minima, gives enthalpies and Gibbs energies"
    )
    temperature: PositiveFloat = Field(298.15, description="temperature of enthalpies and Gibbs energies, K")
    pressure: PositiveFloat = Field(101325.0, description="pressure of Gibbs energies, Pa")


class GeometryResult(BaseModel):
    """A molecule at the minimum of a level of theory."""

    structure: StructureDocument = Field(description="relaxed structure, with charge and multiplicity")
    outcome: Outcome = Field(description="ok, or why this is no minimum")
    reason: str = Field("", description="what happened, in words")
    energy: float = Field(description="energy at the level of the geometry, eV")
    fmax: float = Field(description="largest remaining force, eV/angstrom")
    steps: int = Field(description="optimizer steps of the relaxation that was kept")
    force_calls: int = Field(description="evaluations of energy and forces, those of all starts together")
    starts: int = Field(description="starting geometries relaxed by the calculator")
    thermochemistry: Thermochemistry | None = Field(None, description="frequencies and what follows from them")
    seconds: float = Field(description="wall time of the last attempt, s")
    settings: MoleculeSettings = Field(description="how it was brought to its minimum")
    calculator: CalculatorRecord = Field(description="calculator, library versions, SHA-256 of the weights")
    trust: Trust | None = Field(None, description="what a surrogate's committee says; none of other calculators")
    estimated_radii: dict[str, float] | None = Field(
        None,
        description="radii in the solvent's cavity of elements that have no published one, angstrom; none when not "
        "recorded",
    )


def optimize_molecule(
    starts: list[Atoms],
    calculator: CalculatorSpec,
    settings: MoleculeSettings = MoleculeSettings(),  # noqa: B008 - frozen
    folder: Path | None = None,
) -> GeometryResult:
    """Relax a molecule from one or several starting geometries and keep the lowest minimum.

    Several starts, and a single one for PySCF or a surrogate, are first relaxed with GFN2-xTB; those that rearrange are
    dropped, and the lowest distinct ones go on. With ``settings.frequencies`` a structure with imaginary modes is
    pushed along the softest of them and relaxed again; what still has one then is reported as a saddle point.

    Args:
        starts: starting geometries of one molecule, charge and multiplicity in ``info``.
        calculator: spec; of PySCF the level of geometries is used.
        settings: convergence, starts, frequencies.
        folder: where checkpoints go, so that a killed job goes on; none keeps no files.

    Returns:
        The lowest minimum; ``outcome`` says when it is none.

    Raises:
        CapabilityError: the calculator cannot treat this molecule.
        CalculationError: a self-consistent field failed.
    """
    began = time.perf_counter()
    calculator = at_geometry_level(calculator)
    check(calculator, starts[0])
    chosen = preoptimized(starts, calculator, settings)[: settings.starts]
    found = [_minimum(start, calculator, settings, folder) for start in chosen]
    best = min(found, key=lambda result: (result.outcome is not Outcome.OK, result.energy))
    return best.model_copy(
        update={
            "force_calls": sum(result.force_calls for result in found),
            "starts": len(found),
            "seconds": time.perf_counter() - began,
        }
    )


def preoptimized(starts: list[Atoms], calculator: AnySpec, settings: MoleculeSettings) -> list[Atoms]:
    """Relax starting geometries with GFN2-xTB and return the distinct ones, lowest first.

    All are relaxed for a few steps; the lowest go on.

    Args:
        starts: of one molecule.
        calculator: that comes after. Several starts are always preoptimised, a single one for PySCF and for surrogates,
            which learnt from such structures and not from those as built; in the solvent of PySCF's geometries where
            that is water.
        settings: says whether.

    Returns:
        Geometries whose covalent bonds are those of their starts; the starts themselves when none kept them.
    """
    wanted = calculator.preoptimised or len(starts) > 1
    if not wanted or settings.preoptimization == "none" or len(starts[0]) < 3:
        return starts
    from ...calculators.factory import make_calculator

    spec = _xtb(calculator)
    promising = _most_promising(starts, make_calculator(spec))
    wanted_minima = max(GOING_ON, 2 * settings.starts)
    sketches: list[tuple[float, Atoms]] = []
    for number, start in enumerate(promising, start=1):
        logger.info("starting geometry %d of %d, a few steps by GFN2-xTB", number, len(promising))
        sketch = _relaxed_by_xtb(start, spec, SKETCHING_STEPS)
        sketches += [] if sketch is None else [sketch]
    ranked = sorted(sketches, key=lambda pair: pair[0])
    relaxed: list[tuple[float, Atoms]] = []
    for number, (_, sketch) in enumerate(ranked, start=1):
        if len(relaxed) == wanted_minima:
            break
        logger.info("starting geometry %d of %d, to its minimum by GFN2-xTB", number, len(ranked))
        found = _relaxed_by_xtb(sketch, spec, PREOPTIMISING_STEPS - SKETCHING_STEPS)
        relaxed += [] if found is None else [found]
    if not relaxed:
        return starts
    distinct: list[tuple[float, Atoms]] = []
    for energy, atoms in sorted(relaxed, key=lambda pair: pair[0]):
        if not any(abs(energy - e) < SAME_MINIMUM and _same_shape(atoms, other) for e, other in distinct):
            atoms.calc = None
            distinct.append((energy, atoms))
    return [atoms for _, atoms in distinct]


def _relaxed_by_xtb(start: Atoms, spec: XtbSpec, steps: int) -> tuple[float, Atoms] | None:
    """Relax a start for some steps; none where its covalent bonds change or its charges do not converge."""
    from ...calculators.factory import make_calculator
    from ...calculators.relaxation import relax

    try:
        found = relax(start, make_calculator(spec), fmax=PREOPTIMISED_FMAX, max_steps=steps)
    except CalculationError as error:
        logger.info("a starting geometry was dropped: %s", error)
        return None
    change = describe_change(start, found.atoms)
    if change:
        logger.info("GFN2-xTB rearranges a starting geometry (%s); dropped", change)
        return None
    return found.energy, found.atoms


def _most_promising(starts: list[Atoms], calculator: Any) -> list[Atoms]:
    """Return the starts of lowest energy as they are built, of which there may be hundreds."""
    if len(starts) <= PREOPTIMISED:
        return starts
    ranked: list[tuple[float, int]] = []
    for number, start in enumerate(starts):
        try:
            ranked.append((float(calculator.get_potential_energy(start)), number))
        except CalculationError:
            continue
    return [starts[number] for _, number in sorted(ranked)[:PREOPTIMISED]] or starts[:PREOPTIMISED]


def at_geometry_level(calculator: AnySpec) -> AnySpec:
    """Return the spec that decides a geometry: of PySCF without the level of energies, so that studies share it."""
    return calculator.at_geometry_level()


def _xtb(calculator: AnySpec) -> XtbSpec:
    if isinstance(calculator, XtbSpec):
        return calculator
    solvent = calculator.levels[0].solvent if isinstance(calculator, PyscfSpec) else None
    return XtbSpec(solvent="water" if solvent is not None and solvent.name == "water" else None)


def _same_shape(one: Atoms, other: Atoms) -> bool:
    first, second = (np.sort(atoms.get_all_distances(), axis=None) for atoms in (one, other))
    return bool(np.abs(first - second).max() < SAME_DISTANCES)


def _minimum(start: Atoms, calculator: AnySpec, settings: MoleculeSettings, folder: Path | None) -> GeometryResult:
    """Relax one start, and push it off saddle points where frequencies are asked for."""
    relaxation = RelaxSettings(
        fmax=settings.fmax, max_steps=settings.max_steps, optimizer=_optimizer(start, calculator)
    )
    began, calls = time.perf_counter(), 0
    atoms, thermo = start, None
    for attempt in range(1 + RETRIES):
        relaxed = relax_structure(atoms, calculator, relaxation, folder=folder)
        calls += relaxed.force_calls
        if not settings.frequencies or not relaxed.converged:
            break
        atoms = relaxed.structure.to_atoms()
        force_constants = _hessian(atoms, calculator, folder) if len(atoms) > 1 else np.zeros((3, 3))
        frequencies, modes = harmonic_frequencies(force_constants, atoms)
        thermo = thermochemistry(atoms, frequencies, settings.temperature, settings.pressure)
        if thermo.imaginary == 0 or attempt == RETRIES:
            break
        logger.info("%d imaginary modes, softest %.0f cm-1: pushed off", thermo.imaginary, frequencies[0])
        atoms.positions += PUSH * modes[0] / np.abs(modes[0]).max()
    outcome, reason = _outcome(start, relaxed, thermo)
    return GeometryResult(
        structure=relaxed.structure,
        outcome=outcome,
        reason=reason,
        energy=relaxed.energy,
        fmax=relaxed.fmax,
        steps=relaxed.steps,
        force_calls=calls,
        starts=1,
        thermochemistry=thermo,
        seconds=time.perf_counter() - began,
        settings=settings,
        calculator=relaxed.calculator,
        trust=relaxed.trust,
        estimated_radii=_estimated_radii(calculator, relaxed.structure.symbols),
    )


def _estimated_radii(calculator: AnySpec, symbols: list[str]) -> dict[str, float] | None:
    if not isinstance(calculator, PyscfSpec):
        return None
    from ...calculators.dft.solvation import estimated_radii

    return estimated_radii(calculator.levels[0].solvent, symbols)


def _optimizer(atoms: Atoms, calculator: AnySpec) -> Literal["BFGS", "geomeTRIC"]:
    """Choose internal coordinates where a force costs far more than a step."""
    return "geomeTRIC" if isinstance(calculator, PyscfSpec) and len(atoms) > 2 and not atoms.constraints else "BFGS"


def _outcome(start: Atoms, relaxed: RelaxationResult, thermo: Thermochemistry | None) -> tuple[Outcome, str]:
    if not relaxed.converged:
        return Outcome.UNCONVERGED, f"fmax {relaxed.fmax:.3f} eV/angstrom after {relaxed.steps} steps"
    change = describe_change(start, relaxed.structure.to_atoms())
    if change:
        return Outcome.DISSOCIATED, f"covalent bonds changed in the relaxation: {change}"
    if thermo is not None and thermo.imaginary:
        return Outcome.SADDLE, (
            f"{thermo.imaginary} imaginary mode(s), the lowest {thermo.frequencies[0]:.0f} cm-1, after {RETRIES} pushes"
        )
    if relaxed.trust is not None and relaxed.trust.flagged:
        return Outcome.OUTSIDE, relaxed.trust.problem
    return Outcome.OK, ""


def _hessian(atoms: Atoms, calculator: AnySpec, folder: Path | None) -> np.ndarray:
    """Compute the matrix of force constants, eV/angstrom^2, once: a file keeps it."""
    kept = None
    if folder is not None:
        key = fingerprint(StructureDocument.from_atoms(atoms), calculator)
        kept = folder / "checkpoints" / f"hessian-{key}.npy"
        if kept.exists():
            return np.asarray(np.load(kept))
    matrix = _compute_hessian(atoms, calculator, kept)
    if kept is not None:
        partial = kept.with_suffix(".new.npy")
        np.save(partial, matrix)
        partial.replace(kept)
    return matrix


def _compute_hessian(atoms: Atoms, calculator: AnySpec, kept: Path | None) -> np.ndarray:
    from ...calculators.factory import make_calculator

    computer: Any = make_calculator(calculator)
    differences = None if kept is None else kept.with_suffix(".journal")
    if isinstance(calculator, PyscfSpec):
        from ...calculators.dft.vibrations import force_constants

        return force_constants(atoms, computer, checkpoint=differences)
    from ...calculators.vibrations import finite_difference_hessian

    return finite_difference_hessian(atoms, computer, checkpoint=differences)


@job(output_schema=GeometryResult)
def optimize_molecule_job(
    starts: list[StructureDocument], calculator: CalculatorSpec, settings: MoleculeSettings
) -> GeometryResult:
    """Relax a molecule in the job's folder."""
    return optimize_molecule([start.to_atoms() for start in starts], calculator, settings, folder=Path.cwd())
