"""Complexes with ligands of one sort or several: names, charges that add up, and donor atoms at the ion."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azibflow.errors import StructureError
from azibflow.structures.clusters import cluster, find_cluster
from azibflow.structures.clusters.complexes import coordinated, find_ligand, formula, parse, require_ligand
from azibflow.structures.clusters.solvation import IONS
from azibflow.structures.connectivity import first_shell, molecules_in

SMALL = ("H2O", "NH3", "Cl-", "SO42-", "OH-", "acetonitrile")


@given(st.sampled_from(sorted(IONS)), st.lists(st.tuples(st.sampled_from(SMALL), st.integers(1, 6)), max_size=3))
def test_a_formula_is_read_as_it_was_written(ion: tuple[str, int], shell: list[tuple[str, int]]) -> None:
    ligands = [(require_ligand(name), count) for name, count in dict(shell).items()]
    name = formula(*ion, ligands)
    total = ion[1] + sum(ligand.charge * count for ligand, count in ligands)
    sign = {1: "+", -1: "-", 0: ""}[int(np.sign(total))]
    assert name.endswith(sign) and (abs(total) < 2 or name.endswith(f"{abs(total)}{sign}"))
    if 0 < sum(count for _, count in ligands) <= 6:
        symbol, charge, read = parse(name)
        assert (symbol, charge) == ion
        assert [(ligand.name, count) for ligand, count in read] == [(one.name, count) for one, count in ligands]


@settings(max_examples=25)
@given(
    st.sampled_from([("Zn", 2), ("Mg", 2), ("Al", 3)]),
    st.sampled_from(SMALL),
    st.integers(1, 4),
    st.sampled_from(SMALL),
    st.integers(0, 2),
    st.integers(0, 9),
)
def test_every_ligand_is_whole_and_at_the_ion(
    ion: tuple[str, int], first: str, count: int, second: str, more: int, number: int
) -> None:
    shell = [(require_ligand(first), count)] + ([(require_ligand(second), more)] if more and second != first else [])
    total = sum(n for _, n in shell)
    atoms = coordinated(*ion, shell, number)
    assert atoms.symbols[0] == ion[0]
    assert atoms.info["charge"] == ion[1] + sum(ligand.charge * n for ligand, n in shell)
    groups = molecules_in(atoms)[1:]
    assert [len(group) for group in groups] == [len(ligand.build()) for ligand, n in shell for _ in range(n)]
    donors = first_shell(atoms, 0)
    assert len(donors) == total
    assert [sum(donor in group for donor in donors) for group in groups] == [1] * total
    apart = atoms.get_all_distances()
    for i, one in enumerate(groups):
        for other in groups[:i]:
            assert apart[np.ix_(one, other)].min() > 1.4


def test_ammonia_faces_the_ion_with_its_lone_pair_and_stands_on_a_tetrahedron() -> None:
    atoms = cluster("[Zn(NH3)4]2+")
    nitrogens = [i for i in range(len(atoms)) if atoms.symbols[i] == "N"]
    assert atoms.get_distances(0, nitrogens) == pytest.approx([2.02] * 4, abs=0.06)
    angles = [atoms.get_angle(i, 0, j) for i in nitrogens for j in nitrogens if i < j]
    assert angles == pytest.approx([109.5] * 6, abs=5)
    for nitrogen in nitrogens:
        for hydrogen in range(nitrogen + 1, nitrogen + 4):
            assert atoms.get_angle(0, nitrogen, hydrogen) == pytest.approx(112, abs=8)


def test_a_nitrile_binds_in_line_and_an_anion_through_a_lone_pair() -> None:
    straight = cluster("[Zn(acetonitrile)]2+")
    nitrogen = straight.symbols.search("N")[0]
    carbon = int(np.argsort(straight.get_distances(nitrogen, range(len(straight))))[1])
    zinc = straight.symbols.search("Zn")[0]
    assert straight.get_angle(zinc, nitrogen, carbon) > 165
    bent = cluster("[Zn(OTf)(H2O)5]+")
    (sulfur,) = bent.symbols.search("S")
    (held,) = [i for i in first_shell(bent, 0) if bent.get_distance(i, sulfur) < 1.7]
    assert bent.get_angle(0, held, sulfur) == pytest.approx(135, abs=6)


@pytest.mark.parametrize("waters", [1, 2, 3])
def test_hydronium_gives_a_hydrogen_bond_to_each_water(waters: int) -> None:
    atoms = cluster(f"[H3O(H2O){waters}]+".replace("O)1]", "O)]"))
    oxygens = [i for i in range(len(atoms)) if atoms.symbols[i] == "O"]
    expected = 2.42 if waters == 1 else 2.55
    assert atoms.get_distances(0, oxygens[1:]) == pytest.approx([expected] * waters, abs=0.08)
    for k, oxygen in enumerate(oxygens[1:], start=1):
        assert atoms.get_angle(0, k, oxygen) > 160
    shared = atoms.get_distance(0, 1) / atoms.get_distance(1, oxygens[1])
    assert shared == pytest.approx(1.0 if waters == 1 else 0.62, abs=0.08)
    assert atoms.get_chemical_symbols().count("H") == 3 + 2 * waters


@pytest.mark.parametrize("name", ["[Zn(EMIM)]2+", "[Zn(NH3)]+", "[Zn(NH3)2", "[Xx(NH3)]2+", "[Zn(H3O)]3+"])
def test_what_is_no_complex_is_not_known(name: str) -> None:
    assert find_cluster(name) is None


def test_a_ligand_without_a_donor_is_refused_with_the_names_of_those_that_have_one() -> None:
    assert find_ligand("EMIM+") is None
    with pytest.raises(
        StructureError, match=r"'EMIM\+' is no ligand: .*which of its atoms binds .*H2O, NH3, SO42-.*NMP"
    ):
        require_ligand("EMIM+")
    assert [find_ligand(name).name for name in ("so4", "OTf", "triflate", "nh3", "cl-", "MeCN")] == [
        "SO42-",
        "OTf-",
        "OTf-",
        "NH3",
        "Cl-",
        "acetonitrile",
    ]


def test_more_ligands_than_places_are_refused() -> None:
    with pytest.raises(StructureError, match=r"\[Zn\(NH3\)7\]2\+: 7 ligands; a first shell is built of 6 at most"):
        coordinated("Zn", 2, [(require_ligand("NH3"), 7)])
