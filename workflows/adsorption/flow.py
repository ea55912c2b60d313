"""Adsorption energies on all distinct sites of one surface, against references that carry their names."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from jobflow import Flow, Maker, OnMissing, Response, job
from pydantic import BaseModel, Field

from ...calculators.specs import (
    CalculatorRecord,
    CalculatorSpec,
    ChgnetSpec,
    CorrectedSpec,
    StudyCalculator,
    geometry_method,
)
from ...calculators.surrogates.trust import Trust, combined
from ...structures.coordination import neighbour_distances
from ...structures.documents import StructureDocument
from ...structures.molecules import adsorbate, molecule_label, orientations
from ...structures.recipes import StructureRecipe, as_recipe, build_bulk, build_from_bulk
from ...structures.sites import adsorption_sites, place, upright_positions
from ..common.corrections import SinglePoints
from ..common.references import ReferenceEnergy, reference_energy
from ..common.relaxation_jobs import CellPolicy, RelaxationResult, cell_policy, layer_axis, relax_structure
from ..common.results import Outcome, RelaxSettings, StudyLabel
from ..common.shared_jobs import SharedJobs
from ..common.work import computing, light
from .correction import AdsorptionCorrection, correct_adsorption, correct_adsorption_job

if TYPE_CHECKING:
    from ase import Atoms

SAME_ENERGY = 0.01
"""Two relaxed rows closer than this (eV) may be the same state."""
SAME_DISTANCE = 0.15
"""... and are, when no distance from the adsorbate to its neighbours differs by more than this (angstrom)."""
BROKEN_BOND = 1.4
"""A bond of the adsorbate longer than this multiple of its length before relaxation counts as broken."""


SAME_CONTACT = 1e-6
"""Rounding of a distance in units of van der Waals contact."""


class AdsorptionRow(BaseModel):
    """One adsorbate on one site in one orientation."""

    site: str = Field(description="adsorption site where the relaxation started")
    orientation: str = Field(description="orientation of the adsorbate where the relaxation started")
    multiplicity: int = Field(description="symmetry-equivalent sites per surface cell")
    outcome: Outcome = Field(description="ok, or why this row is not a result")
    reason: str = Field("", description="what happened, in words")
    e_ads_vs_bulk: float | None = Field(None, description="E[S+X] - E[S] - E[X in its bulk metal], eV")
    e_ads_vs_atom: float | None = Field(
        None, description="the same against the free atom: bulk metal plus the measured cohesive energy, eV"
    )
    e_ads_vs_molecule: float | None = Field(None, description="the same against free molecules, eV")
    energy: float | None = Field(None, description="E[S+X], eV, on the calculator's own zero")
    height: float | None = Field(
        None, description="lowest atom of the adsorbate above the highest atom of the surface, angstrom"
    )
    nearest_distance: float | None = Field(None, description="shortest adsorbate-surface distance, angstrom")
    surface_displacement: float | None = Field(
        None, description="largest displacement of a surface atom caused by the adsorbate, angstrom"
    )
    fmax: float | None = Field(None, description="largest remaining force, eV/angstrom")
    steps: int = Field(0, description="optimizer steps")
    force_calls: int = Field(0, description="evaluations of energy and forces")
    seconds: float | None = Field(None, description="wall time of the last attempt, s; none when not recorded")
    structure: StructureDocument | None = Field(None, description="relaxed surface with the adsorbate last")
    trust: Trust | None = Field(None, description="what a surrogate's committee says of the adsorption energy")
    correction: AdsorptionCorrection | None = Field(
        None, description="the energies of a better method at this structure; none when not corrected"
    )

    @property
    def name(self) -> str:
        """Site and orientation."""
        return f"{self.site} {self.orientation}".strip()


class AdsorptionResult(StudyLabel):
    """All rows of one adsorbate on one surface, with the surface and the reference they share."""

    surface: str = Field(description="name of the surface")
    adsorbate: str = Field(description="name of the adsorbate")
    bare: RelaxationResult = Field(description="the bare surface")
    reference: ReferenceEnergy = Field(description="the reference state of the adsorbate")
    coverage: float = Field(description="adsorbates per surface area, 1/nm^2")
    rows: list[AdsorptionRow] = Field(description="one per site and orientation, in the order they were made")
    single_points: SinglePoints | None = Field(None, description="what a better method computed to correct the rows")
    calculator: CalculatorRecord = Field(description="calculator, library versions, SHA-256 of the weights")

    @property
    def best(self) -> AdsorptionRow | None:
        """The row of lowest energy among those that are results; by the better method where that corrected them all."""
        sound = [row for row in self.rows if row.outcome is Outcome.OK]
        corrected = {row.name: row.correction.energy for row in sound if row.correction is not None}
        if len(corrected) == len(sound):
            return min(sound, key=lambda row: corrected[row.name], default=None)
        return min(sound, key=lambda row: row.energy or 0.0, default=None)


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
        name: adsorbate, as for :func:`reference_energy`.
        sites: labels of the sites wanted; all when none.

    Returns:
        Starting structures, surface atoms first.

    Raises:
        StructureError: the surface has no site of a wanted label, or nobody knows the adsorbate.
    """
    from ...errors import StructureError

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


def adsorb(
    placement: Placement,
    bare: RelaxationResult,
    reference: ReferenceEnergy,
    calculator: CalculatorSpec,
    settings: RelaxSettings,
    folder: Path | None = None,
) -> AdsorptionRow:
    """Relax one adsorbate on its site and say what became of it.

    Args:
        placement: the start.
        bare: the relaxed bare surface.
        reference: the reference state of the adsorbate.
        calculator: spec; the same as for the bare surface and the reference.
        settings: convergence targets.
        folder: where checkpoints go; none keeps no files.

    Returns:
        The row, with its energy whatever the outcome, and the reason when it is not ``ok``.
    """
    start = placement.structure.to_atoms()
    relaxed = relax_structure(start, calculator, settings, folder=folder)
    atoms = relaxed.structure.to_atoms()
    n_surface = len(bare.structure.symbols)
    trust = combined([(1.0, relaxed.trust), (-1.0, bare.trust), (-1.0, reference.trust)])
    outcome, reason = _outcome(start, relaxed, bare, reference)
    if outcome is Outcome.OK and trust is not None and trust.flagged:
        outcome, reason = Outcome.OUTSIDE, trust.problem
    e_ads = adsorption_energy(relaxed.energy, bare.energy, reference.energy)
    metal = reference.cohesive_energy
    shift = _displacements(bare.structure.to_atoms(), atoms[:n_surface])
    return AdsorptionRow(
        site=placement.site,
        orientation=placement.orientation,
        multiplicity=placement.multiplicity,
        outcome=outcome,
        reason=reason,
        e_ads_vs_bulk=None if metal is None else e_ads,
        e_ads_vs_atom=None if metal is None else e_ads - metal,
        e_ads_vs_molecule=e_ads if metal is None else None,
        energy=relaxed.energy,
        height=_height(start, atoms, n_surface),
        nearest_distance=_contact(start, atoms, n_surface).distance,
        surface_displacement=float(shift.max()),
        fmax=relaxed.fmax,
        steps=relaxed.steps,
        force_calls=relaxed.force_calls,
        seconds=relaxed.seconds,
        structure=relaxed.structure,
        trust=trust,
    )


def adsorption_energy(e_together: float, e_surface: float, e_reference: float) -> float:
    """Return E_ads = E[S+X] - E[S] - E[X], eV; negative binds."""
    return e_together - e_surface - e_reference


def mark_merged(rows: list[AdsorptionRow], n_surface: int) -> list[AdsorptionRow]:
    """Mark rows that relaxed into the state of another row; of each state the row of lowest energy stays ``ok``.

    Args:
        rows: rows of one surface and one adsorbate.
        n_surface: number of surface atoms, which come first in every structure.

    Returns:
        The rows in the order given.
    """
    kept: list[AdsorptionRow] = []
    merged: dict[int, str] = {}
    order = sorted((i for i, row in enumerate(rows) if row.outcome is Outcome.OK), key=lambda i: rows[i].energy or 0.0)
    for i in order:
        twin = next((row for row in kept if _same_state(row, rows[i], n_surface)), None)
        if twin is None:
            kept.append(rows[i])
        else:
            merged[i] = f"relaxed into the state of {twin.site} {twin.orientation}".strip()
    return [
        row.model_copy(update={"outcome": Outcome.MERGED, "reason": merged[i]}) if i in merged else row
        for i, row in enumerate(rows)
    ]


def adsorption_study(
    surface: StructureRecipe,
    name: str | StructureDocument = "Zn",
    calculator: StudyCalculator = ChgnetSpec(),  # noqa: B008 - frozen
    settings: RelaxSettings = RelaxSettings(),  # noqa: B008 - frozen
    *,
    sites: list[str] | None = None,
    folder: Path | None = None,
) -> AdsorptionResult:
    """Compute the adsorption energies of one adsorbate on all distinct sites of a surface, without Jobflow.

    Args:
        surface: recipe of the surface; its bulk is relaxed first.
        name: adsorbate.
        calculator: spec of the calculator, or of a surrogate and what corrects it.
        settings: convergence targets.
        sites: labels of the sites wanted; all when none.
        folder: where checkpoints go; none keeps no files.

    Returns:
        The same result as the flow of :class:`AdsorptionMaker`.
    """
    surrogate = geometry_method(calculator)
    bulk = relax_structure(
        build_bulk(surface.bulk),
        surrogate,
        settings,
        cell=cell_policy(surface),
        stacking_axis=layer_axis(surface),
        folder=folder,
    )
    bare = relax_structure(build_from_bulk(surface, bulk.structure.to_atoms()), surrogate, settings, folder=folder)
    reference = reference_energy(name, surrogate, settings, folder)
    starts = placements(bare.structure.to_atoms(), reference.source, sites)
    rows = [adsorb(start, bare, reference, surrogate, settings, folder) for start in starts]
    result = _collect(
        rows, bare, reference, StudyLabel(study=f"{molecule_label(name)} on {surface.label}"), surface.described
    )
    return correct_adsorption(result, calculator, folder) if isinstance(calculator, CorrectedSpec) else result


def _collect(
    rows: list[AdsorptionRow], bare: RelaxationResult, reference: ReferenceEnergy, label: StudyLabel, described: str
) -> AdsorptionResult:
    surface = bare.structure.to_atoms()
    area = np.linalg.norm(np.cross(surface.cell[0], surface.cell[1]))
    return AdsorptionResult(
        **label.model_dump(),
        surface=described or bare.structure.label,
        adsorbate=molecule_label(reference.source),
        bare=bare,
        reference=reference,
        coverage=float(100.0 / area),
        rows=mark_merged(rows, len(surface)),
        calculator=bare.calculator,
    )


def _outcome(
    start: Atoms, relaxed: RelaxationResult, bare: RelaxationResult, reference: ReferenceEnergy
) -> tuple[Outcome, str]:
    if not bare.converged:
        return Outcome.UNCONVERGED, f"the bare surface did not converge (fmax {bare.fmax:.3f} eV/angstrom)"
    if reference.outcome is not Outcome.OK:
        return Outcome.UNCONVERGED, f"the reference did not converge (fmax {reference.fmax:.3f} eV/angstrom)"
    if not relaxed.converged:
        return Outcome.UNCONVERGED, f"fmax {relaxed.fmax:.3f} eV/angstrom after {relaxed.steps} steps"
    atoms = relaxed.structure.to_atoms()
    n_surface = len(bare.structure.symbols)
    broken = _broken_bond(start[n_surface:], atoms[n_surface:])
    if broken:
        return Outcome.DISSOCIATED, broken
    contact = _contact(start, atoms, n_surface)
    if not contact.touching:
        away = f"{contact.distance:.2f} angstrom away"
        return Outcome.DESORBED, f"nearest surface atom {away}, beyond van der Waals contact"
    if not contact.own:
        return Outcome.DESORBED, "it crossed the vacuum to the back of the surface's periodic image; take more vacuum"
    return Outcome.OK, ""


def _height(start: Atoms, relaxed: Atoms, n_surface: int) -> float:
    """Return how far the adsorbate's lowest atom is above the surface's highest, wherever the slab lies in its cell.

    Relaxations wrap no atom: what brings the slab into one piece before a relaxation does so after it, when an
    adsorbate may have closed the vacuum that shows which piece is which.
    """
    top = _in_one_piece(start, relaxed, n_surface)[:, 2].max()
    return float(relaxed.positions[n_surface:, 2].min() - top)


def _in_one_piece(start: Atoms, relaxed: Atoms, n_surface: int) -> np.ndarray:
    """Return the positions of the relaxed surface below the adsorbate, whatever wraps across the cell."""
    lift = upright_positions(start[:n_surface]) - start.positions[:n_surface]
    return np.asarray(relaxed.positions[:n_surface] + lift)


class _Contact(NamedTuple):
    """How an adsorbate and a surface meet: the shortest distance, whether within reach, whether of this surface."""

    distance: float
    touching: bool
    own: bool


def _contact(start: Atoms, relaxed: Atoms, n_surface: int) -> _Contact:
    """Find the contact of an adsorbate with its surface, or with the image of it above the vacuum.

    A pair touches within the sum of its van der Waals radii (S. Alvarez, Dalton Trans. 2013, 42, 8617,
    10.1039/c3dt50599e); the pair that is nearest for its radii decides which of the two surfaces the adsorbate is on.
    """
    from ase.data.vdw_alvarez import vdw_radii
    from ase.geometry import find_mic

    adsorbed = relaxed.numbers[n_surface:]
    reach = vdw_radii[adsorbed][:, None] + vdw_radii[relaxed.numbers[:n_surface]][None, :]
    between = relaxed.positions[n_surface:, None] - _in_one_piece(start, relaxed, n_surface)[None]

    def distances(pbc: tuple[bool, bool, bool]) -> np.ndarray:
        return np.asarray(find_mic(between.reshape(-1, 3), relaxed.cell, pbc)[1]).reshape(reach.shape)

    below, anywhere = distances((True, True, False)), distances(tuple(relaxed.pbc))
    own = (below / reach).min() <= (anywhere / reach).min() + SAME_CONTACT
    return _Contact(float(anywhere.min()), bool((anywhere <= reach).any()), bool(own))


def _broken_bond(before: Atoms, after: Atoms) -> str:
    """Name the first bond of the adsorbate that broke, or return an empty string."""
    from ase.data import covalent_radii

    for i in range(len(before)):
        for j in range(i):
            length = before.get_distance(i, j, mic=True)
            bonded = length < 1.3 * (covalent_radii[before.numbers[i]] + covalent_radii[before.numbers[j]])
            now = after.get_distance(i, j, mic=True)
            if bonded and now > BROKEN_BOND * length:
                return f"{before.symbols[j]}-{before.symbols[i]} bond of the adsorbate broke ({now:.2f} angstrom)"
    return ""


def _displacements(before: Atoms, after: Atoms) -> np.ndarray:
    from ase.geometry import find_mic

    return np.asarray(find_mic(after.positions - before.positions, before.cell, before.pbc)[1])


def _same_state(one: AdsorptionRow, other: AdsorptionRow, n_surface: int) -> bool:
    """Compare energies, then the sorted distances from each adsorbate atom to its surroundings."""
    if one.structure is None or other.structure is None or one.energy is None or other.energy is None:
        return False
    if abs(one.energy - other.energy) > SAME_ENERGY:
        return False
    a, b = one.structure.to_atoms(), other.structure.to_atoms()
    return all(
        np.abs(neighbour_distances(a, i, count=8) - neighbour_distances(b, i, count=8)).max() < SAME_DISTANCE
        for i in range(n_surface, len(a))
    )


@job(output_schema=AdsorptionRow)
def adsorb_job(
    placement: Placement,
    bare: RelaxationResult,
    reference: ReferenceEnergy,
    calculator: CalculatorSpec,
    settings: RelaxSettings,
) -> AdsorptionRow:
    """Relax one adsorbate on its site in the job's folder."""
    return adsorb(placement, bare, reference, calculator, settings, folder=Path.cwd())


@job(output_schema=AdsorptionResult)
def collect_adsorption_job(
    rows: list[AdsorptionRow | None],
    starts: list[Placement],
    bare: RelaxationResult,
    reference: ReferenceEnergy,
    label: StudyLabel,
    surface: str = "",
) -> AdsorptionResult:
    """Gather the rows; a row whose job failed stays in the table as failed."""
    gathered = [
        row
        if row is not None
        else AdsorptionRow(
            site=start.site,
            orientation=start.orientation,
            multiplicity=start.multiplicity,
            outcome=Outcome.FAILED,
            reason="its job failed; the run's log says why",
        )
        for row, start in zip(rows, starts, strict=True)
    ]
    return _collect(gathered, bare, reference, label, surface)


@job
def adsorption_sites_job(
    bare: RelaxationResult,
    reference: ReferenceEnergy,
    calculator: CalculatorSpec,
    settings: RelaxSettings,
    sites: list[str] | None,
    label: StudyLabel,
    surface: str = "",
) -> Response[AdsorptionResult]:
    """Find the sites of the relaxed surface and replace itself by one job for each."""
    starts = placements(bare.structure.to_atoms(), reference.source, sites)
    jobs = []
    for start in starts:
        row = computing(adsorb_job(start, bare, reference, calculator, settings), calculator)
        row.name = f"{label.study}: {start.name}"
        jobs.append(row)
    collect = light(collect_adsorption_job([row.output for row in jobs], starts, bare, reference, label, surface))
    collect.name = f"{label.study}: collect"
    collect.config.on_missing_references = OnMissing.NONE
    return Response(replace=Flow([*jobs, collect], output=collect.output, name=label.study))


@dataclass
class AdsorptionMaker(Maker):
    """Adsorption energies of one adsorbate on all distinct sites of one surface.

    Steps: build the bulk; relax it (cell as ``cell`` says); cut and relax the slab, once; compute the reference, once;
    find the distinct sites; relax the adsorbate on each in every orientation, one job each; collect.

    Attributes:
        name: name of the flow, of its jobs and of the study in tables.
        adsorbate: ``Zn``, ``H``, ``O``, ``OH``, a molecule that ASE knows, a molecule file, or a molecule as data.
        calculator: spec of the calculator for everything, so that errors cancel; or of a surrogate and what corrects
            its rows.
        settings: convergence targets of all relaxations.
        cell: cell policy of the bulk; chosen by the prototype when none.
        sites: labels of the sites wanted; all when none.
        literature: keys of published values that tables put beside the result.
        place: place of the study in its campaign, for the order of tables.
    """

    name: str = "adsorption"
    adsorbate: str | StructureDocument = "Zn"
    calculator: StudyCalculator = field(default_factory=ChgnetSpec)
    settings: RelaxSettings = field(default_factory=RelaxSettings)
    cell: CellPolicy | None = None
    sites: list[str] | None = None
    literature: list[str] = field(default_factory=list)
    place: tuple[int, ...] = ()

    def make(self, surface: StructureRecipe | Atoms, shared: SharedJobs | None = None) -> Flow:
        """Make the flow.

        Args:
            surface: recipe of the surface (its bulk is relaxed first), or the surface itself.
            shared: jobs that other studies have already made; the caller then puts them into its own flow.

        Returns:
            Flow whose output is an :class:`AdsorptionResult`.
        """
        recipe = as_recipe(surface)
        pool = shared or SharedJobs()
        surrogate = geometry_method(self.calculator)
        bare = pool.relaxed_surface(recipe, surrogate, self.settings, self.cell)
        reference = pool.reference(self.adsorbate, surrogate, self.settings)
        sites = adsorption_sites_job(
            bare.output,
            reference.output,
            surrogate,
            self.settings,
            self.sites,
            StudyLabel.of(self, recipe),
            recipe.described,
        )
        sites.name = f"{self.name}: sites"
        light(sites)
        steps = [sites]
        if isinstance(self.calculator, CorrectedSpec):
            correction = light(correct_adsorption_job(sites.output, self.calculator))
            correction.name = f"{self.name}: correction"
            steps.append(correction)
        own = steps if shared is not None else [*pool.jobs, *steps]
        return Flow(own, output=steps[-1].output, name=self.name)
