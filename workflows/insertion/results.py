"""What an insertion study leaves: a host with and without ions, and the numbers that follow from their energies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import BaseModel, Field

from ...calculators.specs import CalculatorRecord
from ...calculators.surrogates.trust import Trust, combined
from ...structures.documents import StructureDocument
from ..common.electrodes import Correction, electrode, proton_shift
from ..common.references import ReferenceEnergy
from ..common.relaxation_jobs import CellPolicy, RelaxationResult
from ..common.results import Outcome, RelaxSettings, StudyLabel
from .expansion import gap_change, height_change, volume_change
from .sites import Region

if TYPE_CHECKING:
    from ase import Atoms

PROTON = "H"


class InsertionState(BaseModel):
    """A host with or without ions, relaxed."""

    name: str = Field(description="which state it is, in words")
    outcome: Outcome = Field(description="ok, or why it is no result")
    reason: str = Field("", description="what happened, in words")
    energy: float | None = Field(None, description="total energy of the cell, eV; none where there is none")
    seconds: float | None = Field(None, description="wall time, s; none when not recorded")
    force_calls: int = Field(0, description="evaluations of energy and forces")
    structure: StructureDocument | None = Field(None, description="relaxed structure")
    trust: Trust | None = Field(None, description="what a surrogate's committee says of the energy")

    @classmethod
    def of(cls, name: str, relaxed: RelaxationResult | None) -> Self:
        """Take a relaxation as a state; none is one whose job failed."""
        if relaxed is None:
            return cls(name=name, outcome=Outcome.FAILED, reason="its relaxation failed; the run's log says why")
        outcome, reason = Outcome.OK, ""
        if not relaxed.converged:
            outcome, reason = Outcome.UNCONVERGED, f"fmax {relaxed.fmax:.3f} eV/angstrom after {relaxed.steps} steps"
        elif relaxed.trust is not None and relaxed.trust.flagged:
            outcome, reason = Outcome.OUTSIDE, relaxed.trust.problem
        return cls(
            name=name,
            outcome=outcome,
            reason=reason,
            energy=relaxed.energy,
            seconds=relaxed.seconds,
            force_calls=relaxed.force_calls,
            structure=relaxed.structure,
            trust=relaxed.trust,
        )


class Insertion(BaseModel):
    """A host with and without a number of ions, and where these come from."""

    ion: str = Field(description="chemical symbol of the ion")
    n_ions: int = Field(description="ions per cell of the loaded host")
    empty: InsertionState = Field(description="the host without ions")
    filled: list[InsertionState] = Field(description="the host with ions, on each site that was tried")
    metal: ReferenceEnergy = Field(description="where the ions come from: the bulk metal, for H the molecule")
    calculator: CalculatorRecord = Field(description="calculator, library versions, SHA-256 of the weights")
    no_room: str = Field("", description="why there is no site for so many ions; empty where there are sites")

    @property
    def states(self) -> list[InsertionState]:
        """Both hosts."""
        return [self.empty, *self.filled]

    @property
    def loaded(self) -> InsertionState | None:
        """The loaded host of lowest energy; none where there is no result."""
        sound = [state for state in self.filled if state.outcome is Outcome.OK]
        return min(sound, key=lambda state: state.energy or 0.0, default=None)

    @property
    def gained(self) -> float | None:
        """E[loaded] - E[empty] - n E[reference], eV per cell; none without the energies."""
        loaded, empty = self.loaded, self.empty
        if self.metal.outcome is not Outcome.OK:
            return None
        if loaded is None or loaded.energy is None or empty.energy is None or empty.outcome is not Outcome.OK:
            return None
        return loaded.energy - empty.energy - self.n_ions * self.metal.energy

    @property
    def voltage(self) -> float | None:
        """Mean voltage against the metal: -(E[loaded] - E[empty] - n E[metal]) / n z, V; none without the energies."""
        gained = self.gained
        return None if gained is None else -gained / (self.n_ions * electrode(self.ion).charge)

    @property
    def trust(self) -> Trust | None:
        """What a surrogate's committee says of the voltage."""
        if self.loaded is None:
            return None
        per_electron = 1 / (self.n_ions * electrode(self.ion).charge)
        terms = [(1.0, self.empty.trust), (-1.0, self.loaded.trust), (float(self.n_ions), self.metal.trust)]
        return combined([(factor * per_electron, trust) for factor, trust in terms])

    @property
    def n_atoms(self) -> int | None:
        """Atoms in the loaded host."""
        structure = None if self.loaded is None else self.loaded.structure
        return None if structure is None else len(structure.symbols)

    @property
    def ended(self) -> tuple[Outcome, str]:
        """How it ended, and why there is no number."""
        if self.metal.outcome is not Outcome.OK:
            return self.metal.outcome, f"{self.metal.state}: fmax {self.metal.fmax:.3f} eV/angstrom"
        if self.empty.outcome is not Outcome.OK:
            return self.empty.outcome, f"the host without ions: {self.empty.reason}"
        if self.no_room:
            return Outcome.FAILED, self.no_room
        if self.loaded is not None:
            return Outcome.OK, ""
        outcomes = {state.outcome for state in self.filled}
        told = "; ".join(f"{state.name}: {state.outcome}, {state.reason}" for state in self.filled)
        return (outcomes.pop() if len(outcomes) == 1 else Outcome.FAILED), told


class InsertionRow(BaseModel):
    """What one number of ions in a host gives."""

    n: int = Field(description="ions per cell")
    outcome: Outcome = Field(description="ok, or why there is no number")
    reason: str = Field("", description="what happened, in words")
    energy: float | None = Field(None, description="insertion energy per ion, eV; negative where the host gains")
    voltage: float | None = Field(None, description="mean voltage against the ion's own electrode, V")
    step: float | None = Field(None, description="voltage of the ions from the number before to this one, V")
    potential: float | None = Field(None, description="mean potential against the standard hydrogen electrode, V")
    volume_change: float | None = Field(None, description="volume of the cell against that without ions, %")
    spacing_change: float | None = Field(
        None,
        description="height of the cell along the stacking axis, or of film above support, against that without"
        " ions, angstrom",
    )
    site: str = Field("", description="start that gave the lowest energy")
    formula: str = Field("", description="formula of the loaded cell")
    trust: Trust | None = Field(None, description="what a surrogate's committee says of the energy")
    n_atoms: int | None = Field(None, description="atoms in the loaded cell")
    force_calls: int = Field(0, description="evaluations of energy and forces, all starts together")


class InsertionResult(StudyLabel):
    """One ion in one host, for every number of ions that was asked for."""

    host_name: str = Field(description="name of the host")
    ion: str = Field(description="chemical symbol of the ion")
    ph: float | None = Field(None, description="pH of the protons that H comes from; none: from 1/2 H2")
    correction: Correction | None = Field(None, description="energy added by hand to each ion in the host")
    loadings: list[Insertion] = Field(description="by number of ions, smallest first")
    left_out: list[str] = Field(default_factory=list, description="starting sites beyond the number to be tried")
    cell: CellPolicy = Field(description="which cell parameters were relaxed, of the host with and without ions")
    region: Region = Field("inside", description="where sites were sought")
    stacking_axis: int | None = Field(None, description="axis (0, 1, 2) along which layers stack; none for no layers")
    settings: RelaxSettings = Field(description="convergence targets")
    calculator: CalculatorRecord = Field(description="calculator, library versions, SHA-256 of the weights")

    @property
    def reference(self) -> str:
        """Where the ions come from, in words."""
        state = self.loadings[0].metal.state
        if self.ion != PROTON or self.ph is None:
            return state
        return f"H+ and an electron at pH {self.ph:g} and 0 V against SHE, {state} - {proton_shift(self.ph):.4f} eV"

    @property
    def rows(self) -> list[InsertionRow]:
        """The numbers, by number of ions."""
        found, before = [], (0, 0.0)
        for loading in self.loadings:
            gained = self._gained(loading)
            row = self._row(loading, gained, before)
            found.append(row)
            if gained is not None:
                before = (loading.n_ions, gained)
        return found

    def _gained(self, loading: Insertion) -> float | None:
        """Return what the cell gains against the ion's element, eV, with what is added by hand."""
        added = 0.0 if self.correction is None else self.correction.energy
        return None if loading.gained is None else loading.gained + loading.n_ions * added

    def _row(self, loading: Insertion, gained: float | None, before: tuple[int, float]) -> InsertionRow:
        outcome, reason = loading.ended
        n, kind = loading.n_ions, electrode(self.ion)
        known: dict[str, float] = {}
        if gained is not None:
            acid = proton_shift(self.ph or 0.0) if self.ion == PROTON else 0.0
            voltage = -gained / (n * kind.charge)
            known = {
                "energy": gained / n + (0.0 if self.ph is None else acid),
                "voltage": voltage,
                "step": -(gained - before[1]) / ((n - before[0]) * kind.charge),
                "potential": voltage + kind.potential - acid,
            }
        trust = loading.trust
        return InsertionRow(
            n=n,
            outcome=outcome,
            reason=reason,
            **known,
            **self._expansion(loading),
            trust=None if trust is None else combined([(float(kind.charge), trust)]),
            n_atoms=loading.n_atoms,
            force_calls=sum(state.force_calls for state in loading.filled),
        )

    def _expansion(self, loading: Insertion) -> dict[str, float | str | None]:
        loaded, empty = loading.loaded, loading.empty
        if loaded is None or loaded.structure is None or empty.structure is None:
            return {}
        before, after = empty.structure.to_atoms(), loaded.structure.to_atoms()
        return {
            "volume_change": volume_change(before, after) if self.cell == "relaxed" else None,
            "spacing_change": self._spacing_change(before, after),
            "site": loaded.name,
            "formula": loaded.structure.formula,
        }

    def _spacing_change(self, before: Atoms, after: Atoms) -> float | None:
        """Return how far layers moved apart; none where there are none, or where the cell keeps them."""
        if self.region == "gap":
            return gap_change(before, after)
        if self.stacking_axis is None or self.cell != "relaxed":
            return None
        return height_change(before, after, self.stacking_axis)
