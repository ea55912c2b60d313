"""Adsorption energies and sites are those of the surface, however bulk or slab are written down."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ase import Atoms
from ase.build import bulk
from campaign_runs import MORSE, the_result, written
from variants import CRYSTAL, SLAB, Variant, as_it_is, one_by_one

from azibflow.structures.slabs import build_slabs
from azibflow.workflows.adsorption.results import AdsorptionResult, AdsorptionRow

NOISE = 5e-4
"""eV. Equal surfaces give equal steps up to rounding; where not, fmax 0.01 eV/angstrom leaves 5e-5 eV in a well of 1
eV/angstrom^2."""
LENGTH = 0.02
"""Angstrom, of heights and distances; forces of 0.01 eV/angstrom leave 0.01 in a well of 1 eV/angstrom^2."""


def copper() -> Atoms:
    return bulk("Cu", "fcc", a=3.60, cubic=True)


def slab(supercell: tuple[int, int] = (1, 1)) -> Atoms:
    """Two layers of copper (111) on two of nickel, of which the lowest is held: its faces differ."""
    found = build_slabs(copper(), "111", layers=4, vacuum=12.0, supercell=supercell, fixed_layers=1)[0]
    found.symbols[found.get_tags() > 2] = "Ni"
    return found


Adsorption = Callable[..., AdsorptionResult]
CUT = {"miller": "(111)", "layers": 3, "vacuum": 12.0, "fixed_layers": 1}


@pytest.fixture(scope="module")
def adsorption(tmp_path_factory: pytest.TempPathFactory) -> Adsorption:
    """Compute hydrogen on a surface: of atoms written in some way, and what a recipe makes of them."""
    made: dict[tuple[str, ...], AdsorptionResult] = {}

    def compute(atoms: Atoms, way: Variant = as_it_is, **recipe: object) -> AdsorptionResult:
        key = (atoms.get_chemical_formula(), way.__name__, *recipe)
        if key not in made:
            study = {"kind": "adsorption", "system": "surface", "adsorbate": "H", "cell": "fixed"}
            systems = {"surface": {"atoms": way(atoms), **recipe}}
            path = written(tmp_path_factory.mktemp("surface"), systems, [study], calculator=MORSE, relax={"fmax": 0.01})
            made[key] = the_result(path, AdsorptionResult)
        return made[key]

    return compute


def by_site(result: AdsorptionResult) -> dict[str, AdsorptionRow]:
    return {row.name: row for row in result.rows}


def assert_alike(found: AdsorptionResult, expected: AdsorptionResult) -> None:
    rows = by_site(found)
    assert found.coverage == pytest.approx(expected.coverage, rel=1e-6)
    assert found.reference.energy == pytest.approx(expected.reference.energy, abs=NOISE)
    assert rows.keys() == by_site(expected).keys()
    for name, row in by_site(expected).items():
        assert (rows[name].outcome, rows[name].multiplicity) == (row.outcome, row.multiplicity), name
        assert rows[name].e_ads_vs_molecule == pytest.approx(row.e_ads_vs_molecule, abs=NOISE), name
        assert rows[name].height == pytest.approx(row.height, abs=LENGTH), name
        assert rows[name].nearest_distance == pytest.approx(row.nearest_distance, abs=LENGTH), name
        assert rows[name].surface_displacement == pytest.approx(row.surface_displacement, abs=LENGTH), name


@pytest.mark.parametrize("way", one_by_one(CRYSTAL))
def test_a_surface_is_that_of_its_bulk(way: Variant, adsorption: Adsorption) -> None:
    assert_alike(adsorption(copper(), way, slab=CUT), adsorption(copper(), slab=CUT))


@pytest.mark.parametrize("way", one_by_one(SLAB))
def test_a_slab_is_what_it_is(way: Variant, adsorption: Adsorption) -> None:
    assert_alike(adsorption(slab(), way), adsorption(slab()))


def test_a_larger_cell_given_is_a_larger_cell_made(adsorption: Adsorption) -> None:
    one, four = adsorption(slab()), adsorption(slab((2, 2)))
    assert_alike(four, adsorption(slab(), supercell=[2, 2, 1]))
    assert {name: 4 * row.multiplicity for name, row in by_site(one).items()} == {
        name: row.multiplicity for name, row in by_site(four).items()
    }
