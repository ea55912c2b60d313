"""Surface energies against arithmetic by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111
from ase.calculators.emt import EMT
from ase.io import write
from ase.optimize import BFGS
from hypothesis import given
from hypothesis import strategies as st
from jobflow import run_locally

from azibflow.analysis.tables.surface import surfaces_table
from azibflow.calculators.specs import AseSpec
from azibflow.campaigns.files import load_campaign
from azibflow.campaigns.plan import plan
from azibflow.errors import AzibflowError
from azibflow.structures.recipes import StructureRecipe
from azibflow.workflows.common.results import Outcome, RelaxSettings
from azibflow.workflows.surfaces.flow import SurfaceMaker, surface_study
from azibflow.workflows.surfaces.results import SurfaceResult, surface_energy

COPPER = StructureRecipe(prototype="Cu")
SETTINGS = RelaxSettings(fmax=0.005)


@pytest.fixture(scope="module")
def study(emt: AseSpec) -> SurfaceResult:
    return surface_study(COPPER, [(1, 1, 1), (1, 0, 0)], emt, SETTINGS, layers=[6, 8])


def test_copper_111_agrees_with_a_slab_of_ase(study: SurfaceResult) -> None:
    side = study.bulk.structure.cell[0][0]
    crystal = bulk("Cu", a=side)
    crystal.calc = EMT()
    slab = fcc111("Cu", (1, 1, 6), a=side, vacuum=7.5, periodic=True)
    slab.calc = EMT()
    BFGS(slab, logfile=None).run(fmax=0.001)
    area = np.linalg.norm(np.cross(slab.cell[0], slab.cell[1]))
    by_hand = (slab.get_potential_energy() - 6 * crystal.get_potential_energy()) / (2 * area) * 1.602176634e-19 * 1e20
    row = study.rows[0]
    assert (row.miller, row.layers, row.n_atoms) == ((1, 1, 1), 6, 6)
    assert row.gamma == pytest.approx(by_hand, abs=2e-4)
    assert row.area == pytest.approx(area, abs=1e-3)


def test_the_close_packed_facet_is_the_cheapest(study: SurfaceResult) -> None:
    gamma = {(row.miller, row.layers): row.gamma for row in study.rows}
    assert gamma[(1, 1, 1), 8] < gamma[(1, 0, 0), 8]
    assert abs(gamma[(1, 1, 1), 8] - gamma[(1, 1, 1), 6]) < 5e-3


def test_the_flow_gives_what_the_plain_function_gives(study: SurfaceResult, emt: AseSpec, tmp_path) -> None:
    maker = SurfaceMaker(millers=[(1, 1, 1), (1, 0, 0)], layers=[6, 8], calculator=emt, settings=SETTINGS)
    responses = run_locally(maker.make(COPPER), log=False, root_dir=tmp_path, ensure_success=True)
    outputs = [response.output for by_index in responses.values() for response in by_index.values()]
    result = next(output for output in outputs if isinstance(output, SurfaceResult))
    assert [row.model_dump() for row in result.rows] == [row.model_dump() for row in study.rows]


def test_an_unconverged_slab_says_so(emt: AseSpec) -> None:
    result = surface_study(COPPER, [(1, 0, 0)], emt, RelaxSettings(fmax=1e-6, max_steps=1), layers=[4])
    assert result.rows[0].outcome is Outcome.UNCONVERGED


@given(st.integers(1, 200), st.floats(-10, 0), st.floats(1, 500), st.floats(0.01, 5))
def test_gamma_inverts(n_atoms: int, e_bulk: float, area: float, gamma: float) -> None:
    e_slab = n_atoms * e_bulk + 2 * area * gamma / 16.02176634
    assert surface_energy(e_slab, n_atoms, e_bulk, area) == pytest.approx(gamma, rel=1e-6, abs=1e-6)


def facets(atoms: Atoms, folder: Path, emt: AseSpec) -> dict[tuple[int, ...], float]:
    """Compute (111) and (100) of a file through a campaign's maker."""
    write(folder / "file.vasp", atoms)
    maker = SurfaceMaker(millers=[(1, 1, 1), (1, 0, 0)], layers=[4], calculator=emt, settings=SETTINGS)
    flow = maker.make(StructureRecipe(file=folder / "file.vasp"))
    responses = run_locally(flow, log=False, root_dir=folder, ensure_success=True)
    outputs = [response.output for by_index in responses.values() for response in by_index.values()]
    result = next(output for output in outputs if isinstance(output, SurfaceResult))
    notes = surfaces_table([result]).notes
    assert any("conventional cell of 3.60 x 3.60 x 3.60" in note for note in notes) == (len(atoms) != 4)
    return {row.miller: row.gamma for row in result.rows}


def test_the_cell_of_the_file_does_not_choose_the_facet(emt: AseSpec, tmp_path: Path) -> None:
    """(100) of a primitive file had the surface energy of (111)."""
    conventional = facets(bulk("Cu", cubic=True, a=3.6), tmp_path, emt)
    assert conventional[1, 0, 0] > 1.02 * conventional[1, 1, 1]
    for atoms in (bulk("Cu", a=3.6), bulk("Cu", cubic=True, a=3.6).repeat((2, 1, 1))):
        assert facets(atoms, tmp_path, emt) == pytest.approx(conventional, abs=2e-3)


def test_the_dry_run_says_which_cell_indices_refer_to(tmp_path: Path) -> None:
    write(tmp_path / "cu.vasp", bulk("Cu", a=3.6))
    (tmp_path / "c.yaml").write_text(
        "name: c\ncalculator: {kind: ase, calculator: 'ase.calculators.emt:EMT'}\n"
        "systems:\n  s: {file: cu.vasp}\n  cut: {file: cu.vasp, slab: {miller: (100), layers: 3, supercell: [2, 2]}}\n"
        "studies:\n  - {kind: surface, system: s, facets: [(100)], layers: [6]}\n"
        "  - {kind: adsorption, system: cut, adsorbate: O}\n"
    )
    tasks = [entry.task for entry in plan(load_campaign(tmp_path / "c.yaml"))]
    where = "indices of the conventional cell of 3.60 x 3.60 x 3.60 angstrom"
    assert f"s(100) t0, 6 layers, {where}: relax" in tasks
    assert f"cut: relax surface, {where}" in tasks


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ("facets: [(10-10)]", r"system 's' \(.*cu\.vasp\): .*four indices \(hkil\) belong to hexagonal cells"),
        ("facets: [(100)], vacuum: -3", r"vacuum"),
    ],
)
def test_a_facet_that_cannot_be_is_refused_by_the_dry_run(bad: str, words: str, tmp_path: Path) -> None:
    write(tmp_path / "cu.vasp", bulk("Cu", a=3.6))
    (tmp_path / "c.yaml").write_text(
        f"name: c\nsystems: {{s: {{file: cu.vasp}}}}\nstudies: [{{kind: surface, system: s, {bad}}}]\n"
    )
    with pytest.raises(AzibflowError, match=words):
        plan(load_campaign(tmp_path / "c.yaml"))


def test_a_slab_is_no_bulk_for_surface_energies(tmp_path: Path) -> None:
    write(tmp_path / "slab.vasp", fcc111("Cu", (1, 1, 4), vacuum=8.0, periodic=True))
    (tmp_path / "c.yaml").write_text(
        "name: c\nsystems: {s: {file: slab.vasp}}\nstudies: [{kind: surface, system: s, facets: [(111)]}]\n"
    )
    with pytest.raises(AzibflowError, match=r"slab\.vasp.*are empty: this is a slab"):
        plan(load_campaign(tmp_path / "c.yaml"))
