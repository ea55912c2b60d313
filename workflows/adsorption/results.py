"""What an adsorption study leaves: a row for each site, the energies of a better method, rows that are one state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from pydantic import BaseModel, Field

from ...calculators.specs import CalculatorRecord, CorrectedSpec
from ...calculators.surrogates.trust import Trust
from ...structures.coordination import neighbour_distances
from ...structures.documents import StructureDocument
from ..common.references import ReferenceEnergy
from ..common.relaxation_jobs import RelaxationResult
from ..common.results import Outcome, StudyLabel
from ..common.single_points import (
    WORTH_CORRECTING,
    Correction,
    SinglePoint,
    SinglePoints,
    States,
    by_state,
    effort,
    failure,
    needs_correction,
    total,
)
from .free_energies import FreeEnergies, FreeEnergy

SAME_ENERGY = 0.01
"""Two relaxed rows closer than this (eV) may be the same state."""
SAME_DISTANCE = 0.15
"""... and are, when no distance from the adsorbate to its neighbours differs by more than this (angstrom)."""
BARE = "bare surface"
"""Name of the structure that all rows share when a better method corrects them."""


class AdsorptionCorrection(Correction):
    """The adsorption energies of the better method at the structures of the surrogate."""

    energy: float = Field(description="E[S+X] by the better method, eV, on its own zero")
    e_ads_vs_bulk: float | None = Field(
        None, description="E[S+X] - E[S] - E[X in its bulk metal] by the better method, eV"
    )
    e_ads_vs_atom: float | None = Field(
        None, description="the same against the free atom: bulk metal plus the measured cohesive energy, eV"
    )
    e_ads_vs_molecule: float | None = Field(
        None, description="the same against free molecules, all by the better method, eV"
    )


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
    opinions: list[AdsorptionCorrection | None] = Field(
        default_factory=list, description="the energies of the other members of an ensemble; none where one failed"
    )
    free_energy: FreeEnergy | None = Field(
        None,
        description="what makes a free energy of the energy; none when not asked for",
        exclude_if=lambda free_energy: free_energy is None,  # written as before there was this field
    )

    @property
    def name(self) -> str:
        """Site and orientation."""
        return f"{self.site} {self.orientation}".strip()

    @property
    def delta_g(self) -> float | None:
        """Free energy of adsorption at the potential and pH asked for, eV; none where there is none.

        Of a corrected row the energy is that of the better method; the vibrations are those of the surrogate.
        """
        energy = (self.correction or self).e_ads_vs_molecule
        if energy is None or self.free_energy is None:
            return None
        return energy + self.free_energy.correction + self.free_energy.electrode


class AdsorptionResult(StudyLabel):
    """All rows of one adsorbate on one surface, with the surface and the reference they share."""

    surface: str = Field(description="name of the surface")
    adsorbate: str = Field(description="name of the adsorbate")
    bare: RelaxationResult = Field(description="the bare surface")
    planned: StructureDocument | None = Field(
        None,
        description="the surface as it was planned, nothing relaxed, whose sites are meant; none: those of ``bare``",
        exclude_if=lambda planned: planned is None,  # written as before there was this field
    )
    reference: ReferenceEnergy = Field(description="the reference state of the adsorbate")
    coverage: float = Field(description="adsorbates per surface area, 1/nm^2")
    rows: list[AdsorptionRow] = Field(description="one per site and orientation, in the order they were made")
    left_out: str = Field(
        "",
        description="what a cap on the starts left out, in words; empty for nothing",
        exclude_if=lambda left_out: not left_out,  # written as before there was a cap
    )
    single_points: SinglePoints | None = Field(None, description="what a better method computed to correct the rows")
    ensemble: list[SinglePoints] = Field(
        default_factory=list, description="what each of the other members of an ensemble computed"
    )
    free_energies: FreeEnergies | None = Field(
        None,
        description="what the free energies of all rows have in common; none when not asked for",
        exclude_if=lambda free_energies: free_energies is None,  # written as before there was this field
    )
    calculator: CalculatorRecord = Field(description="calculator, library versions, SHA-256 of the weights")

    @property
    def best(self) -> AdsorptionRow | None:
        """The row that is most stable among those that are results.

        By the free energy where all have one, else by the energy; by the better method where that corrected them all.
        """
        sound = [row for row in self.rows if row.outcome is Outcome.OK]
        free = {row.name: row.delta_g for row in sound if row.delta_g is not None}
        if len(free) == len(sound):
            return min(sound, key=lambda row: free[row.name], default=None)
        corrected = {row.name: row.correction.energy for row in sound if row.correction is not None}
        if len(corrected) == len(sound):
            return min(sound, key=lambda row: corrected[row.name], default=None)
        return min(sound, key=lambda row: row.energy or 0.0, default=None)

    def states_to_correct(self, calculator: CorrectedSpec) -> States:
        """Choose the structures that decide the adsorption energies.

        Args:
            calculator: says when a row is corrected.

        Returns:
            The bare surface, the parts of the reference and the structure of every sound row that needs a correction;
            nothing when no row does.

        Raises:
            StructureError: the result was kept without the structures of its reference.
        """
        rows = [row for row in self.rows if self._wants(row, calculator)]
        if not rows:
            return {}
        self.reference.check_states(self.study)
        shared = {BARE: self.bare.structure} | self.reference.states
        return shared | {row.name: row.structure for row in rows if row.structure is not None}

    def corrected(self, points: SinglePoints, calculator: CorrectedSpec) -> Self:
        """Put the adsorption energies of the better method beside those of the surrogate.

        Args:
            points: single points of its states.
            calculator: both methods.

        Returns:
            The result; a row one of whose single points is missing has a problem and its reason.
        """
        found = by_state(points)
        rows = [
            self._corrected_row(row, found, calculator) if self._wants(row, calculator) else row for row in self.rows
        ]
        return self.model_copy(update={"rows": rows, "single_points": points})

    def with_opinions(self, others: Sequence[Self]) -> Self:
        """Put the adsorption energies of the other members of an ensemble beside its own.

        Args:
            others: itself, corrected by each of them.
        """
        computed = [other.single_points for other in others if other.single_points is not None]
        rows = [
            row.model_copy(update={"opinions": [one.correction for one in same]})
            for row, *same in zip(self.rows, *(other.rows for other in others), strict=True)
        ]
        return self.model_copy(update={"rows": rows, "ensemble": computed})

    def _wants(self, row: AdsorptionRow, calculator: CorrectedSpec) -> bool:
        return row.outcome in WORTH_CORRECTING and needs_correction(calculator, row, self.bare, self.reference)

    def _corrected_row(
        self, row: AdsorptionRow, found: dict[str, SinglePoint], calculator: CorrectedSpec
    ) -> AdsorptionRow:
        wanted = [BARE, *self.reference.states, row.name]
        missing = [name for name in wanted if name not in found]
        if missing:
            reason = failure(missing, calculator.correct_with)
            return row.model_copy(update={"outcome": Outcome.FAILED, "reason": reason})
        parts = self.reference.parts
        reference = self.reference.energy_from({name: point.energy for name, point in found.items()})
        e_ads = adsorption_energy(found[row.name].energy, found[BARE].energy, reference)
        metal = self.reference.cohesive_energy
        correction = AdsorptionCorrection(
            **effort(found[name] for name in wanted),
            surrogate_calls=row.force_calls + self.bare.force_calls + sum(part.force_calls for part in parts),
            surrogate_seconds=total([row.seconds, self.bare.seconds, *(part.seconds for part in parts)]),
            energy=found[row.name].energy,
            e_ads_vs_bulk=None if metal is None else e_ads,
            e_ads_vs_atom=None if metal is None else e_ads - metal,
            e_ads_vs_molecule=e_ads if metal is None else None,
        )
        return row.model_copy(update={"correction": correction})


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
