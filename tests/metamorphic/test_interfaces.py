"""What holds an interface together does not depend on how its two slabs are written down."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from ase import Atoms
from ase.build import bulk
from campaign_runs import MORSE, the_result, written
from pair_potential import PairMorse
from variants import SLAB, Variant, as_it_is, backwards, mirrored, one_by_one, rewritten_slab, rotated, straddling

from azibflow.structures.heterostructures import HeterostructureSettings, candidates
from azibflow.structures.slabs import build_slabs
from azibflow.workflows.common.results import Outcome
from azibflow.workflows.interfaces.results import InterfaceResult

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


def sixty_degrees(slab: Atoms) -> Atoms:
    """No atom moves, the angle between the first two vectors is the other one of a hexagonal lattice."""
    other = slab.copy()
    a, b, c = slab.cell.array
    other.set_cell([a, a + b if a @ b < 0 else b - a, c])
    return other


@pytest.fixture(scope="module")
def interface(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Variant, Variant], InterfaceResult]:
    """Compute the adhesion of film and support, each written in some way."""

    @cache
    def compute(film_way: Variant, support_way: Variant) -> InterfaceResult:
        folder = tmp_path_factory.mktemp("interface")
        film_way(film()).write(folder / "film.extxyz")
        support_way(support()).write(folder / "support.extxyz")
        parts = {"film": "film.extxyz", "support": "support.extxyz", "contact": "van der Waals", "vacuum": 10.0}
        study = {"kind": "interface", "system": "both"}
        path = written(folder, {"both": {"heterostructure": parts}}, [study], calculator=MORSE, relax={"fmax": 0.01})
        return the_result(path, InterfaceResult)

    return compute


@pytest.mark.parametrize("side", ["film", "support"])
@pytest.mark.parametrize("way", [*one_by_one(SLAB), pytest.param(rotated, marks=pytest.mark.slow)])
def test_adhesion_is_that_of_the_two_faces(
    way: Variant, side: str, interface: Callable[[Variant, Variant], InterfaceResult]
) -> None:
    expected = interface(as_it_is, as_it_is)
    found = interface(way, as_it_is) if side == "film" else interface(as_it_is, way)
    assert (expected.outcome, found.outcome) == (Outcome.OK, Outcome.OK)
    assert found.n_atoms == expected.n_atoms
    assert found.area == pytest.approx(expected.area, rel=1e-6)
    assert found.film_strain == pytest.approx(expected.film_strain, abs=1e-6)
    assert found.work_of_adhesion == pytest.approx(expected.work_of_adhesion, abs=NOISE)


def energies_of_candidates(film_atoms: Atoms, support_atoms: Atoms, **settings: object) -> list[float]:
    """Energy of each registry in their order, nothing relaxed, eV."""
    found = []
    for one in candidates(film_atoms, support_atoms, HeterostructureSettings(vacuum=10.0, **settings)):
        one.atoms.calc = PairMorse()
        found.append(float(one.atoms.get_potential_energy()))
    return found


@pytest.mark.parametrize("side", ["film", "support"])
@pytest.mark.parametrize("way", [straddling, mirrored, backwards, sixty_degrees, rewritten_slab])
def test_candidates_are_those_of_the_two_slabs_in_one_order(way: Variant, side: str) -> None:
    """All registries at one gap: they differ by what is above what, and the first is taken."""
    settings = {"gap": 2.1, "registry_step": 0.9}
    expected = energies_of_candidates(film(), support(), **settings)
    assert len(expected) > 6
    assert max(expected) - min(expected) > 0.1
    parts = (way(film()), support()) if side == "film" else (film(), way(support()))
    assert energies_of_candidates(*parts, **settings) == pytest.approx(expected, abs=2e-3)
