"""Maps of the electrostatic potential on the density isosurface of molecules."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from jobflow import Flow, job
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat

from ...calculators.esp.statistics import SurfaceStatistics
from ...calculators.specs import CalculatorRecord, CalculatorSpec, PyscfSpec, pyscf_preset
from ...structures.recipes import StructureRecipe
from ..common.attempts import attempted
from ..common.collecting import despite_failures
from ..common.maker import StudyMaker
from ..common.results import FileRecord, Outcome, StudyLabel
from ..common.scf import solved
from ..common.work import computing
from .energies import MoleculeResult
from .geometries import MoleculeSettings
from .here import MoleculesHere
from .molecules import MoleculeJobs

if TYPE_CHECKING:
    import numpy as np

SAME_ENERGY = 1e-3
"""Fields whose energies differ by less, eV, are the same solution."""


class EspSettings(BaseModel):
    """The surface and what is kept of it."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    isovalue: PositiveFloat = Field(0.001, description="electron density on the surface, electrons/bohr^3")
    spacing: PositiveFloat = Field(0.25, description="grid spacing near the surface, bohr")
    potential: Literal["fitted", "exact"] = Field(
        "fitted", description="density-fitted potential with fitted multipoles, its error printed; or exact integrals"
    )
    cube_spacing: PositiveFloat | None = Field(
        None, description="write cube files of density and potential with this spacing, angstrom; none writes none"
    )


class EspResult(StudyLabel):
    """The electrostatic potential on the surface of one molecule."""

    molecule_name: str = Field(description="name of the molecule")
    outcome: Outcome = Field(description="ok, or why this row is not a result")
    reason: str = Field("", description="what happened, in words")
    isovalue: float = Field(description="electron density on the surface, electrons/bohr^3")
    statistics: SurfaceStatistics | None = Field(
        description="extrema and statistics of the potential on the surface; none when a job failed"
    )
    molecule: MoleculeResult | None = Field(description="geometry and electronic structure; none when a job failed")
    files: list[FileRecord] = Field(description="surface and cube files in the folder of the job")
    seconds: float = Field(description="wall time from the converged density to surface and statistics, s")
    seconds_scf: float | None = Field(
        None,
        description="wall time of converging the density again, s; 0 where that of the final energy was kept; none "
        "when not recorded",
    )
    calculator: CalculatorRecord = Field(description="calculator, library versions, SHA-256 of the weights")


def esp_map(
    molecule: MoleculeResult, calculator: PyscfSpec, settings: EspSettings, label: StudyLabel, folder: Path
) -> EspResult:
    """Map the electrostatic potential on the isodensity surface of a molecule.

    Args:
        molecule: with its geometry; its density is that of the orbitals which its energy left in a folder beside
            ``folder``, or where there are none is converged again at the level of energies.
        calculator: spec.
        settings: surface and files.
        label: of the study.
        folder: where files go.

    Returns:
        Statistics, and the files written.

    Raises:
        CalculationError: the self-consistent field failed.
    """
    from ...calculators.dft.molecule import build_molecule
    from ...calculators.esp.cubes import write_cubes
    from ...calculators.esp.surface import esp_surface, write_surface

    basis = build_molecule(molecule.geometry.structure.to_atoms(), calculator.energy, calculator.memory)
    density, seconds_scf = _density(molecule, basis, calculator, folder)
    began = time.perf_counter()
    surface = esp_surface(
        basis,
        density,
        isovalue=settings.isovalue,
        spacing=settings.spacing,
        method=settings.potential,
    )
    seconds = time.perf_counter() - began
    path = folder / "surface.npz"
    write_surface(path, surface)
    files = [FileRecord.of(path, folder, "isodensity surface with the potential at its vertices")]
    if settings.cube_spacing is not None:
        cubes = write_cubes(basis, density, folder, spacing=settings.cube_spacing)
        files += [FileRecord.of(cube, folder, f"cube file: {cube.stem}") for cube in cubes]
    return EspResult(
        **label.model_dump(),
        molecule_name=molecule.name,
        outcome=molecule.outcome,
        reason=molecule.reason,
        isovalue=settings.isovalue,
        statistics=surface.statistics,
        molecule=molecule,
        files=files,
        seconds=seconds,
        seconds_scf=seconds_scf,
        calculator=molecule.calculator,
    )


def esp_study(
    molecules: list[StructureRecipe],
    folder: Path,
    calculator: PyscfSpec | None = None,
    settings: MoleculeSettings = MoleculeSettings(),  # noqa: B008 - frozen
    *,
    esp: EspSettings = EspSettings(),  # noqa: B008 - frozen
) -> list[EspResult]:
    """Map the electrostatic potential on the isodensity surfaces of molecules without Jobflow.

    Args:
        molecules: recipes.
        folder: where files go, those of each molecule into a folder of its own, ``map-NUMBER``.
        calculator: spec; the preset ``yang2025`` when none.
        settings: geometries.
        esp: surface and files.

    Returns:
        The same results as the flow of [`EspMaker`][]; their files are below the folders of the molecules.

    Raises:
        CapabilityError: the calculator cannot treat a molecule.
        StructureError: nobody knows a molecule, or it is periodic.
    """
    spec = calculator or pyscf_preset("yang2025")
    results = []
    for number, recipe in enumerate(molecules):
        home = folder / f"map-{number}"
        home.mkdir(parents=True, exist_ok=True)
        label = StudyLabel(study="ESP", place=(number,))
        molecule = MoleculesHere(spec, settings, home).molecule(recipe)
        mapped = None
        if molecule is not None:
            mapped = attempted(f"the map of {recipe.label}", partial(esp_map, molecule, spec, esp, label, home))
        results.append(mapped or missing_map(recipe.label, spec, esp, label))
    return results


def missing_map(name: str, calculator: CalculatorSpec, settings: EspSettings, label: StudyLabel) -> EspResult:
    """Make the row of a molecule whose map, energy or geometry failed."""
    from ...calculators.factory import record

    return EspResult(
        **label.model_dump(),
        molecule_name=name,
        outcome=Outcome.FAILED,
        reason="its job failed; the run's log says why",
        isovalue=settings.isovalue,
        statistics=None,
        molecule=None,
        files=[],
        seconds=0.0,
        calculator=record(calculator),
    )


def _density(molecule: MoleculeResult, basis: Any, calculator: PyscfSpec, folder: Path) -> tuple[np.ndarray, float]:
    """Return the density matrix of a molecule, and how long it took to converge it, s."""
    import numpy as np
    from ase.units import Hartree

    from ...calculators.dft.wave_function import kept_density

    if molecule.orbitals_file is not None:
        kept = kept_density(folder.resolve().parent / molecule.orbitals_file, basis, molecule.energy / Hartree)
        if kept is not None:
            return kept, 0.0
    began = time.perf_counter()
    # The stability of this field is known from the molecule's energy, unless it came to lie higher.
    solution, results = solved(molecule.geometry.structure, calculator, folder, "none")
    if results["energy"] > molecule.energy + SAME_ENERGY:
        solution, _ = solved(molecule.geometry.structure, calculator, folder, "all")
    density = solution.mean_field.make_rdm1()
    total = density if np.ndim(density) == 2 else density[0] + density[1]
    return np.asarray(total), time.perf_counter() - began


@job(output_schema=EspResult)
def esp_job(
    molecule: MoleculeResult, calculator: CalculatorSpec, settings: EspSettings, label: StudyLabel
) -> EspResult:
    """Map the electrostatic potential of a molecule in the job's folder."""
    assert isinstance(calculator, PyscfSpec)  # campaigns refuse other calculators
    return esp_map(molecule, calculator, settings, label, Path.cwd())


@job
def missing_map_job(
    found: EspResult | None, name: str, calculator: CalculatorSpec, settings: EspSettings, label: StudyLabel
) -> EspResult | None:
    """Put a molecule whose map, energy or geometry failed into the table; of one that has its map nothing is to do."""
    return missing_map(name, calculator, settings, label) if found is None else None


@dataclass
class EspMaker(StudyMaker):
    """Electrostatic-potential maps of several molecules at one level of theory.

    Steps: relax each molecule; its final energy; the map, one job each; a row for the map that failed.

    Attributes:
        calculator: spec.
        settings: geometries.
        esp: surface and files.
    """

    name: str = "esp"
    calculator: PyscfSpec = field(default_factory=lambda: pyscf_preset("yang2025"))
    settings: MoleculeSettings = field(default_factory=MoleculeSettings)
    esp: EspSettings = field(default_factory=EspSettings)

    def make(self, molecules: list[StructureRecipe], shared: MoleculeJobs | None = None) -> Flow:
        """Make the flow.

        Args:
            molecules: recipes.
            shared: jobs that other studies have already made; the caller then puts them into its own flow.

        Returns:
            Flow whose outputs are [`EspResult`][], one per molecule.
        """
        pool = shared or MoleculeJobs()
        maps, checks = [], []
        for number, recipe in enumerate(molecules):
            molecule = pool.molecule(recipe, self.calculator, self.settings)
            label = self.label(*molecules).model_copy(update={"place": (*self.place, number)})
            mapped = computing(esp_job(molecule.output, self.calculator, self.esp, label), self.calculator)
            maps.append(self.named(mapped, f"map of {recipe.label}"))
            check = despite_failures(missing_map_job(mapped.output, recipe.label, self.calculator, self.esp, label))
            checks.append(self.named(check, f"check of {recipe.label}"))
        made = pool.jobs if shared is None else ()
        return self.flow([*maps, *checks], made, output=[mapped.output for mapped in maps])
