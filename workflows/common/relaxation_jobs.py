"""Relax a structure: the step every other workflow is made of."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from jobflow import job
from pydantic import BaseModel, Field

from ...calculators.guard import check
from ...calculators.specs import CalculatorRecord, CalculatorSpec
from ...calculators.surrogates.trust import Trust, assess
from ...errors import StructureError
from ...structures.building import build_bulk, build_from_bulk
from ...structures.documents import StructureDocument
from ...structures.recipes import StructureRecipe
from .results import RelaxSettings, fingerprint

if TYPE_CHECKING:
    from ase import Atoms

    from ...calculators.optimization import Step
    from ...calculators.relaxation import CellMask

logger = logging.getLogger(__name__)

AtomicQuantity = Literal["charges", "magmoms"]
"""What calculators say of single atoms, by ASE's names."""
MOMENTS: tuple[AtomicQuantity, ...] = ("magmoms",)
"""Magnetic moments alone."""

CellPolicy = Literal["fixed", "relaxed", "layers-fixed"]
"""Which cell parameters move: none, all, or all but the axis along which layers (or a sheet and its vacuum) stack."""


class RelaxationResult(BaseModel):
    """A relaxed structure with its energy, and how far the relaxation got."""

    structure: StructureDocument = Field(description="final structure")
    energy: float = Field(description="total energy of the cell, eV, on the calculator's own zero")
    fmax: float = Field(description="largest remaining force component norm on a free atom, eV/angstrom")
    converged: bool = Field(description="whether fmax (and the stress, where the cell moves) met the target")
    steps: int = Field(description="optimizer steps")
    force_calls: int = Field(description="evaluations of energy and forces")
    seconds: float | None = Field(None, description="wall time of the last attempt, s; none when not recorded")
    cell_policy: CellPolicy = Field(description="which cell parameters were relaxed")
    settings: RelaxSettings = Field(description="convergence targets")
    calculator: CalculatorRecord = Field(description="calculator, library versions, SHA-256 of the weights")
    trust: Trust | None = Field(None, description="what a surrogate's committee says; none of other calculators")
    atomic: dict[str, list[float]] = Field(
        default_factory=dict,
        description="charges (e) and magnetic moments (mu_B) of the atoms, of those asked for what the calculator has",
    )

    @property
    def energy_per_atom(self) -> float:
        """Energy per atom, eV."""
        return self.energy / len(self.structure.symbols)

    @property
    def moments(self) -> list[float] | None:
        """Magnetic moments of the atoms, mu_B; none where they were not asked for, or the calculator gives none."""
        return self.atomic.get("magmoms")


def cell_policy(recipe: StructureRecipe) -> CellPolicy:
    """Choose the cell policy that suits a bulk: semi-local functionals and surrogates get van der Waals gaps wrong.

    Args:
        recipe: the recipe of the bulk or sheet.

    Returns:
        ``layers-fixed`` for layered prototypes and sheets, ``relaxed`` for other prototypes, ``fixed`` for a user's own
        file (its cell is taken at its word) and for molecules.
    """
    if recipe.prototype is None:
        return "fixed"
    return "relaxed" if layer_axis(recipe) is None else "layers-fixed"


def is_bulk(recipe: StructureRecipe) -> bool:
    """Tell whether nothing is made of the bulk of a recipe: no slab, no supercell."""
    return {"cell", "charge", "spin"}.issuperset(recipe.changes)


def whole_policy(recipe: StructureRecipe, cell: CellPolicy | None) -> CellPolicy:
    """Choose the cell policy of what a recipe makes of its bulk: a slab keeps the cell of the relaxed bulk.

    Args:
        recipe: of the bulk, slab or supercell.
        cell: what is asked for; none for what suits the bulk.
    """
    return "fixed" if recipe.slab is not None else cell or cell_policy(recipe)


def layer_axis(recipe: StructureRecipe) -> int | None:
    """Return the cell axis (0, 1, 2) along which the recipe's bulk is stacked or a sheet has its vacuum, if any."""
    if recipe.prototype is None:
        return None
    from ...structures.prototypes import find

    prototype = find(recipe.prototype)
    return 2 if prototype.sheet else prototype.layer_axis


def check_layers(atoms: Atoms, axis: int) -> None:
    """Refuse ``layers-fixed`` for a cell whose layers do not lie where the strain that is freed acts.

    Args:
        atoms: bulk or sheet.
        axis: cell vector and Cartesian axis along which layers stack.

    Raises:
        StructureError: the other two vectors are not perpendicular to that Cartesian axis.
    """
    others = [vector for vector in range(3) if vector != axis]
    if np.abs(atoms.cell.array[others, axis]).max() > 1e-3:
        first, second = ("abc"[vector] for vector in others)
        label = atoms.info.get("label") or atoms.get_chemical_formula()
        raise StructureError(
            f"{label}: cell: layers-fixed needs the cell vectors {first} and {second} in the plane of the layers and "
            f"that plane perpendicular to {'xyz'[axis]}; turn the cell, or choose fixed or relaxed"
        )


def relax_structure(
    atoms: Atoms,
    calculator: CalculatorSpec,
    settings: RelaxSettings = RelaxSettings(),  # noqa: B008 - frozen
    *,
    cell: CellPolicy = "fixed",
    stacking_axis: int | None = None,
    left_open: float | None = None,
    folder: Path | None = None,
    atomic: Sequence[AtomicQuantity] = (),
) -> RelaxationResult:
    """Relax positions, and the cell where asked, until the largest force is below the target.

    Args:
        atoms: start; not changed.
        calculator: spec of the calculator.
        settings: convergence targets.
        cell: which cell parameters move.
        stacking_axis: axis (0, 1, 2) kept by ``layers-fixed``; c when none.
        left_open: energy that the forces may still change, eV; see [`relax`][].
        folder: where the checkpoint and the trajectory go; none keeps no files, and cannot resume.
        atomic: what of each atom is computed of the last structure, where the calculator can.

    Returns:
        The result; ``converged`` is false when the steps ran out.

    Raises:
        CapabilityError: the calculator cannot treat these atoms, or relax their cell.
        StructureError: the cell is not oriented as ``layers-fixed`` needs it.
    """
    from ...calculators.factory import make_calculator, record
    from ...calculators.relaxation import relax

    began = time.perf_counter()
    check(calculator, atoms)
    axis = 2 if stacking_axis is None else stacking_axis
    if cell != "fixed":
        calculator.check_moving_cell()
    if cell == "layers-fixed":
        check_layers(atoms, axis)
    start = StructureDocument.from_atoms(atoms)
    key = fingerprint(start, calculator, settings) + f"-{cell}"
    checkpoints = None if folder is None else folder / "checkpoints"
    used = calculator if cell == "fixed" else calculator.for_cell(atoms)
    relaxation = relax(
        atoms,
        make_calculator(used, None if checkpoints is None else checkpoints / f"scf-{key}.chk"),
        fmax=settings.fmax,
        max_steps=settings.max_steps,
        cell=cell_mask(cell, axis),
        left_open=left_open,
        optimizer=settings.optimizer,
        checkpoint=None if checkpoints is None else checkpoints / f"relax-{key}",
        progress=log_step,
    )
    return RelaxationResult(
        structure=StructureDocument.from_atoms(relaxation.atoms, label=start.label),
        energy=relaxation.energy,
        fmax=relaxation.fmax,
        converged=relaxation.converged,
        steps=relaxation.steps,
        force_calls=relaxation.force_calls,
        seconds=time.perf_counter() - began,
        cell_policy=cell,
        settings=settings,
        calculator=record(calculator),
        trust=assess(calculator, relaxation.atoms),
        atomic=atomic_values(relaxation.atoms, calculator, atomic),
    )


def relax_bulk(
    recipe: StructureRecipe,
    calculator: CalculatorSpec,
    settings: RelaxSettings = RelaxSettings(),  # noqa: B008 - frozen
    cell: CellPolicy | None = None,
    folder: Path | None = None,
) -> RelaxationResult:
    """Build and relax the bulk of a recipe; an edited one is made of it and relaxed at its lattice.

    Args:
        recipe: of the bulk, or of what is cut from it.
        calculator: spec of the calculator.
        settings: convergence targets.
        cell: which cell parameters of the bulk move; chosen by the prototype when none.
        folder: where checkpoints go; none keeps no files.

    Returns:
        The same as the job of ``SharedJobs.relaxed_bulk``.
    """
    relaxed = _relax_source(recipe, calculator, settings, cell, folder)
    if not recipe.is_edited_bulk:
        return relaxed
    return relax_structure(build_from_bulk(recipe, relaxed.structure.to_atoms()), calculator, settings, folder=folder)


def relax_whole(
    recipe: StructureRecipe,
    calculator: CalculatorSpec,
    settings: RelaxSettings,
    cell: CellPolicy | None = None,
    folder: Path | None = None,
) -> RelaxationResult:
    """Relax the bulk of a recipe, and then the slab or supercell that it makes of it, if any.

    Args:
        recipe: the recipe.
        calculator: spec.
        settings: convergence targets.
        cell: cell policy of the bulk; chosen by the prototype when none.
        folder: where checkpoints go; none keeps no files.

    Returns:
        The same as the job of ``SharedJobs.relaxed_whole``.
    """
    bulk = _relax_source(recipe, calculator, settings, cell, folder)
    if is_bulk(recipe):
        return bulk
    made, policy = build_from_bulk(recipe, bulk.structure.to_atoms()), whole_policy(recipe, cell)
    return relax_structure(made, calculator, settings, cell=policy, stacking_axis=layer_axis(recipe), folder=folder)


def _relax_source(
    recipe: StructureRecipe,
    calculator: CalculatorSpec,
    settings: RelaxSettings,
    cell: CellPolicy | None,
    folder: Path | None,
) -> RelaxationResult:
    return relax_structure(
        build_bulk(recipe.bulk),
        calculator,
        settings,
        cell=cell or cell_policy(recipe),
        stacking_axis=layer_axis(recipe),
        folder=folder,
    )


def atomic_values(
    atoms: Atoms, calculator: CalculatorSpec, quantities: Sequence[AtomicQuantity]
) -> dict[str, list[float]]:
    """Compute charges (e) or magnetic moments (mu_B) of atoms, those that the calculator has.

    Args:
        atoms: the structure.
        calculator: spec; a dispersion correction, which has neither, is left out.
        quantities: ASE's names.
    """
    from ase.calculators.calculator import PropertyNotImplementedError

    from ...calculators.factory import make_calculator

    known = [name for name in quantities if name in calculator.capabilities().properties]
    bare = calculator if calculator.added_dispersion() is None else calculator.model_copy(update={"dispersion": None})
    values: dict[str, list[float]] = {}
    for name in known:
        with suppress(PropertyNotImplementedError):  # ASE's EMT lists moments and computes none
            values[name] = [float(value) for value in make_calculator(bare).get_property(name, atoms.copy())]
    return values


def cell_mask(policy: CellPolicy, axis: int) -> CellMask:
    """Return which strain components (xx, yy, zz, yz, xz, xy) a policy frees.

    Args:
        policy: the policy.
        axis: Cartesian axis along which layers stack (0, 1, 2); prototypes have cell vector i along Cartesian axis i.
    """
    voigt = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))
    free = [policy == "relaxed" or (policy == "layers-fixed" and axis not in pair) for pair in voigt]
    return (free[0], free[1], free[2], free[3], free[4], free[5])


def log_step(step: Step) -> None:
    """Tell the log how far a calculation is; a progress display listens there."""
    logger.info("%s step %d: %.3f eV/angstrom left", step.phase, step.number, step.fmax)


@job(output_schema=StructureDocument)
def build_bulk_job(recipe: StructureRecipe) -> StructureDocument:
    """Build the bulk, sheet or molecule of a recipe."""
    return StructureDocument.from_atoms(build_bulk(recipe))


@job(output_schema=StructureDocument)
def build_from_bulk_job(recipe: StructureRecipe, bulk: StructureDocument) -> StructureDocument:
    """Cut the slab or repeat the supercell of a recipe from a (relaxed) bulk."""
    return StructureDocument.from_atoms(build_from_bulk(recipe, bulk.to_atoms()))


@job(output_schema=RelaxationResult)
def relax_job(
    structure: StructureDocument,
    calculator: CalculatorSpec,
    settings: RelaxSettings,
    cell: CellPolicy = "fixed",
    stacking_axis: int | None = None,
    atomic: Sequence[AtomicQuantity] = (),
) -> RelaxationResult:
    """Relax one structure in the job's folder."""
    return relax_structure(
        structure.to_atoms(),
        calculator,
        settings,
        cell=cell,
        stacking_axis=stacking_axis,
        folder=Path.cwd(),
        atomic=atomic,
    )
