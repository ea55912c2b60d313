"""Edits of recipes: how many there are, by hand; what they make; how they are numbered; what is refused."""

from __future__ import annotations

from collections import Counter
from math import comb
from typing import Any

import numpy as np
import pytest
import spglib
from ase import Atoms
from ase.build import bulk
from ase.neighborlist import neighbor_list
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from azibflow.errors import StructureError
from azibflow.structures.building import build, build_bulk, build_from_bulk, distinct_edits
from azibflow.structures.documents import StructureDocument
from azibflow.structures.edits import Draft, finished
from azibflow.structures.edits.arrangements import LIMIT
from azibflow.structures.prototypes import prototype
from azibflow.structures.recipes import StructureRecipe
from azibflow.structures.symmetry import symmetry_operations

ZN_SLAB = {"prototype": "Zn", "slab": {"miller": "(002)", "layers": 4, "supercell": [2, 2], "vacuum": 10.0}}
PLAIN = (
    '{"prototype":"Zn","file":null,"molecule":null,"document":null,"heterostructure":null,"cell":{"a":null,"b":null,'
    '"c":null},"slab":null,"supercell":[1,1,1],"charge":null,"spin":null}'
)


def recipe(**keys: Any) -> StructureRecipe:
    return StructureRecipe.model_validate(keys)


def of(atoms: Atoms, **keys: Any) -> StructureRecipe:
    return recipe(document=StructureDocument.from_atoms(atoms).model_dump(mode="json"), **keys)


def drafts(**keys: Any) -> list[Draft]:
    return list(distinct_edits(recipe(**keys)))


def multiplicities(found: list[Draft]) -> list[int]:
    """Read how many equal choices each edit says it has."""
    return [int(draft.told[-1].split(" such")[0].split()[-1]) for draft in found]


def rock_salt(repeats: tuple[int, int, int] = (1, 1, 1)) -> Atoms:
    return bulk("NaCl", "rocksalt", a=5.64) * repeats


@pytest.mark.parametrize(("name", "distinct"), [("VO2(B)", 4), ("VO2(R)", 1), ("alpha-V2O5", 3)])
def test_single_vacancies_are_the_orbits_of_spglib(name: str, distinct: int) -> None:
    atoms = prototype(name)
    cell = (atoms.cell.array, atoms.get_scaled_positions(), atoms.numbers)
    orbits = np.array(spglib.get_symmetry_dataset(cell, symprec=1e-3).equivalent_atoms)[atoms.symbols == "O"]
    found = drafts(prototype=name, vacancies={"O": 1})
    assert len(found) == len(set(orbits)) == distinct
    assert sorted(multiplicities(found)) == sorted(Counter(orbits.tolist()).values())
    assert {finished(draft).symbols.count("O") for draft in found} == {len(orbits) - 1}


def test_two_vacancies_of_rock_salt_counted_by_hand() -> None:
    """In 2 x 2 x 2 primitive cells two Cl differ by one of seven vectors, four pairs each: six are nearest neighbours.

    a1 + a2 is a1 - a2 up to a lattice vector, a nearest neighbour as a1 is; a1 + a2 + a3 alone is a edge of the cube.
    """
    far, near = distinct_edits(of(rock_salt((2, 2, 2)), vacancies={"Cl": 2}))
    assert multiplicities([far, near]) == [4, 24]
    assert "5.64 angstrom apart" in far.told[0]
    assert "3.99 angstrom apart" in near.told[0]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_distinct_choices_are_as_many_as_burnside_says(count: int) -> None:
    """The number of orbits is the mean number of choices that an operation leaves as they are."""
    atoms = bulk("NaCl", "rocksalt", a=5.64, cubic=True) * (2, 1, 1)
    places = atoms.get_scaled_positions()
    chlorine = [i for i, symbol in enumerate(atoms.symbols) if symbol == "Cl"]
    operations = symmetry_operations(atoms)
    kept = []
    for rotation, shift in zip(operations.rotations, operations.translations, strict=True):
        apart = (places[chlorine] @ rotation.T + shift)[:, None] - places[chlorine]
        image = np.abs(apart - np.rint(apart)).max(axis=2).argmin(axis=1)
        cycles = [len(cycle) for cycle in _cycles(image.tolist())]
        kept.append(_subsets_of_cycles(cycles, count))
    found = list(distinct_edits(of(atoms, vacancies={"Cl": count})))
    assert len(found) == np.mean(kept)
    assert sum(multiplicities(found)) == comb(len(chlorine), count)


def _cycles(image: list[int]) -> list[list[int]]:
    left, found = set(range(len(image))), []
    while left:
        cycle = [min(left)]
        while image[cycle[-1]] != cycle[0]:
            cycle.append(image[cycle[-1]])
        found.append(cycle)
        left -= set(cycle)
    return found


def _subsets_of_cycles(cycles: list[int], count: int) -> int:
    """Count the unions of whole cycles with so many members: the coefficient of a product of 1 + x^length."""
    ways = [1] + [0] * count
    for length in cycles:
        ways = [ways[n] + (ways[n - length] if n >= length else 0) for n in range(count + 1)]
    return ways[count]


def test_edits_one_after_the_other_are_those_of_both_at_once() -> None:
    """One Cl and one Na out of 2 x 2 x 2 cells: the pairs (orbits under all operations) are told apart by distance."""
    found = list(distinct_edits(of(rock_salt((2, 2, 2)), vacancies=[{"Cl": 1}, {"Na": 1}])))
    assert multiplicities(found) == [6, 2]
    lengths = [draft.told[1] for draft in found]
    assert len(set(lengths)) == 2


@settings(max_examples=8)
@given(st.integers(0, 3), st.integers(0, 3), st.integers(0, 2))
def test_the_composition_is_what_arithmetic_says(gone: int, replaced: int, added: int) -> None:
    keys: dict[str, Any] = {
        "vacancies": {"Cl": gone} if gone else [],
        "substitute": {"Na": "K", "count": replaced} if replaced else [],
        "insert": {"H": added} if added else [],
    }
    atoms = rock_salt((2, 2, 1))
    edited = build(of(atoms, **keys))
    wanted = Counter({"Na": 4 - replaced, "Cl": 4 - gone, "K": replaced, "H": added})
    assert Counter(edited.get_chemical_symbols()) == +wanted
    assert np.allclose(edited.cell.array, atoms.cell.array)


def test_the_lattice_is_that_of_the_relaxed_host_and_the_edit_the_same() -> None:
    """Digits that a relaxation leaves behind split every orbit of the atoms; the numbers stay those of the ideal."""
    wanted = recipe(prototype="VO2(B)", supercell=[1, 2, 1], vacancies={"O": 1}, choose=2)
    ideal, host = build_bulk(wanted.bulk), build_bulk(wanted.bulk)
    host.rattle(0.03, seed=1)
    host.set_cell(host.cell.array * 1.05, scale_atoms=True)
    relaxed, plain = build_from_bulk(wanted, host), build_from_bulk(wanted, ideal)
    assert relaxed.cell.lengths() == pytest.approx(1.05 * ideal.cell.lengths() * (1, 2, 1))
    apart = relaxed.get_scaled_positions() - plain.get_scaled_positions()
    assert np.abs((apart - np.rint(apart)) @ ideal.cell.array).max() < 0.2
    assert not np.allclose(apart, 0.0)


def test_the_order_of_the_atoms_in_a_file_does_not_matter() -> None:
    atoms = prototype("VO2(B)")
    shuffled = atoms[np.random.default_rng(1).permutation(len(atoms))]
    edited = [[finished(draft) for draft in distinct_edits(of(a, vacancies={"O": 1}))] for a in (atoms, shuffled)]
    for pair in zip(*edited, strict=True):
        one, other = (
            sorted(zip(a.get_chemical_symbols(), a.get_scaled_positions().round(4).tolist(), strict=True)) for a in pair
        )
        assert one == other


def test_too_many_choices_are_spread_over_the_cell() -> None:
    atoms = bulk("NaCl", "rocksalt", a=5.64, cubic=True) * (2, 2, 2)
    assert comb(32, 8) > LIMIT
    (found,) = distinct_edits(of(atoms, vacancies={"Cl": 8}))
    gone = set(map(tuple, atoms.positions[atoms.symbols == "Cl"].round(3))) - set(
        map(tuple, finished(found).positions.round(3))
    )
    pairs = [(np.array(a), np.array(b)) for a in gone for b in gone if a != b]
    apart = [np.linalg.norm((a - b + 5.64) % 11.28 - 5.64) for a, b in pairs]
    assert min(apart) == pytest.approx(5.64)  # a simple cubic lattice, the best there is for 8 of 32


@pytest.mark.parametrize(("at", "plane"), [("surface", 1), ("subsurface", 2), (3, 3)])
def test_a_dopant_lies_in_the_plane_that_was_asked_for(at: str | int, plane: int) -> None:
    edited = build(recipe(**ZN_SLAB, substitute={"Zn": "In", "at": at}))
    heights = sorted(set(edited.positions[:, 2].round(2)), reverse=True)
    (indium,) = np.flatnonzero(edited.symbols == "In")
    assert heights.index(edited.positions[indium, 2].round(2)) == plane - 1
    assert edited.get_tags()[indium] == plane


def test_an_ion_goes_between_layers() -> None:
    edited = build(recipe(prototype="delta-MnO2", insert={"K": 1}))
    assert edited.get_chemical_formula() == "KMn2O4"
    i, _, lengths = neighbor_list("ijd", edited, 3.2)
    assert (lengths[i == len(edited) - 1] > 2.2).all()
    height = edited.positions[-1, 2] / edited.cell[2, 2]
    assert height == pytest.approx(0.5, abs=0.1)  # manganese is at 0


def test_strain_stretches_vectors_and_keeps_fractions() -> None:
    plain, strained = prototype("2H-MoS2"), build(recipe(prototype="2H-MoS2", strain={"a": 0.02, "b": 0.02}))
    assert strained.cell.cellpar() == pytest.approx(plain.cell.cellpar() * (1.02, 1.02, 1, 1, 1, 1))
    assert np.allclose(strained.get_scaled_positions(), plain.get_scaled_positions())


def test_mixed_terminations_are_the_same_on_both_faces() -> None:
    """Four sites: one F, one OH, two O. With F anywhere, OH is one of three equal neighbours; 4 x 3 = 12 such."""
    (found,) = drafts(prototype="Ti3C2O2", supercell=[2, 2, 1], terminate={"O": 2, "F": 1, "OH": 1})
    atoms = finished(found)
    assert multiplicities([found]) == [12]
    assert atoms.get_chemical_formula() == "C8H2F2O6Ti12"
    operations = symmetry_operations(atoms)
    assert any(np.array_equal(rotation, -np.eye(3)) for rotation in operations.rotations)
    hydrogen = np.flatnonzero(atoms.symbols == "H")
    assert np.ptp(atoms.positions[hydrogen, 2]) > np.ptp(atoms.positions[atoms.symbols == "O", 2])


def test_one_face_is_terminated_alone() -> None:
    atoms = build(recipe(prototype="Ti3C2O2", terminate={"F": 1, "side": "lower"}))
    assert atoms.get_chemical_formula() == "C2FOTi3"
    assert atoms.positions[atoms.symbols == "F", 2] < atoms.positions[atoms.symbols == "Ti", 2].min()


def test_bare_mxene_takes_oxygen_where_the_prototype_has_it() -> None:
    made, known = build(recipe(prototype="Ti3C2", terminate={"O": 1})), prototype("Ti3C2O2")
    for atoms in (made, known):
        atoms.positions[:, 2] -= atoms.positions[atoms.symbols == "Ti", 2].mean()
    apart = made.positions[made.symbols == "O"][:, None] - known.positions[known.symbols == "O"]
    across = apart @ np.linalg.inv(known.cell.array)
    across[..., :2] -= np.rint(across[..., :2])
    assert np.linalg.norm(across @ known.cell.array, axis=-1).min(axis=1).max() < 0.05


def test_a_single_iron_atom_has_two_hollows_on_oxidised_titanium_carbide() -> None:
    found = drafts(prototype="Ti3C2O2", supercell=[2, 2, 1], adsorb={"Fe": 1, "at": "hollow"})
    assert [draft.told[0].split(",")[0] for draft in found] == ["Fe on hollow-O3-over-C", "Fe on hollow-O3-over-Ti"]
    atoms = finished(found[0])
    oxygen = atoms.get_distances(len(atoms) - 1, np.flatnonzero(atoms.symbols == "O"), mic=True)
    assert np.ptp(np.sort(oxygen)[:3]) < 0.01
    titanium = atoms.get_distances(len(atoms) - 1, np.flatnonzero(atoms.symbols == "Ti"), mic=True)
    assert min(oxygen.min() - 1.98, titanium.min() - 2.92) == pytest.approx(0, abs=0.01)  # sums of covalent radii


@pytest.fixture(scope="module")
def oxide() -> Atoms:
    groups = [{"O": 2, "at": "bridge", "side": "both"}, {"OH": 2, "at": "top", "side": "both", "apart": 3.0}]
    return build(recipe(prototype="graphene", supercell=[3, 3, 1], adsorb=groups))


def test_graphene_oxide_has_epoxides_and_hydroxyls_on_both_faces(oxide: Atoms) -> None:
    assert oxide.get_chemical_formula() == "C18H2O4"
    i, j, lengths = neighbor_list("ijd", oxide, 1.6)
    bonded = {atom: j[(i == atom) & (oxide.numbers[j] == 6)].tolist() for atom in np.flatnonzero(oxide.symbols == "O")}
    assert sorted(len(carbons) for carbons in bonded.values()) == [1, 1, 2, 2]
    used = [carbon for carbons in bonded.values() for carbon in carbons]
    assert len(used) == len(set(used)), "one carbon holds two groups"
    assert lengths[(oxide.numbers[i] == 8) & (oxide.numbers[j] == 6)] == pytest.approx([1.42] * 6, abs=0.02)
    middle = oxide.positions[oxide.symbols == "C", 2].mean()
    for bonds in (1, 2):
        sides = [oxide.positions[atom, 2] > middle for atom, carbons in bonded.items() if len(carbons) == bonds]
        assert sorted(sides) == [False, True]


def test_groups_keep_the_distance_asked_for(oxide: Atoms) -> None:
    i, j = neighbor_list("ij", oxide, 1.2)
    hydroxyl = [atom for atom in np.flatnonzero(oxide.symbols == "O") if 1 in oxide.numbers[j[i == atom]]]
    across = oxide.get_distance(*hydroxyl, mic=True, vector=True)[:2]
    assert np.linalg.norm(across) > 3.0 - 0.01


def test_a_molecule_comes_down_to_a_contact_and_a_carboxyl_to_a_bond() -> None:
    water = build(recipe(prototype="graphene", supercell=[2, 2, 1], adsorb={"H2O": 1, "at": "hollow"}))
    acid = build(recipe(prototype="graphene", supercell=[2, 2, 1], adsorb={"COOH": 1, "at": "top"}))
    assert acid.get_distances(8, range(8), mic=True).min() == pytest.approx(1.52, abs=0.01)
    assert water.get_all_distances(mic=True)[8:, :8].min() > 1.65
    assert acid.get_chemical_formula() == "C9HO2"


def test_recipes_without_edits_are_written_as_before() -> None:
    assert recipe(prototype="Zn").model_dump_json() == PLAIN


def test_a_recipe_with_edits_reads_back() -> None:
    written = recipe(
        **ZN_SLAB,
        strain={"a": 0.01},
        substitute=[{"Zn": "In", "at": "surface"}, {"Zn": "Pb", "count": 2}],
        vacancies={"Zn": 1, "at": 3},
        adsorb={"H2O": 1, "at": "top"},
        choose=3,
    )
    assert StructureRecipe.model_validate_json(written.model_dump_json()) == written
    assert written.changes == ("slab", "strain", "vacancies", "substitute", "adsorb")


def test_the_charge_is_that_of_the_edited_whole() -> None:
    atoms = build(recipe(prototype="2H-MoS2", vacancies={"S": 1}, charge=-2))
    assert atoms.info["charge"] == -2
    assert build_bulk(recipe(prototype="2H-MoS2", vacancies={"S": 1}, charge=-2)).info["charge"] == 0


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"substitute": {"Zn": "Zn"}}, "Zn in the place of Zn leaves the structure as it is"),
        ({"strain": {"a": 0.0}}, "strain of 0 leaves the lattice as it is"),
        ({"strain": {"a": 2}}, "less than 0.5"),
        ({"vacancies": {"Xy": 1}}, "'Xy' is no chemical symbol"),
        ({"vacancies": {"at": "surface"}}, r"names no element; write vacancies: \{O: 1\}"),
        ({"vacancies": {"Zn": 1, "at": "top"}}, "must be surface, subsurface or the number of a plane from 1"),
        ({"terminate": {"N": 1}}, "'N' is no termination"),
        ({"adsorb": {"OH": 1, "side": "both"}}, "make it an even number"),
        ({"adsorb": {"Nope": 1}}, "nobody knows the molecule 'Nope'"),
        ({"adsorb": {"water.xyz": 1}}, "'water.xyz' is a file; name an element"),
        ({"choose": 1}, "choose picks among edits, and there are none"),
        ({"vacancies": "O"}, "must be a mapping"),
    ],
)
def test_an_edit_that_says_nothing_is_refused_where_it_is_written(keys: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        recipe(prototype="Zn", **keys)


def test_a_molecule_is_not_edited() -> None:
    with pytest.raises(ValidationError, match="a molecule has no cell; remove vacancies"):
        recipe(molecule="H2O", vacancies={"H": 1})


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"prototype": "Zn", "vacancies": {"O": 1}}, r"Zn: vacancies: \{O: 1\}: there is no O in it, only Zn"),
        ({"prototype": "Cu", "vacancies": {"Cu": 5}}, r"vacancies: \{Cu: 5\}: there are 4 Cu, fewer than 5"),
        ({"prototype": "Cu", "vacancies": {"Cu": 4}}, "there are 4 Cu, of which one has to stay"),
        ({"prototype": "Cu", "vacancies": {"Cu": 1}, "choose": 3}, "choose: 3: there are 1 distinct edit"),
        ({"prototype": "Cu", "vacancies": {"Cu": 1}, "choose": "all"}, "choose: all stands for several structures"),
        ({"prototype": "Cu", "substitute": {"Cu": "Zn", "at": "surface"}}, "no vacuum along c; cut a slab"),
        ({**ZN_SLAB, "substitute": {"Zn": "In", "at": 9}}, "at: 9: Zn lies in 4 plane"),
        ({**ZN_SLAB, "substitute": {"Zn": "In", "at": "surface", "count": 5}}, "there are 4 Zn there, fewer than 5"),
        ({"prototype": "Cu", "insert": {"Cs": 1}}, r"insert: \{Cs: 1\}: it has no interstitial site with room for Cs"),
        ({"prototype": "delta-MnO2", "insert": {"K": 1, "at": "O4"}}, "no site O4 for K, only O6"),
        ({"prototype": "delta-MnO2", "insert": {"K": 9}}, "9 K have no room beside each other"),
        ({"prototype": "graphene", "adsorb": {"O": 1, "at": "edge"}}, "no site edge; its sites are top-C, bridge-C-C"),
        ({"prototype": "graphene", "adsorb": {"O": 3, "at": "bridge", "apart": 2.0}}, "have no room on its 3 free"),
        ({"prototype": "graphene", "adsorb": {"H2O": 1, "facing": "up"}}, "it can be turned O-down, H-down"),
        ({"prototype": "graphene", "adsorb": {"SO42-": 1}}, "charge -2; name a neutral one"),
        ({"prototype": "graphene", "strain": {"c": 0.1}}, "along c there is a vacuum"),
        ({"prototype": "graphene", "terminate": {"O": 1}}, "ends in C; a MXene ends in metal"),
        ({"prototype": "Ti3C2O2", "terminate": {"O": 1}}, "it ends in that already; remove terminate"),
        ({"prototype": "Ti3C2O2", "terminate": {"O": 1, "F": 1}}, r"has 1 site\(s\), and these are 2"),
        ({"prototype": "Cu", "adsorb": {"H": 1}}, "no vacuum along c; cut a slab"),
    ],
)
def test_an_edit_that_cannot_be_made_is_named_with_its_key_and_value(keys: dict[str, Any], words: str) -> None:
    with pytest.raises(StructureError, match=words):
        build(recipe(**keys))
