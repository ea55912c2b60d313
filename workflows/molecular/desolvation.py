"""Desolvation ladders: what it costs to take the water molecules, or other ligands, off an ion one by one."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from jobflow import Flow, job

from ...calculators.kinds.pyscf import PyscfSpec, pyscf_preset
from ...calculators.specs import CalculatorSpec, StudyCalculator, geometry_method
from ...structures.building import as_recipe
from ...structures.clusters.complexes import HYDRONIUM
from ...structures.connectivity import first_shell, molecules_in
from ...structures.recipes import StructureRecipe
from ..common.collecting import despite_failures
from ..common.corrections import correct
from ..common.maker import StudyMaker
from ..common.results import AS_BEFORE, StudyLabel
from ..common.work import computing
from .counterpoise import CounterpoiseResult, counterpoise_here, counterpoise_job
from .desolvation_results import DesolvationResult, LadderMember, ladder_steps
from .energies import MoleculeResult
from .geometries import MoleculeSettings
from .here import MoleculesHere
from .molecules import MoleculeJobs
from .shells import LigandShell

if TYPE_CHECKING:
    from collections.abc import Collection

    from ase import Atoms
    from jobflow import Job

WATER = LigandShell()
"""What a ladder takes off unless it is told otherwise."""
NEAR_HYDRONIUM = 2.9
"""A water is on hydronium up to this O-O distance, angstrom; strong hydrogen bonds are 2.4 to 2.6 long."""


def desolvation_study(
    ion: str = "Zn",
    charge: int = 2,
    calculator: StudyCalculator | None = None,
    settings: MoleculeSettings = MoleculeSettings(),  # noqa: B008 - frozen
    *,
    most: int = 6,
    fewest: int = 0,
    support: StructureRecipe | Atoms | None = None,
    counterpoise: bool = False,
    shell: LigandShell = WATER,
    folder: Path | None = None,
) -> DesolvationResult:
    """Compute a desolvation ladder without Jobflow.

    Args:
        ion: symbol of the ion.
        charge: of the ion.
        calculator: spec, or that of a surrogate and what corrects its ladder; PySCF's preset ``standard`` when none.
        settings: geometries and frequencies.
        most: ligands at the top of the ladder.
        fewest: ligands at its end.
        support: flake or cluster that carries the ion; none for the free ion.
        counterpoise: correct every step for basis-set superposition.
        shell: what is taken off, and what stays.
        folder: where checkpoints and orbitals go; none keeps no files.

    Returns:
        The same result as the flow of [`DesolvationMaker`][].

    Raises:
        CapabilityError: the calculator cannot treat a member.
        StructureError: the support cannot be built, or the shell has no room for so many ligands.
    """
    shell.check(ion, most)
    chosen = calculator or pyscf_preset("standard")
    surrogate = geometry_method(chosen)
    carrier = None if support is None else as_recipe(support)
    computed = MoleculesHere(surrogate, settings, folder)
    water = computed.molecule(shell.free)
    waters = list(range(most, fewest - 1, -1))
    hydrates = [shell.recipe(ion, charge, n) for n in waters]
    members = [computed.molecule(one) if carrier is None else computed.complex([carrier, one]) for one in hydrates]
    asked = [n for n in waters if n > max(fewest, 0)] if counterpoise and _splits(carrier, chosen) else []
    corrections = [
        counterpoise_here(member, surrogate) if n in asked else None for n, member in zip(waters, members, strict=True)
    ]
    name = f"{ion}{charge}+" if carrier is None else f"{ion}{charge}+ on {carrier.label}"
    result = collect_desolvation(
        waters,
        members,
        water,
        corrections,
        ion=ion,
        charge=charge,
        support="" if carrier is None else carrier.label,
        calculator=surrogate,
        label=StudyLabel(study=f"desolvation of {name}"),
        corrections_asked=asked,
        shell=shell,
    )
    return correct(result, chosen, folder)


def _splits(carrier: StructureRecipe | None, calculator: StudyCalculator) -> bool:
    """Tell whether counterpoise corrections can be computed: of free hydrates, by PySCF."""
    return carrier is None and isinstance(calculator, PyscfSpec)


@job(output_schema=DesolvationResult)
def collect_desolvation_job(
    waters: list[int],
    molecules: list[MoleculeResult | None],
    water: MoleculeResult | None,
    corrections: list[CounterpoiseResult | None],
    ion: str,
    charge: int,
    support: str,
    calculator: CalculatorSpec,
    label: StudyLabel,
    corrections_asked: list[int] | None = None,
    shell: LigandShell = WATER,
) -> DesolvationResult:
    """Gather the ladder; a species whose job failed stays in it as failed."""
    return collect_desolvation(
        waters,
        molecules,
        water,
        corrections,
        ion=ion,
        charge=charge,
        support=support,
        calculator=calculator,
        label=label,
        corrections_asked=corrections_asked or (),
        shell=shell,
    )


def collect_desolvation(
    waters: list[int],
    molecules: list[MoleculeResult | None],
    water: MoleculeResult | None,
    corrections: list[CounterpoiseResult | None],
    *,
    ion: str,
    charge: int,
    support: str,
    calculator: CalculatorSpec,
    label: StudyLabel,
    corrections_asked: Collection[int] = (),
    shell: LigandShell = WATER,
) -> DesolvationResult:
    """Put the species of a ladder together.

    Args:
        waters: numbers of ligands, falling by one.
        molecules: the ion with each of them.
        water: the free ligand.
        corrections: counterpoise corrections, one per number; none where there is none.
        ion: symbol.
        charge: of the bare ion.
        support: what carries it; empty when it is free.
        calculator: spec.
        label: of the study.
        corrections_asked: numbers of ligands of which a correction that is missing has failed.
        shell: what is taken off, and what stays.

    Returns:
        The ladder.
    """
    from ...calculators.factory import record

    members = [
        _member(n, molecule, ion, shell, supported=bool(support)) for n, molecule in zip(waters, molecules, strict=True)
    ]
    present = [molecule for molecule in [*molecules, water] if molecule is not None]
    known = {n: c for n, c in zip(waters, corrections, strict=True) if c is not None}
    return DesolvationResult(
        **label.model_dump(),
        ion=ion,
        charge=charge,
        support=support,
        method=present[0].method if present else "",
        steps=ladder_steps(members, water, known, corrections_asked, ion=ion),
        members=members,
        water=water,
        shell=shell,
        calculator=present[0].calculator if present else record(calculator),
    )


def _member(n: int, molecule: MoleculeResult | None, ion: str, shell: LigandShell, *, supported: bool) -> LadderMember:
    """Count the first shell of a free ion; a support has donor atoms of its own."""
    member = LadderMember(waters=n, molecule=molecule)
    if molecule is None or supported:
        return member
    atoms = molecule.geometry.structure.to_atoms()
    if ion == HYDRONIUM:
        oxygens = [i for i in range(1, len(atoms)) if atoms.symbols[i] == "O"]
        near = atoms.get_distances(0, oxygens) <= NEAR_HYDRONIUM if oxygens else []
        return member.model_copy(update={"coordination": int(sum(near))})
    donors = first_shell(atoms, atoms.get_chemical_symbols().index(ion))
    if shell.of_water:
        return member.model_copy(update={"coordination": len(donors)})
    bound = sum(any(donor in group for donor in donors) for group in molecules_in(atoms))
    return member.model_copy(update={"coordination": len(donors), "bound": bound - shell.staying})


@dataclass
class DesolvationMaker(StudyMaker):
    """A desolvation ladder [M(H2O)n]q+ -> [M(H2O)n-1]q+ + H2O, free or carried by a flake or a cluster.

    Other ligands in the place of water have charges that add up. Steps: relax every member of the ladder and the free
    ligand, each from its own starting geometry; compute final
    energies; counterpoise corrections where asked; collect. Members are never made by pulling a water off the one
    before: at a distance the charge would move, Zn+ and H2O+ lying below Zn2+ and H2O.

    Attributes:
        ion: symbol of the ion.
        charge: of the ion.
        most: ligands at the top of the ladder.
        fewest: ligands at its end.
        calculator: spec, or that of a surrogate and what corrects its ladder.
        settings: geometries and frequencies.
        counterpoise: correct every step for basis-set superposition.
        shell: what is taken off, and what stays.
    """

    name: str = "desolvation"
    ion: str = "Zn"
    charge: int = 2
    most: int = 6
    fewest: int = 0
    calculator: StudyCalculator = field(default_factory=lambda: pyscf_preset("standard"))
    settings: MoleculeSettings = field(default_factory=MoleculeSettings)
    counterpoise: bool = False
    shell: LigandShell = field(default=WATER, metadata={AS_BEFORE: WATER})

    def make(self, support: StructureRecipe | Atoms | None = None, shared: MoleculeJobs | None = None) -> Flow:
        """Make the flow.

        Args:
            support: flake or cluster that carries the ion; none for the free ion.
            shared: jobs that other studies have already made; the caller then puts them into its own flow.

        Returns:
            Flow whose output is a [`DesolvationResult`][].
        """
        self.shell.check(self.ion, self.most)
        pool = shared or MoleculeJobs()
        waters = list(range(self.most, self.fewest - 1, -1))
        surrogate = geometry_method(self.calculator)
        water = pool.molecule(self.shell.free, surrogate, self.settings)
        carrier = None if support is None else as_recipe(support)
        members = [self._member(n, carrier, pool) for n in waters]
        split = self.counterpoise and _splits(carrier, self.calculator)
        corrections = self._corrections(waters, members) if split else [None] * len(waters)
        collect = despite_failures(
            collect_desolvation_job(
                waters,
                [member.output for member in members],
                water.output,
                [None if correction is None else correction.output for correction in corrections],
                self.ion,
                self.charge,
                "" if carrier is None else carrier.label,
                surrogate,
                self.label(carrier),
                [n for n, correction in zip(waters, corrections, strict=True) if correction is not None],
                self.shell,
            )
        )
        own = [correction for correction in corrections if correction is not None]
        own += [self.named(collect, "collect"), *self.correction(collect, self.calculator)]
        return self.flow(own, pool.jobs if shared is None else ())

    def _member(self, waters: int, support: StructureRecipe | None, pool: MoleculeJobs) -> Job:
        hydrate = self.shell.recipe(self.ion, self.charge, waters)
        if support is None:
            return pool.molecule(hydrate, geometry_method(self.calculator), self.settings)
        return pool.complex([support, hydrate], geometry_method(self.calculator), self.settings)

    def _corrections(self, waters: list[int], members: list[Job]) -> list[Job | None]:
        calculator = geometry_method(self.calculator)
        corrections: list[Job | None] = []
        for n, member in zip(waters, members, strict=True):
            correction = None
            if n > max(self.fewest, 0):
                made = computing(counterpoise_job(member.output, calculator), calculator)
                correction = self.named(made, f"counterpoise, n = {n}")
            corrections.append(correction)
        return corrections
