"""What studies compute of a recipe with edits: the edited structure, at the lattice of its relaxed host."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ase.build import graphene
from jobflow import Flow, run_locally

from azibflow.calculators.specs import AseSpec
from azibflow.structures.building import build
from azibflow.structures.documents import StructureDocument
from azibflow.structures.heterostructures import both_sides
from azibflow.structures.recipes import StructureRecipe
from azibflow.workflows.adsorption.flow import adsorption_study
from azibflow.workflows.common.relaxation_jobs import RelaxationResult, relax_bulk
from azibflow.workflows.common.results import RelaxSettings
from azibflow.workflows.common.shared_jobs import SharedJobs
from azibflow.workflows.interfaces.sides import InterfaceGeometry, take_side
from azibflow.workflows.surfaces.flow import surface_study

LOOSE = RelaxSettings(fmax=0.05)


def recipe(**keys: Any) -> StructureRecipe:
    return StructureRecipe.model_validate(keys)


ALLOY = recipe(prototype="Cu", supercell=[2, 1, 1], substitute={"Cu": "Al"})


@pytest.fixture(scope="module")
def host(emt: AseSpec) -> RelaxationResult:
    return relax_bulk(recipe(prototype="Cu"), emt, LOOSE)


@pytest.fixture(scope="module")
def alloy(emt: AseSpec) -> RelaxationResult:
    return relax_bulk(ALLOY, emt, LOOSE)


def test_an_edited_bulk_is_relaxed_at_the_lattice_of_its_host(host: RelaxationResult, alloy: RelaxationResult) -> None:
    assert alloy.structure.formula == "AlCu7"
    assert alloy.cell_policy == "fixed"
    assert np.array(alloy.structure.cell) == pytest.approx(np.array(host.structure.cell) * [[2], [1], [1]])
    assert host.structure.cell[0][0] != pytest.approx(3.61491, abs=1e-3)  # it was relaxed


def test_the_flow_relaxes_what_the_plain_function_relaxes(alloy: RelaxationResult, emt: AseSpec, tmp_path) -> None:
    pool = SharedJobs()
    last = pool.relaxed_bulk(ALLOY, emt, LOOSE)
    assert pool.relaxed_bulk(ALLOY.named("again"), emt, LOOSE).name != last.name
    jobs = pool.jobs[:4]
    assert [job.name for job in jobs[2:]] == ["Cu: cut", "Cu: relax edited bulk"]
    responses = run_locally(Flow(jobs), log=False, root_dir=tmp_path, ensure_success=True)
    result = responses[last.uuid][1].output
    assert result.energy == pytest.approx(alloy.energy, abs=1e-6)
    assert result.structure.sha256() == alloy.structure.sha256()


def test_surfaces_are_cut_from_the_edited_bulk_with_the_indices_of_the_host(
    alloy: RelaxationResult, emt: AseSpec
) -> None:
    result = surface_study(ALLOY, [(0, 0, 1)], emt, LOOSE, layers=[1], vacuum=8.0)
    assert result.bulk.energy == pytest.approx(alloy.energy, abs=1e-6)
    (row, *_) = result.rows
    assert row.structure.formula == "AlCu7"
    assert row.area == pytest.approx(2 * alloy.structure.cell[1][1] ** 2, rel=1e-6)
    assert result.axes[0] == pytest.approx((0.5, 0, 0))
    by_hand = (row.energy - alloy.energy) / (2 * row.area) * 16.02176634
    assert row.gamma == pytest.approx(by_hand, rel=1e-6)


def test_an_adsorbate_stands_on_the_edited_slab(emt: AseSpec) -> None:
    slab = {"miller": "(111)", "layers": 2, "supercell": [2, 1], "vacuum": 8.0, "fixed_layers": 1}
    surface = recipe(prototype="Cu", slab=slab, substitute={"Cu": "Al", "at": "surface"})
    result = adsorption_study(surface, "H", emt, LOOSE, sites=["top-Al"])
    assert result.bare.structure.formula == "AlCu3"
    (row,) = result.rows
    assert row.site == "top-Al"
    assert row.structure.symbols.count("Al") == 1


def test_both_sides_of_an_edited_interface_are_all_of_it() -> None:
    """What was added goes with the side it stands on: nothing of the whole is missing from its two sides."""
    atoms = graphene(vacuum=8.0, size=(2, 2, 1)) * (1, 1, 2)
    atoms.positions[8:, 2] -= atoms.cell[2, 2] / 2 - 3.4
    atoms.set_tags([1] * 8 + [2] * 8)
    atoms.pbc = True
    plain = StructureDocument.from_atoms(atoms).model_dump(mode="json")
    edited = build(recipe(document=plain, vacancies={"C": 1}, adsorb=[{"H": 1}, {"O": 1, "side": "lower"}]))
    film, support = both_sides(edited)
    assert sorted([*film, *support]) == list(range(17))
    assert ("H" in edited.symbols[film], "O" in edited.symbols[support]) == (True, True)
    geometry = InterfaceGeometry(name="two sheets", structure=StructureDocument.from_atoms(edited))
    assert [len(take_side(geometry, side).symbols) for side in ("film", "support")] == [len(film), len(support)]
