"""Surface energies against arithmetic by hand."""

from __future__ import annotations

import numpy as np
import pytest
from ase.build import bulk, fcc111
from ase.calculators.emt import EMT
from ase.optimize import BFGS
from hypothesis import given
from hypothesis import strategies as st
from jobflow import run_locally

from azibflow.calculators.specs import AseSpec
from azibflow.structures.recipes import StructureRecipe
from azibflow.workflows.results import Outcome, RelaxSettings
from azibflow.workflows.surfaces import SurfaceMaker, SurfaceResult, surface_energy, surface_study

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
