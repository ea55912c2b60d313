"""A surface energy is that of the facet, however the bulk is written down."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from ase import Atoms
from ase.build import bulk
from campaign_runs import MORSE, the_result, written
from variants import CRYSTAL, Variant, as_it_is, one_by_one

from azibflow.workflows.common.results import Outcome
from azibflow.workflows.surfaces.results import SurfaceResult, SurfaceRow

NOISE = 2e-4
"""J/m^2: two relaxations with fmax 0.01 eV/angstrom leave less than 1e-5 eV/angstrom^2."""

FACETS = {
    "left_handed": ((0, 1, 0), (0, 0, 1)),
    "rewritten": ((0, 1, 0), (0, 0, 1)),
    "backwards": ((-1, 0, 0), (0, 0, 1)),
}
"""Where a cell of conventional shape has other vectors, the indices of (100) and (001) in it: h' = M h for vectors M a.
Cells of another shape, skewed ones, have the indices of the conventional cell."""


def alloy() -> Atoms:
    """A hexagonal crystal of two metals without inversion: (100) has several terminations, (001) two faces."""
    atoms = bulk("Zn", "hcp", a=2.45, c=4.00)
    atoms.symbols[0] = "Cu"
    return atoms


def doubled(atoms: Atoms) -> Atoms:
    return atoms.repeat((2, 1, 1))


@pytest.fixture(scope="module")
def surfaces(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Variant], dict[str, SurfaceRow]]:
    """Compute the terminations of two facets of the alloy that is written in some way."""

    @cache
    def compute(way: Variant) -> dict[str, SurfaceRow]:
        facets = FACETS.get(way.__name__, ((1, 0, 0), (0, 0, 1)))
        study = {"kind": "surface", "system": "alloy", "facets": [list(facet) for facet in facets], "layers": [2]}
        folder = tmp_path_factory.mktemp("surfaces")
        path = written(folder, {"alloy": way(alloy())}, [study], calculator=MORSE, relax={"fmax": 0.01})
        names = dict(zip(facets, ("(100)", "(001)"), strict=True))
        return {f"{names[row.miller]} t{row.termination}": row for row in the_result(path, SurfaceResult).rows}

    return compute


@pytest.mark.parametrize("way", [*one_by_one(CRYSTAL), doubled])
def test_a_surface_energy_is_that_of_the_facet(
    way: Variant, surfaces: Callable[[Variant], dict[str, SurfaceRow]]
) -> None:
    expected, found = surfaces(as_it_is), surfaces(way)
    assert len(expected) > 2
    assert found.keys() == expected.keys()
    for name, row in expected.items():
        assert (row.outcome, found[name].outcome) == (Outcome.OK, Outcome.OK)
        assert (found[name].n_atoms, found[name].layers, found[name].symmetric) == (
            row.n_atoms,
            row.layers,
            row.symmetric,
        )
        assert found[name].area == pytest.approx(row.area, rel=1e-6)
        assert found[name].gamma == pytest.approx(row.gamma, abs=NOISE), name
