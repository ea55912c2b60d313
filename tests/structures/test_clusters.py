"""Molecules and clusters by name: what they are made of, and that no start is one that no calculation can mean."""

from __future__ import annotations

import sys
from itertools import combinations

import numpy as np
import pytest

from azibflow.calculators.dft.molecule import check_multiplicity
from azibflow.errors import StructureError
from azibflow.structures.building import build
from azibflow.structures.clusters import CLUSTERS, cluster, find_cluster, names, starts
from azibflow.structures.clusters.flakes import flake
from azibflow.structures.clusters.organic import MOLECULES, from_smiles
from azibflow.structures.clusters.solvation import IONS
from azibflow.structures.connectivity import covalent_bonds, first_shell, molecules_in
from azibflow.structures.files import read_structure, write_structure
from azibflow.structures.molecules import adsorbate, molecule_label, names_file
from azibflow.structures.recipes import StructureRecipe

FORMULAS = {
    "[Zn(H2O)6]2+": "H12O6Zn",
    "[Zn(H2O)6]2+.12H2O": "H36O18Zn",
    "[VO(H2O)5]2+": "H10O6V",
    "SO42-": "O4S",
    "[Zn(H2O)5SO4]": "H10O9SZn",
    "[Zn(H2O)4SO4]": "H8O8SZn",
    "[Zn(H2O)6]SO4": "H12O10SZn",
    "[VO(H2O)4SO4]": "H8O9SV",
    "[Zn(H2O)5SO4VO(H2O)4]2+": "H18O14SVZn",
    "AM-[Zn(H2O)5]2+": "C3H15NO6Zn",
    "SBMA-[Zn(H2O)5]2+": "C11H31NO10SZn",
    "[Zn(NMP)]2+": "C5H9NOZn",
    "NMP-H2O": "C5H11NO2",
    "[Zn(NH3)4]2+": "H12N4Zn",
    "[Zn(Cl)4]2-": "Cl4Zn",
    "[H3O(H2O)3]+": "H9O4",
    "Cl-": "Cl",
    "H2O-H2O": "H4O2",
    "graphene flake": "C24H12",
    "large graphene flake": "C54H18",
    "graphitic N flake": "C23H12N",
    "pyridinic N flake": "C23H11N",
    "pyrrolic N flake": "C22H11N",
    "pyridinic N3 flake": "C50H18N3",
    "V4O10": "O10V4",
    "V2O5 molecule": "O5V2",
    "V2O9H8": "H8O9V2",
    "NMP": "C5H9NO",
    "PC": "C4H6O3",
    "EC": "C3H4O3",
    "DMSO": "C2H6OS",
    "glucose": "C6H12O6",
    "acrylamide": "C3H5NO",
    "SBMA": "C11H21NO5S",
    "lysine": "C6H14N2O2",
    "lysine zwitterion": "C6H14N2O2",
    "lysine+": "C6H15N2O2",
    "isosorbide dimethyl ether": "C8H14O4",
    "DTPMP": "C9H28N3O15P5",
    "EDTA": "C10H16N2O8",
    "PMMA dimer": "C11H20O4",
    "P(VDF-HFP) oligomer": "C7H6F10",
    "ANF unit": "C13H11NO",
    "EMIM+": "C6H11N2",
    "acetylcholine+": "C7H16NO2",
    "OTf-": "CF3O3S",
    "TFSI-": "C2F6NO4S2",
}
PATTERNS = {
    "Zn2+": ("Zn", 2, 1),
    "Li+": ("Li", 1, 1),
    "[Zn(H2O)]2+": ("H2OZn", 2, 1),
    "[Mg(H2O)6]2+": ("H12MgO6", 2, 1),
    "[Mn(H2O)6]2+": ("H12MnO6", 2, 6),
    "[Fe(H2O)6]3+": ("H12FeO6", 3, 6),
    "[Ni(H2O)6]2+": ("H12NiO6", 2, 3),
    "[Cu(H2O)6]2+": ("H12CuO6", 2, 2),
    "[Zn(H2O)4]2+.2H2O": ("H12O6Zn", 2, 1),
    "[Zn(H2O)5]2+.1H2O": ("H12O6Zn", 2, 1),
    "urea-[Zn(H2O)3]2+": ("CH10N2O4Zn", 2, 1),
    "[Zn(DMSO)]2+": ("C2H6OSZn", 2, 1),
    "urea-H2O": ("CH6N2O2", 0, 1),
    "[Zn(acetonitrile)6]2+": ("C12H18N6Zn", 2, 1),
    "[Zn(NMP)4]2+": ("C20H36N4O4Zn", 2, 1),
    "[Zn(SO4)(H2O)3]": ("H6O7SZn", 0, 1),
    "[Zn(OTf)2(H2O)4]": ("C2H8F6O10S2Zn", 0, 1),
    "[Zn(NH3)2(H2O)4]2+": ("H14N2O4Zn", 2, 1),
    "[ZnCl4]2-": ("Cl4Zn", -2, 1),
    "[Cu(NH3)4]2+": ("H12CuN4", 2, 2),
    "[H3O(H2O)2]+": ("H7O3", 1, 1),
    "smiles:CCO": ("C2H6O", 0, 1),
}
NOT_BONDED = {"HH": 1.5, "HO": 1.5, "OO": 2.3}
"""Shortest sensible distances between atoms of different molecules of a start, angstrom; other pairs 1.8."""


METALS = {"V", *(ion for ion, _ in IONS)}


def apart(atoms, i, j):
    if METALS & set(atoms.symbols[[i, j]]):
        return 1.5  # V=O is 1.58
    return NOT_BONDED.get("".join(sorted(atoms.symbols[[i, j]])), 1.8)


def assert_sensible(atoms):
    """Check bond lengths within molecules, distances between them, and that a multiplicity fits."""
    check_multiplicity(atoms)
    distances = atoms.get_all_distances()
    for i, j in covalent_bonds(atoms):
        lengths = {"HO": (0.87, 1.1), "CH": (1.0, 1.2), "HN": (0.93, 1.15)}
        low, high = lengths.get("".join(sorted(atoms.symbols[[i, j]])), (1.1, 2.0))
        assert low < distances[i, j] < high, (atoms.info["label"], i, j)
    for one, other in combinations(molecules_in(atoms), 2):
        for i in one:
            for j in other:
                assert distances[i, j] > apart(atoms, i, j), (atoms.info["label"], i, j)


@pytest.mark.parametrize("name", CLUSTERS)
def test_every_entry_is_what_it_says(name):
    entry, atoms = CLUSTERS[name], cluster(name)
    assert atoms.info == {"charge": entry.charge, "spin": entry.spin, "label": name}
    assert not atoms.pbc.any()
    assert entry.summary
    if name in FORMULAS:
        assert atoms.get_chemical_formula() == FORMULAS[name]
    np.testing.assert_array_equal(atoms.positions, cluster(name).positions)
    assert_sensible(atoms)


@pytest.mark.parametrize("name", PATTERNS)
def test_names_by_their_pattern(name):
    atoms = cluster(name)
    formula, charge, spin = PATTERNS[name]
    assert atoms.get_chemical_formula() == formula
    assert atoms.info == {"charge": charge, "spin": spin, "label": name}
    assert_sensible(atoms)


@pytest.mark.parametrize(("ion", "charge"), IONS)
@pytest.mark.parametrize("waters", [1, 2, 3, 4, 5, 6])
def test_hydrates_have_their_waters_around_them(ion, charge, waters):
    count = "" if waters == 1 else waters
    for atoms in starts(f"[{ion}(H2O){count}]{charge}+", 3):
        assert_sensible(atoms)
        oxygens = [i for i in range(len(atoms)) if atoms.symbols[i] == "O"]
        if (ion, charge) == ("Zn", 2):
            assert sorted(first_shell(atoms, 0)) == oxygens
        assert all(len(part) == 3 for part in molecules_in(atoms)[1:])
        # Hydrogen atoms point away from the ion, dipole to the front.
        for oxygen in oxygens:
            assert atoms.get_distances(0, [oxygen + 1, oxygen + 2]).min() > atoms.get_distance(0, oxygen) + 0.3


def test_starts_of_the_hexahydrate_are_close_to_octahedral_and_not_exactly():
    atoms = cluster("[Zn(H2O)6]2+")
    vectors = atoms.positions[1::3] / np.linalg.norm(atoms.positions[1::3], axis=1, keepdims=True)
    cosines = np.sort(vectors @ vectors.T, axis=1)
    np.testing.assert_allclose(cosines, [[-1, 0, 0, 0, 0, 1]] * 6, atol=0.05)
    assert np.abs(cosines - [-1, 0, 0, 0, 0, 1]).max() > 1e-4
    # Close to Th: opposite waters lie in one plane, those on the three axes in three perpendicular ones.
    normals = np.array([np.cross(*(atoms.positions[[i + 1, i + 2]] - atoms.positions[i])) for i in range(1, 19, 3)])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    alignment = np.abs(normals @ normals.T)
    expected = np.kron(np.eye(3), np.ones((2, 2)))
    np.testing.assert_allclose(alignment, expected, atol=0.2)


@pytest.mark.parametrize("outer", range(1, 13))
def test_outer_waters_accept_hydrogen_bonds(outer):
    atoms = cluster(f"[Zn(H2O)6]2+.{outer}H2O")
    assert_sensible(atoms)
    assert len(first_shell(atoms, 0)) == 6
    hydrogens = [i for i in range(1, 19) if atoms.symbols[i] == "H"]
    for oxygen in range(19, len(atoms), 3):
        bonds = atoms.get_distances(oxygen, hydrogens)
        assert 1.5 < bonds.min() < 2.0
        donor = hydrogens[int(np.argmin(bonds))]
        assert atoms.get_angle((donor - 1) // 3 * 3 + 1, donor, oxygen) > 160


@pytest.mark.parametrize("name", [name for name in CLUSTERS if "SO4" in name and "[" in name])
@pytest.mark.parametrize("number", range(5))
def test_ion_pairs_are_sensible_from_every_start(name, number):
    atoms = cluster(name, number)
    assert_sensible(atoms)
    (sulfur,) = atoms.symbols.search("S")
    sulfate = {int(i) for i in np.flatnonzero(atoms.get_distances(sulfur, range(len(atoms))) < 1.7)} - {int(sulfur)}
    assert len(sulfate) == 4
    held = {"[Zn(H2O)5SO4]": [1], "[Zn(H2O)4SO4]": [2], "[Zn(H2O)6]SO4": [0], "[VO(H2O)4SO4]": [1]}
    metals = [*atoms.symbols.search("Zn"), *atoms.symbols.search("V")]
    oxygens = set(atoms.symbols.search("O").tolist())  # the sulfur of a chelating sulfate is near, too
    shells = [set(first_shell(atoms, int(metal))) & oxygens for metal in metals]
    assert [len(shell) for shell in shells] == [6] * len(metals)
    assert [len(shell & sulfate) for shell in shells] == held.get(name, [1, 1])


def test_the_sulfate_of_the_separated_pair_is_held_by_hydrogen_bonds():
    atoms = cluster("[Zn(H2O)6]SO4")
    (sulfur,) = atoms.symbols.search("S")
    oxygens = [i for i in range(len(atoms)) if atoms.symbols[i] == "O" and atoms.get_distance(sulfur, i) < 1.7]
    hydrogens = atoms.symbols.search("H")
    contacts = [atoms.get_distances(i, hydrogens).min() for i in oxygens]
    assert sum(1.5 < contact < 2.5 for contact in contacts) == 3
    assert 4.0 < atoms.get_distance(sulfur, 0) < 5.2


def test_vanadyl_keeps_its_short_bond_and_its_far_water():
    atoms = cluster("[VO(H2O)5]2+")
    distances = np.sort(atoms.get_distances(0, atoms.symbols.search("O")))
    np.testing.assert_allclose(distances, [1.58, 2.08, 2.08, 2.08, 2.08, 2.20], atol=0.1)
    far = atoms.symbols.search("O")[int(np.argmax(atoms.get_distances(0, atoms.symbols.search("O"))))]
    assert atoms.get_angle(1, 0, far) > 165


@pytest.mark.parametrize(("name", "donor"), [("AM-[Zn(H2O)5]2+", "acrylamide"), ("SBMA-[Zn(H2O)5]2+", "SBMA")])
def test_a_ligand_takes_the_place_of_one_water(name, donor):
    atoms = cluster(name)
    molecule = len(from_smiles(MOLECULES[donor].smiles))
    shell = first_shell(atoms, molecule)
    assert len(shell) == 6
    assert [i for i in shell if i < molecule] == [MOLECULES[donor].donor]
    vectors = atoms.get_distances(molecule, shell, vector=True)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    np.testing.assert_allclose(np.sort(vectors @ vectors.T, axis=1)[:, 0], -1, atol=0.05)  # still an octahedron


def test_zinc_sits_at_the_lone_pair_of_the_carbonyl():
    atoms = cluster("[Zn(NMP)]2+")
    assert atoms.get_distance(6, 16) == pytest.approx(1.87, abs=0.06)
    assert 120 < atoms.get_angle(5, 6, 16) < 150


@pytest.mark.parametrize(("name", "acceptor"), [("NMP-H2O", 6), ("H2O-H2O", 0), ("urea-H2O", 3)])
def test_pairs_are_held_by_one_hydrogen_bond(name, acceptor):
    for atoms in starts(name, 4):
        assert_sensible(atoms)
        oxygen = len(atoms) - 3
        assert atoms.get_distance(acceptor, oxygen) == pytest.approx(2.85, abs=0.12)
        assert atoms.get_angle(acceptor, oxygen + 1, oxygen) > 165


@pytest.mark.parametrize("rings", [1, 2, 3, 4])
def test_flakes_are_hexagonal_and_flat(rings):
    atoms = flake(rings)
    assert atoms.get_chemical_formula() == f"C{6 * rings**2}H{6 * rings}"
    assert np.ptp(atoms.positions[:, 2]) == 0
    lengths = {round(atoms.get_distance(i, j), 6) for i, j in covalent_bonds(atoms)}
    assert lengths == {1.42, 1.09}
    neighbours = np.bincount(np.array(list(covalent_bonds(atoms))).ravel())
    assert set(neighbours[atoms.numbers == 6]) == {3}
    assert set(neighbours[atoms.numbers == 1]) == {1}


@pytest.mark.parametrize(
    ("name", "neighbours"),
    [
        ("graphitic N flake", [["C", "C", "C"]]),
        ("pyridinic N flake", [["C", "C"]]),
        ("pyrrolic N flake", [["C", "C", "H"]]),
        ("pyridinic N3 flake", [["C", "C"]] * 3),
    ],
)
def test_nitrogen_has_the_neighbours_of_its_kind(name, neighbours):
    atoms = cluster(name)
    assert np.ptp(atoms.positions[:, 2]) < 1e-6
    bonds = covalent_bonds(atoms)
    found = [
        sorted(atoms.symbols[i + j - nitrogen] for i, j in bonds if nitrogen in (i, j))
        for nitrogen in atoms.symbols.search("N")
    ]
    assert found == neighbours


def test_the_vanadium_oxide_cage_is_a_tetrahedron():
    atoms = cluster("V4O10")
    vanadium = [i for i in range(14) if atoms.symbols[i] == "V"]
    edges = [atoms.get_distance(i, j) for i, j in combinations(vanadium, 2)]
    np.testing.assert_allclose(edges, edges[0])
    for i in vanadium:
        np.testing.assert_allclose(np.sort(atoms.get_distances(i, range(14)))[1:5], [1.57, 1.79, 1.79, 1.79], atol=1e-9)


def test_the_layer_cluster_has_the_bonds_of_the_crystal():
    atoms = cluster("V2O9H8")
    for vanadium in atoms.symbols.search("V"):
        shell = np.sort(atoms.get_distances(vanadium, first_shell(atoms, int(vanadium))))
        np.testing.assert_allclose(shell, [1.58, 1.78, 1.88, 1.88, 2.02], atol=0.02)
    # Neutral with V(5+): an oxide, vanadyl or shared, two hydroxides each, a water each.
    hydrogens = np.zeros(len(atoms), dtype=int)
    for i, j in covalent_bonds(atoms):
        hydrogens[i] += atoms.symbols[j] == "H"
        hydrogens[j] += atoms.symbols[i] == "H"
    assert sorted(hydrogens[atoms.symbols == "O"]) == [0, 0, 0, 1, 1, 1, 1, 2, 2]


@pytest.mark.parametrize("name", MOLECULES)
def test_molecules_keep_the_bonds_and_the_charge_of_their_smiles(name):
    from rdkit import Chem

    meant = Chem.AddHs(Chem.MolFromSmiles(MOLECULES[name].smiles))
    atoms = cluster(name)
    bonds = {tuple(sorted((bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()))) for bond in meant.GetBonds()}
    assert covalent_bonds(atoms) == bonds
    assert atoms.info["charge"] == sum(atom.GetFormalCharge() for atom in meant.GetAtoms())
    donor = MOLECULES[name].donor
    assert donor is None or atoms.symbols[donor] in ("N", "O")


@pytest.mark.parametrize(
    ("smiles", "charge", "spin"),
    [("[CH3]", 0, 2), ("[O][O]", 0, 3), ("C[NH3+]", 1, 1), ("[O-]S(=O)(=O)[O-]", -2, 1), ("[Cu+2]", 2, 2)],
)
def test_smiles_make_charge_and_multiplicity(smiles, charge, spin):
    assert adsorbate(f"smiles:{smiles}").info == {"charge": charge, "spin": spin, "label": f"smiles:{smiles}"}


@pytest.mark.parametrize(
    ("smiles", "charge", "spin"),
    [
        *[(f"[{ion}]", 2, 1) for ion in ("Sn+2", "Pb+2", "Ge+2", "Si+2")],
        *[(f"[{ion}]", 3, 1) for ion in ("As+3", "Sb+3", "Bi+3", "P+3")],
        *[(f"[{ion}]", 1, 1) for ion in ("Al+", "Ga+", "In+", "Tl+", "B+")],
        ("[Te+4]", 4, 1),
        ("[Bi+3].[Cl-].[Cl-].[Cl-]", 0, 1),
        ("Cl[Sn]Cl", 0, 1),
        ("Cl[Pb+]", 1, 1),
        ("[SiH2]", 0, 1),
        # ground terms of free atoms (NIST Atomic Spectra Database) and of molecules with unpaired electrons
        ("[C]", 0, 3),
        ("[Si]", 0, 3),
        ("[Sn]", 0, 3),
        ("[N]", 0, 4),
        ("[Bi]", 0, 4),
        ("[Se]", 0, 3),
        ("[Al]", 0, 2),
        ("[Sn+]", 1, 2),
        ("[Ga+2]", 2, 2),
        ("C[Sn](C)C", 0, 2),
        ("[CH2]", 0, 3),
        ("[NH]", 0, 3),
        ("[OH]", 0, 2),
    ],
)
def test_a_lone_pair_is_paired(smiles, charge, spin):
    atoms = cluster(f"smiles:{smiles}")
    assert (atoms.info["charge"], atoms.info["spin"]) == (charge, spin)


@pytest.mark.parametrize(
    ("smiles", "words"), [("*CC(*)(C)C(=O)OC", "stands for no element; close the open ends"), ("[2H]O", "an isotope")]
)
def test_what_is_no_molecule_of_elements_is_refused(smiles, words):
    with pytest.raises(StructureError, match=words):
        cluster(f"smiles:{smiles}")


@pytest.mark.parametrize("smiles", ["C(", "", "C1CC", "not a molecule"])
def test_wrong_smiles_are_refused(smiles):
    with pytest.raises(StructureError, match="no SMILES that RDKit can read"):
        cluster(f"smiles:{smiles}")


def test_conformers_come_lowest_first():
    pytest.importorskip("rdkit")
    folded = [atoms.get_all_distances().max() for atoms in starts("smiles:CCCCCC", 20)]
    assert folded[0] == max(folded)  # the all-anti chain of an alkane is the lowest and the longest
    assert len(set(np.round(folded, 2))) > 1


def test_without_rdkit_the_message_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "rdkit", None)
    with pytest.raises(StructureError, match="pip install rdkit"):
        from_smiles("CCCCCCCO")
    assert len(cluster("[Zn(H2O)6]2+")) == 19


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("nmp", "NMP"),
        ("AM", "acrylamide"),
        ("IDE", "isosorbide dimethyl ether"),
        ("coronene", "graphene flake"),
        ("SO4 2-", "SO42-"),
        ("triflate", "OTf-"),
        ("PMMA oligomer", "PMMA dimer"),
        ("V2O5", "V2O5 molecule"),
    ],
)
def test_aliases_in_any_case(written, name):
    atoms = adsorbate(written)
    np.testing.assert_array_equal(atoms.positions, cluster(name).positions)
    assert atoms.info["label"] == written


def test_no_name_is_given_twice():
    written = [name.casefold() for name in names()]
    assert len(written) == len(set(written))
    assert set(CLUSTERS) <= set(names())


@pytest.mark.parametrize(
    ("wrong", "near"),
    [("[Zn(H2O)7]2+", r"\[Zn\(H2O\)6\]2\+"), ("acrylamid", "acrylamide"), ("Isosorbide ether", "isosorbide")],
)
def test_unknown_names_get_near_ones(wrong, near):
    assert find_cluster(wrong) is None
    for ask in (cluster, adsorbate):
        with pytest.raises(StructureError, match=near):
            ask(wrong)


@pytest.mark.parametrize("name", ["[Zn(H2O)6]2+.0H2O", "[Zn(H2O)6]2+.13H2O", "[Zn(H2O)2]2+.5H2O"])
def test_second_shells_have_two_waters_per_water(name):
    with pytest.raises(StructureError, match="two per first-shell water"):
        cluster(name)


@pytest.mark.parametrize("name", ["Zn3+", "[Zn(H2O)6]3+", "[Xx(H2O)6]2+", "OTf--H2O", "[Zn(H2O)0]2+", "P(VDF-HFP)-H2O"])
def test_what_is_no_known_cluster(name):
    assert find_cluster(name) is None


@pytest.mark.parametrize("name", ["[Zn(H2O)5]2+", "[Zn(H2O)5SO4]", "lysine", "AM-[Zn(H2O)5]2+", "V2O5 molecule"])
def test_starts_are_distinct_and_begin_with_the_named_one(name):
    found = starts(name, 4)
    assert len(found) >= 2
    np.testing.assert_array_equal(found[0].positions, cluster(name).positions)
    shapes = [np.sort(atoms.get_all_distances(), axis=None) for atoms in found]
    assert all(np.abs(one - other).max() > 0.05 for one, other in combinations(shapes, 2))
    assert {atoms.get_chemical_formula() for atoms in found} == {found[0].get_chemical_formula()}
    assert all(atoms.info == found[0].info for atoms in found)


def test_five_waters_start_from_both_shapes():
    bipyramid, pyramid = starts("[Zn(H2O)5]2+", 2)
    widest = [
        sorted(atoms.get_angle(i, 0, j) for i, j in combinations(range(1, 16, 3), 2))[-2:]
        for atoms in (bipyramid, pyramid)
    ]
    assert widest[0][0] < 130 < 165 < widest[0][1]
    assert widest[1][0] > 165


def test_one_start_where_there_is_one():
    assert len(starts("V4O10", 5)) == 1
    assert len(starts("H2O", 5)) == 1


@pytest.mark.parametrize("name", ["[Zn(H2O)6]2+.12H2O", "[VO(H2O)5]2+", "OTf-", "graphitic N flake", "smiles:[CH3]"])
def test_files_keep_charge_and_multiplicity(name, tmp_path):
    atoms = cluster(name)
    write_structure(atoms, tmp_path / "cluster.xyz")
    again = read_structure(tmp_path / "cluster.xyz")
    assert again.info == atoms.info | {"label": "cluster"}
    np.testing.assert_allclose(again.positions, atoms.positions, atol=1e-6)


@pytest.mark.parametrize("name", ["[Zn(H2O)6]2+.12H2O", "smiles:C/C=C/C", "smiles:CC.O", "P(VDF-HFP) oligomer"])
def test_names_with_dots_and_slashes_are_no_files(name, tmp_path):
    assert not names_file(name)
    assert molecule_label(name) == name
    recipe = StructureRecipe(molecule=name)
    assert recipe.label == name
    assert recipe.anchored(tmp_path) == recipe
    assert build(recipe).info["label"] == name


def test_files_are_files(tmp_path):
    assert names_file("folder/additive.xyz")
    anchored = StructureRecipe(molecule="folder/additive.xyz").anchored(tmp_path)
    assert anchored.molecule == str(tmp_path / "folder/additive.xyz")
    assert anchored.label == "additive"


@pytest.mark.parametrize("name", ["[Zn(H2O)5]2+", "[Zn(H2O)4]2+.2H2O", "[Zn(NMP)]2+", "NMP-H2O", "H2O-H2O", "urea"])
def test_a_relaxation_keeps_what_was_built(name):
    from azibflow.calculators.factory import make_calculator
    from azibflow.calculators.relaxation import relax
    from azibflow.calculators.specs import XtbSpec
    from azibflow.structures.connectivity import describe_change

    atoms = cluster(name)
    relaxed = relax(atoms, make_calculator(XtbSpec()), fmax=0.1, max_steps=300)
    assert describe_change(atoms, relaxed.atoms) == ""
    for metal in atoms.symbols.search("Zn"):
        assert set(first_shell(relaxed.atoms, int(metal))) == set(first_shell(atoms, int(metal)))
