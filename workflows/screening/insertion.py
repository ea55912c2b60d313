"""What a host gains by taking up the ions of a metal, and the voltage that follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from jobflow import Flow, Response, job
from pydantic import BaseModel, Field

from ...calculators.specs import CalculatorRecord, CalculatorSpec, ChgnetSpec
from ...calculators.surrogates.trust import Trust, combined
from ...errors import StructureError
from ...structures.documents import StructureDocument
from ...structures.interstitials import interstitial_sites
from ..common.attempts import attempted
from ..common.collecting import despite_failures
from ..common.maker import StudyMaker
from ..common.references import ReferenceEnergy, check_reference, reference_energy
from ..common.relaxation_jobs import CellPolicy, RelaxationResult, layer_axis, relax_bulk, relax_job, relax_structure
from ..common.results import Outcome, RelaxSettings
from ..common.shared_jobs import SharedJobs
from ..common.work import computing, light

if TYPE_CHECKING:
    from ase import Atoms

    from ...structures.recipes import StructureRecipe

CHARGES = {"Zn": 2}
"""Electrons that an ion takes along on its way from the metal into a host."""


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
        reason = "" if relaxed.converged else f"fmax {relaxed.fmax:.3f} eV/angstrom after {relaxed.steps} steps"
        return cls(
            name=name,
            outcome=Outcome.OK if relaxed.converged else Outcome.UNCONVERGED,
            reason=reason,
            energy=relaxed.energy,
            seconds=relaxed.seconds,
            force_calls=relaxed.force_calls,
            structure=relaxed.structure,
            trust=relaxed.trust,
        )


class Insertion(BaseModel):
    """A host with and without the ions, and the metal that they come from."""

    ion: str = Field(description="chemical symbol of the ion")
    n_ions: int = Field(description="ions per cell of the loaded host")
    empty: InsertionState = Field(description="the host without ions")
    filled: list[InsertionState] = Field(description="the host with ions, on each site that was tried")
    metal: ReferenceEnergy = Field(description="the bulk metal")
    calculator: CalculatorRecord = Field(description="calculator, library versions, SHA-256 of the weights")

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
    def voltage(self) -> float | None:
        """Voltage against the metal: -(E[loaded] - E[empty] - n E[metal]) / n z, V; none without the energies."""
        loaded, empty = self.loaded, self.empty
        if self.metal.outcome is not Outcome.OK:
            return None
        if loaded is None or loaded.energy is None or empty.energy is None or empty.outcome is not Outcome.OK:
            return None
        gained = loaded.energy - empty.energy - self.n_ions * self.metal.energy
        return -gained / (self.n_ions * CHARGES[self.ion])

    @property
    def trust(self) -> Trust | None:
        """What a surrogate's committee says of the voltage."""
        if self.loaded is None:
            return None
        per_electron = 1 / (self.n_ions * CHARGES[self.ion])
        terms = [(1.0, self.empty.trust), (-1.0, self.loaded.trust), (float(self.n_ions), self.metal.trust)]
        return combined([(factor * per_electron, trust) for factor, trust in terms])

    @property
    def n_atoms(self) -> int | None:
        """Atoms in the loaded host."""
        structure = None if self.loaded is None else self.loaded.structure
        return None if structure is None else len(structure.symbols)


def loaded_hosts(host: Atoms, ion: str, most: int) -> dict[str, Atoms]:
    """Put one ion on each distinct site of a host, the roomiest first.

    Args:
        host: without the ion.
        ion: chemical symbol.
        most: number of sites.

    Raises:
        StructureError: there is no room.
    """
    sites = interstitial_sites(host, ion)[:most]
    if not sites:
        label = host.info.get("label") or host.get_chemical_formula()
        raise StructureError(f"{label} has no interstitial site with room for {ion}")
    found = {}
    for site in sites:
        loaded = host.copy()
        loaded.info = {key: value for key, value in host.info.items() if key != "label"}
        loaded.append(ion)
        loaded.positions[-1] = site.fractional @ host.cell.array
        loaded.info["label"] = f"{ion} on {site.label}"
        found[site.label] = loaded
    return found


def emptied(host: Atoms, ion: str) -> Atoms:
    """Return a host without its ions.

    Raises:
        StructureError: nothing is left.
    """
    rest = host[[symbol != ion for symbol in host.symbols]]
    if not len(rest):
        raise StructureError(f"{host.get_chemical_formula()} without {ion} is nothing")
    rest.info = {"label": f"{host.info.get('label') or host.get_chemical_formula()} without {ion}"}
    return rest


def insertion_study(
    host: StructureRecipe,
    ion: str = "Zn",
    calculator: CalculatorSpec = ChgnetSpec(),  # noqa: B008 - frozen
    settings: RelaxSettings = RelaxSettings(),  # noqa: B008 - frozen
    *,
    cell: CellPolicy | None = None,
    max_sites: int = 4,
    folder: Path | None = None,
) -> Insertion:
    """Compute a host with and without an ion, and the metal, without Jobflow.

    Args:
        host: recipe of the host, with or without the ion.
        ion: chemical symbol.
        calculator: spec of the calculator.
        settings: convergence targets of the relaxations.
        cell: cell policy of the host; chosen by the prototype when none.
        max_sites: most sites tried in a host without the ion.
        folder: where checkpoints go; none keeps no files.

    Returns:
        The same as the flow of [`InsertionMaker`][].

    Raises:
        StructureError: there is no bulk metal as a reference for the ion, or no room for it.
    """
    check_reference(ion)
    given = relax_bulk(host, calculator, settings, cell, folder)
    relax = partial(
        relax_structure,
        calculator=calculator,
        settings=settings,
        cell=given.cell_policy,
        stacking_axis=layer_axis(host),
        folder=folder,
    )
    metal = reference_energy(ion, calculator, settings, folder)
    n_ions = given.structure.symbols.count(ion)
    atoms = given.structure.to_atoms()
    if n_ions:
        return insertion_of(
            ["as given"], [given], attempted("empty", partial(relax, emptied(atoms, ion))), metal, ion, n_ions
        )
    hosts = loaded_hosts(atoms, ion, max_sites)
    filled = [attempted(f"{ion} on {name}", partial(relax, structure)) for name, structure in hosts.items()]
    return insertion_of(list(hosts), filled, given, metal, ion, 1)


@job(output_schema=Insertion)
def insertion_job(
    names: list[str],
    filled: list[RelaxationResult | None],
    empty: RelaxationResult | None,
    metal: ReferenceEnergy,
    ion: str,
    n_ions: int,
) -> Insertion:
    """Put the states of one host together; those whose job failed are marked."""
    return insertion_of(names, filled, empty, metal, ion, n_ions)


def insertion_of(
    names: list[str],
    filled: list[RelaxationResult | None],
    empty: RelaxationResult | None,
    metal: ReferenceEnergy,
    ion: str,
    n_ions: int,
) -> Insertion:
    """Put the states of one host together; none stands for one whose calculation failed.

    Args:
        names: of the sites.
        filled: the host with ions, one for each site.
        empty: the host without.
        metal: the bulk metal.
        ion: chemical symbol.
        n_ions: ions per cell.
    """
    return Insertion(
        ion=ion,
        n_ions=n_ions,
        empty=InsertionState.of("empty", empty),
        filled=[InsertionState.of(name, one) for name, one in zip(names, filled, strict=True)],
        metal=metal,
        calculator=metal.calculator,
    )


@job
def states_job(
    host: RelaxationResult,
    metal: ReferenceEnergy,
    ion: str,
    max_sites: int,
    calculator: CalculatorSpec,
    settings: RelaxSettings,
    name: str,
    stacking_axis: int | None = None,
) -> Response[Insertion]:
    """Replace itself by the relaxations of the host with the ion, or without where it holds the ion already."""
    atoms, policy = host.structure.to_atoms(), host.cell_policy
    n_ions = host.structure.symbols.count(ion)
    others = {"empty": emptied(atoms, ion)} if n_ions else loaded_hosts(atoms, ion, max_sites)
    jobs = []
    for what, structure in others.items():
        made = relax_job(StructureDocument.from_atoms(structure), calculator, settings, policy, stacking_axis)
        relaxed = computing(made, calculator)
        relaxed.name = f"{name}: {what if n_ions else f'{ion} on {what}'}"
        jobs.append(relaxed)
    outputs = [one.output for one in jobs]
    collect = despite_failures(
        insertion_job(["as given"], [host], outputs[0], metal, ion, n_ions)
        if n_ions
        else insertion_job(list(others), outputs, host, metal, ion, 1)
    )
    collect.name = f"{name}: collect"
    return Response(replace=Flow([*jobs, collect], output=collect.output, name=name))


@dataclass
class InsertionMaker(StudyMaker):
    """Energy and voltage of the insertion of ions into a host, against the bulk metal.

    Steps: relax the host; relax it with one ion per cell on each distinct site, or, where it holds the ion, without;
    take the lowest. Loaded and empty host share cell and cell policy.

    Attributes:
        ion: chemical symbol.
        max_sites: most sites tried.
        calculator: spec of the calculator.
        settings: convergence targets of the relaxations.
        cell: cell policy of the host; chosen by the prototype when none.
    """

    name: str = "insertion"
    ion: str = "Zn"
    max_sites: int = 4
    calculator: CalculatorSpec = field(default_factory=ChgnetSpec)
    settings: RelaxSettings = field(default_factory=RelaxSettings)
    cell: CellPolicy | None = None

    def make(self, host: StructureRecipe, shared: SharedJobs | None = None) -> Flow:
        """Make the flow.

        Args:
            host: recipe of the host, with or without the ion.
            shared: jobs that other studies have already made; the caller then puts them into its own flow.

        Returns:
            Flow whose output is an [`Insertion`][].

        Raises:
            StructureError: there is no bulk metal as a reference for the ion.
        """
        check_reference(self.ion)
        pool = shared or SharedJobs()
        relaxed = pool.relaxed_bulk(host, self.calculator, self.settings, self.cell)
        metal = pool.reference(self.ion, self.calculator, self.settings)
        states = states_job(
            relaxed.output,
            metal.output,
            self.ion,
            self.max_sites,
            self.calculator,
            self.settings,
            self.name,
            layer_axis(host),
        )
        return self.flow([self.named(light(states), "states")], pool.jobs if shared is None else ())
