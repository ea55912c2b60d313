"""Classes of hosts: those of the compilation of published hops come out, and nothing else is taken for one."""

from __future__ import annotations

import pytest
from ase.io import read

from azibflow.data.barriers import published_hops
from azibflow.structures.building import build_bulk
from azibflow.structures.host_classes import host_class
from azibflow.structures.recipes import StructureRecipe

COMPILED = ("d-V2O5_Zn", "ZnNiO2_2", "ZnMn2O4", "Ni2O4_Zn", "ZnY2Se4", "Cr2S4_Zn")


def test_hosts_of_the_compilation_are_of_the_classes_that_it_says() -> None:
    """With zinc on every site, on one, or moved away from it; Jahn-Teller octahedra of Mn and Ni among them."""
    found = {name: host_class(read(published_hops()[name].endpoints[1]), "Zn") for name in COMPILED}
    assert found == {name: published_hops()[name].host_class for name in COMPILED}


@pytest.mark.parametrize(
    ("prototype", "expected"),
    [
        ("alpha-V2O5", "layered"),
        ("ZnMn2O4", "oxide spinel"),
        ("alpha-MnO2", ""),  # octahedra share edges in tunnels, four each
        ("VO2(R)", ""),
        ("TiS2", ""),  # layered, and no oxide: no such host was published
        ("Ti3C2O2", ""),
        ("ZnO", ""),  # nothing is left of it without the ion
        ("Zn", ""),
    ],
)
def test_classes_of_prototypes(prototype: str, expected: str) -> None:
    assert host_class(build_bulk(StructureRecipe(prototype=prototype)), "Zn") == expected
