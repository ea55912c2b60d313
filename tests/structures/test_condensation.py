"""Condensed contacts: what leaves is water, and the film holds to oxygen that has lost its proton."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from azibflow.cli.descriptions import describe_interface
from azibflow.errors import StructureError
from azibflow.structures.heterostructures import HeterostructureSettings, candidates, count_patterns
from azibflow.structures.heterostructures.condensation import opened, with_protons
from azibflow.structures.heterostructures.layers import layer
from azibflow.structures.heterostructures.oxide_clusters import v8o16


@pytest.fixture(scope="module")
def grown():
    return candidates("H2V3O8", "Ti3C2(OH)2", HeterostructureSettings(condense=6))


def test_film_and_support_have_lost_water_and_nothing_else(grown) -> None:
    film, support = layer("H2V3O8").build(), layer("Ti3C2(OH)2").build()
    for one in grown:
        cells = one.match.film_cells, one.match.support_cells
        before = Counter(list(film.symbols) * cells[0] + list(support.symbols) * cells[1])
        before.subtract(one.atoms.symbols)
        assert +before == {"H": 12, "O": 6}, "six molecules of water"
        assert one.atoms.info["charge"] == 0
        assert one.placement.waters == 6
    assert "condensed: 6 H2O have left, with 60 electrons; the rest is neutral" in describe_interface(grown[0])


def test_the_film_holds_to_oxygen_of_titanium_that_bears_no_hydrogen(grown) -> None:
    for one in grown:
        assert set(count_patterns(one.bonds)) <= {"V-O-Ti"}
        hydrogen = np.flatnonzero(one.atoms.symbols == "H")
        for bond in one.bonds:
            assert one.atoms.get_distances(bond.support, hydrogen, mic=True).min() > 1.5
        distances = one.atoms.get_all_distances(mic=True) + 9 * np.eye(len(one.atoms))
        assert distances.min() > 0.9
        across = distances[np.ix_(one.film, [h for h in hydrogen if h in set(one.support)])]
        assert across.min() > 1.2
    assert len(grown[0].bonds) == 3


def test_the_lowest_terminal_oxygen_leaves_with_its_hydrogen() -> None:
    film = layer("H2V3O8").build()
    left = opened(film, 2)
    assert Counter(film.symbols) - Counter(left.symbols) == {"O": 2, "H": 2}, "V=O and V-OH2"
    assert Counter(v8o16().symbols) - Counter(opened(v8o16(), 1).symbols) == {"O": 1}
    with pytest.raises(StructureError, match=r"99 molecules of water need as many terminal oxygen atoms"):
        opened(film, 99)


def test_protons_do_not_come_back_where_the_film_stands(grown) -> None:
    from ase import Atoms

    # four oxygen in a row, vanadium over the first: with one proton leaving it is that of the first
    cell, places = (12.0, 6.0, 20.0), [(3.0 * k, 0.0, 5.0) for k in range(4)]
    together = Atoms("O4V", positions=[*places, (0.0, 0.0, 7.0)], cell=cell, pbc=True, tags=[1, 1, 1, 1, 2])
    whole = with_protons(together, 1, 0.97)
    assert str(whole.symbols) == "O4H3V"
    assert sorted(whole.positions[4:7, 0]) == [3.0, 6.0, 9.0]
    assert with_protons(together, 0, 0.97) is None, "hydrogen would stand in the way of vanadium"
    assert with_protons(together, 5, 0.97) is None, "there are four"


def test_a_support_without_hydroxyl_is_refused() -> None:
    with pytest.raises(StructureError, match=r"no hydroxyl on its upper face to condense with"):
        candidates("H2V3O8", "Ti3C2O2", HeterostructureSettings(condense=1))
