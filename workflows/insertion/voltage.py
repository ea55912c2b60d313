"""The voltage of a host as it is given: with one ion put in, or, where it holds ions already, with all taken out."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from jobflow import Flow, Response, job

from ...calculators.specs import CalculatorSpec, ChgnetSpec
from ...errors import StructureError
from ...structures.documents import StructureDocument
from ..common.attempts import attempted
from ..common.collecting import despite_failures
from ..common.electrodes import electrode
from ..common.maker import StudyMaker
from ..common.references import ReferenceEnergy, reference_energy
from ..common.relaxation_jobs import CellPolicy, RelaxationResult, layer_axis, relax_bulk, relax_job, relax_structure
from ..common.results import RelaxSettings
from ..common.shared_jobs import SharedJobs
from ..common.work import computing, light
from .results import Insertion, InsertionState
from .sites import SiteSettings, filled_hosts, starting_sites

if TYPE_CHECKING:
    from ase import Atoms

    from ...structures.recipes import StructureRecipe


def loaded_hosts(host: Atoms, ion: str, most: int) -> dict[str, Atoms]:
    """Put one ion on each distinct site of a host, those to be tried first at the beginning.

    Args:
        host: without the ion.
        ion: chemical symbol.
        most: number of sites.

    Raises:
        StructureError: there is no room.
    """
    settings = SiteSettings(max_sites=most)
    return filled_hosts(host, ion, 1, starting_sites(host, ion, settings, "inside"), settings)


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


def voltage_study(
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
        The same as the flow of [`VoltageMaker`][].

    Raises:
        StructureError: no reference for the ion is known, or there is no room for it.
    """
    electrode(ion)
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
        metal: where the ions come from.
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
class VoltageMaker(StudyMaker):
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
            StructureError: no reference for the ion is known.
        """
        electrode(self.ion)
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
