"""Binding energies depend on the molecules alone: not on how they lie or are written; far ones do not bind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import molecule
from ase.io import write
from jobflow import run_locally

from azibflow.calculators.specs import PyscfSpec, XtbSpec
from azibflow.structures.documents import StructureDocument
from azibflow.structures.recipes import StructureRecipe
from azibflow.workflows.common.results import Outcome
from azibflow.workflows.molecular.binding import BindingMaker, BindingResult
from azibflow.workflows.molecular.geometries import MoleculeSettings

COULOMB = 14.399645
"""e^2 / (4 pi epsilon_0), eV angstrom."""
HF = PyscfSpec.model_validate({"functional": "hf", "basis": "sto-3g"})
LOOSE = MoleculeSettings(fmax=0.05, preoptimization="none")
TURN = np.linalg.qr(np.random.default_rng(2).normal(size=(3, 3)))[0]


@pytest.fixture(scope="module", autouse=True)
def _elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Jobs keep their checkpoints in the current folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("jobs"))
        yield


def bound(parts: list[StructureRecipe], whole: StructureRecipe, calculator, settings) -> BindingResult:
    flow = BindingMaker(calculator=calculator, settings=settings).make(parts, whole)
    responses = run_locally(flow, ensure_success=True)
    (result,) = [r[1].output for r in responses.values() if isinstance(r[1].output, BindingResult)]
    return result


def at(first: Atoms, second: Atoms, distance: float) -> Atoms:
    """Put two molecules side by side along x, their charges added."""
    shifted = second.copy()
    shifted.positions[:, 0] += distance
    together = first + shifted
    together.info = {"charge": first.info.get("charge", 0) + second.info.get("charge", 0)}
    return together


def recipe(atoms: Atoms) -> StructureRecipe:
    return StructureRecipe(document=StructureDocument.from_atoms(atoms))


@pytest.fixture(scope="module")
def pair() -> Atoms:
    """Water that gives a hydrogen bond to ammonia, roughly."""
    water, ammonia = molecule("H2O"), molecule("NH3")
    water.rotate(water.positions[1] - water.positions[0], "x", center=water.positions[0])
    ammonia.rotate("-z", "x")
    return at(water, ammonia, 3.0)


@pytest.fixture(scope="module")
def reference(pair: Atoms) -> BindingResult:
    parts = [recipe(pair[:3]), recipe(pair[3:])]
    return bound(parts, recipe(pair), XtbSpec(), MoleculeSettings(fmax=0.003))


@pytest.mark.parametrize("ending", ["xyz", "extxyz", "pdb", "sdf"])
def test_a_pair_binds_alike_however_it_lies_and_whatever_file_it_comes_from(
    pair: Atoms, reference: BindingResult, ending: str, tmp_path: Path
) -> None:
    """Turned, mirrored, its atoms in another order. What the relaxation leaves, 0.003 eV/angstrom, is worth 0.2 meV."""
    other = pair.copy()
    other.positions = pair.positions @ TURN.T + [1.0, 2.0, -7.0]
    files = {"water": other[[1, 0, 2]], "ammonia": other[[4, 3, 6, 5]], "pair": other[[6, 1, 3, 0, 5, 2, 4]]}
    recipes = {}
    for name, atoms in files.items():
        path = tmp_path / f"{name}.{ending}"
        if ending == "sdf":
            path.write_text(_mol_block(atoms))
        else:
            write(path, atoms, format="proteindatabank" if ending == "pdb" else ending)
        recipes[name] = StructureRecipe(file=path)
    found = bound([recipes["water"], recipes["ammonia"]], recipes["pair"], XtbSpec(), MoleculeSettings(fmax=0.003))
    assert found.outcome is reference.outcome is Outcome.OK
    assert -0.5 < reference.energy < -0.1
    assert found.energy == pytest.approx(reference.energy, abs=4e-4)


def _mol_block(atoms: Atoms) -> str:
    lines = ["pair", "", "", f"{len(atoms):3d}  0  0  0  0  0  0  0  0  0999 V2000"]
    for symbol, (x, y, z) in zip(atoms.symbols, atoms.positions, strict=True):
        lines.append(f"{x:10.4f}{y:10.4f}{z:10.4f} {symbol:<3} 0  0  0  0  0  0  0  0  0  0  0  0")
    return "\n".join([*lines, "M  END", "$$$$", ""])


def test_far_molecules_do_not_bind() -> None:
    """Two waters at 30 angstrom: less than the energy of their dipoles, 2 mu^2/r^3 with 0.4 e angstrom."""
    water = molecule("H2O")
    for calculator in (HF, XtbSpec()):
        found = bound([recipe(water)] * 2, recipe(at(water, water, 30.0)), calculator, LOOSE)
        assert abs(found.energy) < 2 * COULOMB * 0.4**2 / 30**3, calculator.kind


@pytest.mark.parametrize(("solvent", "permittivity"), [(None, 1.0), ("water", 78.36)], ids=["gas phase", "water"])
def test_far_ions_repel_as_charges_do(solvent: str | None, permittivity: float) -> None:
    lithium = Atoms("Li", positions=[[0, 0, 0]], info={"charge": 1})
    spec = PyscfSpec.model_validate({"functional": "hf", "basis": "sto-3g", "energy": {"solvent": solvent}})
    found = bound([recipe(lithium)] * 2, recipe(at(lithium, lithium, 30.0)), spec, LOOSE)
    distance = np.ptp(np.array(found.complex.geometry.structure.positions)[:, 0])
    assert found.energy == pytest.approx(COULOMB / permittivity / distance, rel=1e-3, abs=2e-4)


def test_an_ion_far_from_a_dipole_feels_its_charge_and_dipole() -> None:
    """-q mu/r^2 with mu of the computed water, less than 1 meV of polarisation beside it."""
    sodium = Atoms("Na", positions=[[0, 0, 0]], info={"charge": 1})
    water = molecule("H2O")
    water.rotate("z", "x")  # the oxygen atom is the far or the near end, along x
    whole = at(sodium, water, 30.0)
    found = bound([recipe(sodium), recipe(water)], recipe(whole), HF, LOOSE)
    positions = np.array(found.complex.geometry.structure.positions)
    centre = positions[1:].mean(axis=0)
    moment = found.parts[1].dipole * 0.2081943
    towards = positions[1] - positions[2:].mean(axis=0)
    axis = (positions[0] - centre) / np.linalg.norm(positions[0] - centre)
    along = float(towards @ axis) / np.linalg.norm(towards)
    expected = -COULOMB * moment * along / np.linalg.norm(positions[0] - centre) ** 2
    assert abs(expected) > 4e-3
    assert found.energy == pytest.approx(expected, abs=6e-4)
