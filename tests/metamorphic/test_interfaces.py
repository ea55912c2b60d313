"""What holds an interface together does not depend on how its two slabs are written down."""

from __future__ import annotations

import pytest
from ase import Atoms
from ase.build import bulk
from campaign_runs import MORSE, computed, written
from variants import SLAB, as_it_is, rotated

from azibflow.structures.slabs import build_slabs
from azibflow.workflows.interfaces import InterfaceResult
from azibflow.workflows.results import Outcome

NOISE = 1e-3
"""J/m^2: fmax 0.01 eV/angstrom leaves 1e-5 eV/angstrom^2, and three relaxations add up."""


def support() -> Atoms:
    """Copper (111) whose upper face is nickel: upside down it is another surface."""
    slab = build_slabs(bulk("Cu", "fcc", a=3.60, cubic=True), "111", layers=3, vacuum=12.0)[0]
    slab.symbols[slab.get_tags() == 1] = "Ni"
    return slab


def film() -> Atoms:
    """A layer of two metals whose lower face is aluminium."""
    slab = build_slabs(bulk("Cu", "fcc", a=3.66, cubic=True), "111", layers=2, vacuum=12.0)[0]
    slab.symbols[slab.get_tags() == 2] = "Al"
    return slab


@pytest.fixture(scope="module")
def interfaces(tmp_path_factory: pytest.TempPathFactory) -> dict[str, InterfaceResult]:
    folder = tmp_path_factory.mktemp("interfaces")
    film().write(folder / "film.extxyz")
    support().write(folder / "support.extxyz")
    systems = {}
    for way in (as_it_is, *SLAB, rotated):
        way(film()).write(folder / f"film-{way.__name__}.extxyz")
        way(support()).write(folder / f"support-{way.__name__}.extxyz")
        pairs = {"film": (f"film-{way.__name__}", "support"), "support": ("film", f"support-{way.__name__}")}
        for side, (upper, lower) in pairs.items():
            systems[f"{side}-{way.__name__}"] = {
                "heterostructure": {
                    "film": f"{upper}.extxyz",
                    "support": f"{lower}.extxyz",
                    "contact": "van der Waals",
                    "vacuum": 10.0,
                }
            }
    studies = [{"kind": "interface", "name": name, "system": name} for name in systems]
    path = written(folder, systems, studies, calculator=MORSE, relax={"fmax": 0.01})
    return {name: result for name, (result,) in computed(path, InterfaceResult).items()}


@pytest.mark.parametrize("side", ["film", "support"])
@pytest.mark.parametrize("way", [*SLAB, rotated])
def test_adhesion_is_that_of_the_two_faces(way, side: str, interfaces: dict[str, InterfaceResult]) -> None:
    expected, found = interfaces["film-as_it_is"], interfaces[f"{side}-{way.__name__}"]
    assert (expected.outcome, found.outcome) == (Outcome.OK, Outcome.OK)
    assert found.n_atoms == expected.n_atoms
    assert found.area == pytest.approx(expected.area, rel=1e-6)
    assert found.film_strain == pytest.approx(expected.film_strain, abs=1e-6)
    assert found.work_of_adhesion == pytest.approx(expected.work_of_adhesion, abs=NOISE)
