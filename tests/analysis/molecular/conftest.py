"""Handmade molecules, ladders, pairs and levels: energies are round, so that differences can be taken by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ase import Atoms
from scipy.spatial import ConvexHull

from azibflow.analysis.figures.esp_maps import EspMap
from azibflow.calculators.dft.orbitals import FrontierOrbitals
from azibflow.calculators.esp.statistics import FitError, surface_statistics
from azibflow.calculators.esp.surface import EspSurface, write_surface
from azibflow.calculators.specs import CalculatorRecord, PyscfSpec
from azibflow.calculators.thermochemistry import Thermochemistry
from azibflow.hpc.run_folder import STORE, RunFolder
from azibflow.hpc.sqlite_store import SQLiteStore
from azibflow.structures.documents import StructureDocument
from azibflow.workflows.common.results import FileRecord, Outcome, StudyLabel
from azibflow.workflows.molecular.binding import BindingResult, collect_binding
from azibflow.workflows.molecular.counterpoise import CounterpoiseResult
from azibflow.workflows.molecular.desolvation import collect_desolvation
from azibflow.workflows.molecular.desolvation_results import DesolvationResult
from azibflow.workflows.molecular.energies import MoleculeResult
from azibflow.workflows.molecular.esp import EspResult
from azibflow.workflows.molecular.geometries import GeometryResult, MoleculeSettings
from azibflow.workflows.molecular.orbitals import OrbitalsResult, orbital_row

GAS = CalculatorRecord(spec=PyscfSpec(preset="standard"), versions={"pyscf": "2.14.0"})
WET = CalculatorRecord(
    spec=PyscfSpec.model_validate({"preset": "standard", "energy": {"solvent": "water"}}), versions={"pyscf": "2.14.0"}
)
NOWHERE = ((0.0, 0.0, 0.0),) * 3
ENERGIES = {2: -100.0, 1: -85.5, 0: -70.0}
"""Of the ion with n waters; free water is -10: D_2 = 4.5, D_1 = 5.5."""


def thermochemistry(
    enthalpy: float, gibbs: float, frequencies: tuple[float, ...] = (1600.0, 3700.0)
) -> Thermochemistry:
    return Thermochemistry(
        frequencies=list(frequencies),
        imaginary=sum(f < -15 for f in frequencies),
        temperature=298.15,
        pressure=101325.0,
        symmetry_number=1,
        zero_point_energy=0.5,
        enthalpy_correction=enthalpy,
        entropy=0.002,
        gibbs_correction=gibbs - 0.01,
        gibbs_correction_quasi_harmonic=gibbs,
    )


def hydrate_of_zinc(waters: int) -> tuple[list[str], list[tuple[float, float, float]]]:
    """Zn with up to two waters on the z axis."""
    symbols, positions = ["Zn"], [(0.0, 0.0, 0.0)]
    for side in (1.0, -1.0)[:waters]:
        symbols += ["O", "H", "H"]
        positions += [(0.0, 0.0, 1.9 * side), (0.76, 0.0, 2.5 * side), (-0.76, 0.0, 2.5 * side)]
    return symbols, positions


@pytest.fixture(scope="session")
def molecule() -> Callable[..., MoleculeResult]:
    """Make a molecule; ``changes`` replace its fields, ``thermo`` is of its geometry."""

    def make(
        name: str = "H2O",
        energy: float = -10.0,
        charge: int = 0,
        atoms: tuple[list[str], list[tuple[float, float, float]]] | None = None,
        thermo: Thermochemistry | None = None,
        record: CalculatorRecord = GAS,
        **changes: Any,
    ) -> MoleculeResult:
        symbols, positions = atoms or (["O", "H", "H"], [(0.0, 0.0, 0.12), (0.0, 0.76, -0.47), (0.0, -0.76, -0.47)])
        outcome = changes.pop("outcome", Outcome.OK)
        reason = changes.pop("reason", "")
        geometry = GeometryResult(
            structure=StructureDocument(
                symbols=symbols, positions=positions, cell=NOWHERE, pbc=(False,) * 3, charge=charge, spin=1, label=name
            ),
            outcome=outcome,
            reason=reason,
            energy=energy + 1.0,
            fmax=0.004,
            steps=11,
            force_calls=12,
            starts=1,
            thermochemistry=thermo,
            seconds=100.0,
            settings=MoleculeSettings(frequencies=thermo is not None),
            calculator=record,
        )
        fields = {
            "name": name,
            "charge": charge,
            "spin": 1,
            "outcome": outcome,
            "reason": reason,
            "energy": energy,
            "geometry": geometry,
            "method": "PBE0-D3BJ/def2-tzvpd // PBE0-D3BJ/def2-svp",
            "spin_squared": 0.0,
            "stable": True,
            "scf": ["DIIS: -3.0 hartree, converged"],
            "seconds": 20.0,
            "calculator": record,
        }
        return MoleculeResult(**fields | changes)

    return make


@pytest.fixture(scope="session")
def ladder(molecule: Callable[..., MoleculeResult]) -> Callable[..., DesolvationResult]:
    """Make a ladder of two steps; ``replaced`` molecules by number of waters."""

    def make(
        replaced: dict[int, MoleculeResult | None] | None = None,
        *,
        study: str = "Zn2+, gas phase",
        literature: tuple[str, ...] = (),
        record: CalculatorRecord = GAS,
        support: str = "",
        frequencies: bool = True,
        **changes: Any,
    ) -> DesolvationResult:
        def member(n: int) -> MoleculeResult | None:
            if replaced and n in replaced:
                return replaced[n]
            name = f"[Zn(H2O){n}]2+" if n else "Zn2+"
            thermo = thermochemistry(0.7 * n + 0.1, 0.3 * n) if frequencies else None
            return molecule(
                name,
                ENERGIES[n],
                2,
                hydrate_of_zinc(n),
                thermo,
                record,
                atomic_charges=[1.0 + 0.25 * n, *[0.0] * 3 * n],
            )

        waters = [2, 1, 0]
        water = molecule(thermo=thermochemistry(0.6, 0.05) if frequencies else None, record=record)
        return collect_desolvation(
            waters,
            [member(n) for n in waters],
            changes.pop("water", water),
            [None if support else CounterpoiseResult(superposition_error=-0.2, fragment=[1, 2, 3]), None, None],
            ion="Zn",
            charge=2,
            support=support,
            calculator=record.spec,
            label=StudyLabel(study=study, literature=literature),
        ).model_copy(update=changes)

    return make


@pytest.fixture(scope="session")
def zinc_water(molecule: Callable[..., MoleculeResult]) -> BindingResult:
    """Zn2+ on water: -85.5 + 70 + 10 = -5.5 eV."""
    return collect_binding(
        molecule("[Zn(H2O)1]2+", -85.5, 2, hydrate_of_zinc(1)),
        [molecule("Zn2+", -70.0, 2, hydrate_of_zinc(0)), molecule()],
        ["[Zn(H2O)1]2+", "Zn2+", "H2O"],
        CounterpoiseResult(superposition_error=-0.2, fragment=[1, 2, 3]),
        GAS.spec,
        StudyLabel(study="Zn2+ + H2O"),
    )


@pytest.fixture(scope="session")
def levels(molecule: Callable[..., MoleculeResult]) -> OrbitalsResult:
    """Water with both ions, DTPMP whose cation failed, and one whose own job failed."""
    orbitals = FrontierOrbitals(homo=-8.25, lumo=0.5, homo_spin="both", lumo_spin="both")
    neutral = molecule(orbitals=orbitals, dipole=1.85)
    other = molecule("DTPMP", -40.0, -1, orbitals=orbitals)
    return OrbitalsResult(
        study="levels",
        literature=("DTPMP-LUMO",),
        method=neutral.method,
        rows=[
            orbital_row(
                "H2O",
                neutral,
                molecule("H2O", 2.6, 1, spin=2, spin_squared=0.7531),
                molecule("H2O", -9.4, -1, spin=2, spin_squared=0.75),
            ),
            orbital_row("DTPMP", other, None, molecule("DTPMP", -40.5, -2)),
            orbital_row("lysine", None, None, None),
        ],
        calculator=GAS,
    )


def sphere(offset: float, dipole: float, radius: float = 2.0, points: int = 600) -> EspSurface:
    """Make a sphere with the potential offset + dipole cos(theta): all its statistics are known."""
    turns = np.arange(points) + 0.5
    polar, azimuth = np.arccos(1 - 2 * turns / points), np.pi * (1 + 5**0.5) * turns
    unit = np.column_stack([np.cos(azimuth) * np.sin(polar), np.sin(azimuth) * np.sin(polar), np.cos(polar)])
    triangles = ConvexHull(unit).simplices
    inward = np.linalg.det(unit[triangles]) < 0
    triangles[inward] = triangles[inward][:, ::-1]
    vertices, potential = radius * unit, offset + dipole * unit[:, 2]
    atoms = Atoms("OH2", [(0.0, 0.0, 0.12), (0.0, 0.76, -0.47), (0.0, -0.76, -0.47)])
    volume = float(4 / 3 * np.pi * radius**3)
    return EspSurface(
        atoms.numbers,
        atoms.positions,
        vertices,
        triangles,
        potential,
        surface_statistics(vertices, triangles, potential, volume, atoms).model_copy(
            update={"fit_error": FitError(rms=0.04, largest=0.17, points=200)}
        ),
    )


@pytest.fixture(scope="session")
def esp(molecule: Callable[..., MoleculeResult]) -> Callable[..., EspResult]:
    """Make the map of a sphere; a ``folder`` gets the file of its surface."""

    def make(
        name: str = "H2O", offset: float = 0.0, dipole: float = 30.0, folder: Path | None = None, **changes: Any
    ) -> EspResult:
        surface = sphere(offset, dipole)
        files = []
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            write_surface(folder / "surface.npz", surface)
            files = [FileRecord.of(folder / "surface.npz", folder, "isodensity surface")]
        fields = {
            "study": "ESP",
            "molecule_name": name,
            "outcome": Outcome.OK,
            "isovalue": 0.001,
            "statistics": surface.statistics,
            "molecule": molecule(name, charge=round(offset / 80)),
            "files": files,
            "seconds": 1.25,
            "calculator": GAS,
        }
        return EspResult(**fields | changes)

    return make


@pytest.fixture
def esp_maps(esp: Callable[..., EspResult], tmp_path: Path) -> list[EspMap]:
    """A neutral molecule with both signs, and a cation without negative potential."""
    made = [esp(folder=tmp_path / "one"), esp("NH4+", 160.0, 12.0, folder=tmp_path / "two")]
    surfaces = [sphere(0.0, 30.0), sphere(160.0, 12.0)]
    return [
        EspMap(result.molecule_name, result, surface.vertices, surface.triangles, surface.potential)
        for result, surface in zip(made, surfaces, strict=True)
    ]


@pytest.fixture
def run(
    ladder: Callable[..., DesolvationResult],
    zinc_water: BindingResult,
    levels: OrbitalsResult,
    esp: Callable[..., EspResult],
    tmp_path: Path,
) -> Path:
    """A run folder with one result of each kind, and the files of two maps."""
    folder = RunFolder(tmp_path / "run")
    results = [
        ladder(),
        zinc_water,
        levels,
        esp(folder=folder.job_folder(("u3", 1))),
        esp("NH4+", 160.0, 12.0, folder=folder.job_folder(("u4", 1))),
    ]
    with SQLiteStore(folder.path / STORE) as store:
        store.update(
            [
                {
                    "uuid": f"u{number}",
                    "index": 1,
                    "output": result.model_dump(mode="json")
                    | {"@module": type(result).__module__, "@class": type(result).__name__},
                    "completed_at": f"2026-01-01T00:00:0{number}",
                }
                for number, result in enumerate(results)
            ],
            key=["uuid", "index"],
        )
    return folder.path
