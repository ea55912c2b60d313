"""A surface energy is that of the facet, however the bulk is written down."""

from __future__ import annotations

import pytest
from ase import Atoms
from ase.build import bulk
from campaign_runs import MORSE, computed, written
from variants import CRYSTAL, as_it_is

from azibflow.workflows.results import Outcome
from azibflow.workflows.surfaces import SurfaceResult, SurfaceRow

NOISE = 2e-4
"""J/m^2: two relaxations with fmax 0.01 eV/angstrom leave less than 1e-5 eV/angstrom^2."""

FACETS = {"left_handed": (0, 1, 0), "backwards": (-1, 0, 0), "skewed": (1, 2, 0), "skewed_in_space": (1, 1, 0)}
"""Where a cell has other vectors, the index of (100) in it: h' = M h for vectors M a."""


def alloy() -> Atoms:
    """A hexagonal crystal of two metals without inversion: (100) has several terminations, (001) two faces."""
    atoms = bulk("Zn", "hcp", a=2.45, c=4.00)
    atoms.symbols[0] = "Cu"
    return atoms


def energies(result: SurfaceResult, facets: dict[tuple[int, int, int], tuple[int, int, int]]) -> dict[str, SurfaceRow]:
    return {"{}{}{}".format(*facets.get(row.miller, row.miller)) + f" t{row.termination}": row for row in result.rows}


@pytest.fixture(scope="module")
def surfaces(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, SurfaceRow]]:
    bulks = {way.__name__: way(alloy()) for way in (as_it_is, *CRYSTAL)} | {"repeated": alloy().repeat((2, 1, 1))}
    facets = {name: {FACETS.get(name, (1, 0, 0)): (1, 0, 0), (0, 0, 1): (0, 0, 1)} for name in bulks}
    facets["skewed_in_space"] = {(1, 1, 0): (1, 0, 0), (0, 1, 1): (0, 0, 1)}
    studies = [
        {"kind": "surface", "name": name, "system": name, "facets": [list(f) for f in facets[name]], "layers": [2]}
        for name in bulks
    ]
    path = written(tmp_path_factory.mktemp("surfaces"), bulks, studies, calculator=MORSE, relax={"fmax": 0.01})
    return {name: energies(result, facets[name]) for name, (result,) in computed(path, SurfaceResult).items()}


@pytest.mark.parametrize("way", [*(variant.__name__ for variant in CRYSTAL), "repeated"])
def test_a_surface_energy_is_that_of_the_facet(way: str, surfaces: dict[str, dict[str, SurfaceRow]]) -> None:
    expected, found = surfaces["as_it_is"], surfaces[way]
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
