"""Heterostructures: whole layers in common cells, strain where it is asked for, bonds that are there."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.io import write
from ase.neighborlist import neighbor_list

from azibflow.cli.descriptions import describe_interface
from azibflow.errors import StructureError
from azibflow.structures.coordination import bond_lengths
from azibflow.structures.documents import StructureDocument
from azibflow.structures.files import check_structure
from azibflow.structures.heterostructures import (
    LAYERS,
    PAIRS,
    Heterostructure,
    HeterostructureSettings,
    candidates,
    count_patterns,
    film_and_support,
    heterostructure,
    mismatch_table,
    recipe,
)
from azibflow.structures.heterostructures.parts import part
from azibflow.structures.prototypes import prototype

WHOLE = {("V", "O"): 2.55, ("Ti", "S"): 2.75, ("Mo", "S"): 2.75}
"""Bonds inside films, angstrom, with room for five percent of strain."""


def sheet(symbol: str, a: float, b: float, height: float = 20.0) -> Atoms:
    """One atom in a rectangular cell."""
    return Atoms([symbol], positions=[(0, 0, height / 2)], cell=[a, b, height], pbc=True, info={"label": symbol})


QUICK = ("V8O16/Ti3C2", "V2O5/Ti3C2O2", "H2V3O8/graphene", "TiS2/TiO2", "MoS2/Ti3C2")


@pytest.mark.parametrize("name", [n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in PAIRS])
def test_every_named_pair_is_built_of_whole_parts(name: str) -> None:
    pair = heterostructure(name)
    check_structure(pair.atoms, name, periodic=True)
    film = part(name.split("/")[0])
    assert sorted([*pair.film, *pair.support]) == list(range(len(pair.atoms)))
    assert film_and_support(pair.atoms) == (list(pair.film), list(pair.support))
    upper, lower = pair.atoms[list(pair.film)], pair.atoms[list(pair.support)]
    assert upper.positions[:, 2].min() - lower.positions[:, 2].max() == pytest.approx(pair.placement.gap)
    assert pair.atoms.cell[2, 2] - np.ptp(pair.atoms.positions[:, 2]) == pytest.approx(15.0)
    assert pair.atoms.info == {"charge": 0, "label": name}
    if pair.match is not None:
        assert abs(pair.match.strain.largest) <= 0.05
        assert pair.area <= 300
        assert len(upper) == pair.match.film_cells * len(film.atoms)
        # As many bonds per cell as before: nothing was cut, nothing fused.
        before, after = (len(neighbor_list("i", atoms, WHOLE)) for atoms in (film.atoms, upper))
        assert after == pair.match.film_cells * before > 0
    else:
        assert np.sort(upper.get_all_distances(), axis=None) == pytest.approx(
            np.sort(film.atoms.get_all_distances(), axis=None)
        )


def test_a_cluster_keeps_its_distance_from_its_images() -> None:
    for distance in (6.0, 9.0):
        pair = heterostructure("V8O16", "graphene", HeterostructureSettings(image_distance=distance))
        upper = pair.film_alone
        upper.positions[:, 2] = 0.0  # the distance is lateral
        shifts, lengths = neighbor_list("Sd", upper, distance + 1.5)
        images = lengths[shifts.any(axis=1)]
        assert images.min() >= distance
        assert images.min() < distance + 1.5  # and not much more


def test_v8o16_is_a_piece_of_vo2_b() -> None:
    piece = LAYERS["V8O16"].build()
    assert piece.symbols.formula.count() == {"V": 8, "O": 16}
    assert not piece.pbc.any()
    counts = [len(bond_lengths(piece, i)) for i in range(24) if piece.symbols[i] == "V"]
    assert min(counts) >= 4
    assert max(counts) <= 6
    distances = piece.get_all_distances()
    oxygen = piece.symbols == "O"
    assert distances[np.ix_(oxygen, oxygen)][~np.eye(16, dtype=bool)].min() > 2.3
    bonds = distances[np.ix_(oxygen, ~oxygen)]
    published = np.array([1.73, 1.85, 1.87, 1.91, 1.92, 1.94, 2.06, 2.07, 2.13, 2.33])
    assert np.abs(bonds[bonds < 2.4][:, None] - published).min(axis=1).max() < 0.01


def test_v8o16_stands_on_carbon_through_its_oxygen() -> None:
    pair = heterostructure("V8O16/graphene")
    assert 80 <= len(pair.atoms) <= 130
    assert set(count_patterns(pair.bonds)) == {"V-O-C"}
    assert len({bond.film for bond in pair.bonds}) >= 2
    assert 0.76 + 0.66 - 1e-6 <= min(bond.length for bond in pair.bonds) < 1.1 * (0.76 + 0.66)
    assert pair.match is None
    assert pair.film_strain.largest == 0


@pytest.mark.parametrize(
    ("name", "formula", "anchored"),
    [
        pytest.param("V8O16/N-graphene", "N", 1, marks=pytest.mark.slow),  # a larger cell of the same
        ("V8O16/pyridinic-N-graphene", "N", 3),
        ("V2O5/pyridinic-N-graphene", "N", 3),
    ],
)
def test_nitrogen_is_put_where_nothing_is_anchored(name: str, formula: str, anchored: int) -> None:
    pair = heterostructure(name)
    doped = heterostructure(name.split("/")[0] + "/graphene")
    missing = len(doped.support) - len(pair.support)
    assert pair.support_alone.symbols.formula.count()[formula] == anchored
    assert missing == (0 if anchored == 1 else 1)
    assert len(pair.bonds) == len(doped.bonds)
    assert all(bond.symbols[1] == "C" for bond in pair.bonds)


def test_reduced_graphene_has_a_vacancy_beside_every_anchor() -> None:
    pair, whole = heterostructure("V8O16/rGO"), heterostructure("V8O16/graphene")
    anchors = sorted({bond.support for bond in pair.bonds})
    assert count_patterns(pair.bonds) == {"V-O-C": 4}
    distances = pair.support_alone.get_all_distances(mic=True)[anchors]
    assert ((distances > 0.1) & (distances < 1.6)).sum(axis=1).tolist() == [2, 2, 2, 2], "of three neighbours"
    assert len(whole.support) - len(pair.support) == 4
    flat = heterostructure("V2O5/rGO")
    assert len(heterostructure("V2O5/graphene").support) - len(flat.support) == 1


@pytest.mark.parametrize("place", ["film", "substrate", "both"])
def test_strain_goes_where_it_is_asked_to_go(place: str) -> None:
    film, support = sheet("Cu", 3.0, 4.0), sheet("Au", 3.06, 4.0)
    pair = heterostructure(film, support, HeterostructureSettings(strain=place))
    expected = {"film": (0.02, 0.0), "substrate": (0.0, 1 / 1.02 - 1), "both": (0.01, 3.03 / 3.06 - 1)}[place]
    assert (pair.film_strain.largest, pair.support_strain.largest) == pytest.approx(expected, abs=1e-9)
    assert pair.match is not None
    assert sorted(pair.match.mismatch) == pytest.approx([0.0, 0.02])
    lengths = sorted(pair.atoms.cell.lengths()[:2])
    assert lengths == pytest.approx([{"film": 3.06, "substrate": 3.0, "both": 3.03}[place], 4.0])


def test_registries_cover_what_both_lattices_leave_open() -> None:
    # Equal square lattices of 3 angstrom: shifts of 0, 1 and 2 angstrom along both vectors.
    equal = candidates(sheet("Cu", 3.0, 3.0), sheet("Au", 3.0, 3.0), HeterostructureSettings(registry_step=1.0))
    assert len(equal) == 9
    shifts = {(round(x, 6) % 3, round(y, 6) % 3) for x, y in (one.placement.shift for one in equal)}
    assert len(shifts) == 9
    # Three cells on two: the lattices generate one of 1 angstrom along one vector, shifts along the other remain.
    three = candidates(sheet("Cu", 2.0, 3.0), sheet("Au", 3.0, 3.0), HeterostructureSettings(max_strain=1e-3))
    assert {len(one.atoms) for one in three} == {5}
    assert sorted(round(float(np.linalg.norm(one.placement.shift)), 6) for one in three) == [0, 1, 2]


def test_gaps_touch_at_covalent_or_van_der_waals_radii() -> None:
    film, support = sheet("O", 3.0, 3.0), sheet("Ti", 3.0, 3.0)
    one_registry = HeterostructureSettings(registry_step=5.0)
    bonded = heterostructure(film, support, one_registry.model_copy(update={"contact": "bonded"}))
    assert bonded.placement.gap == pytest.approx(0.66 + 1.60)
    assert count_patterns(bonded.bonds) == {"O-Ti": 1}
    apart = heterostructure(film, support, one_registry)
    assert apart.placement.gap == pytest.approx(1.50 + 2.46)
    assert apart.bonds == ()


def test_gaps_are_scanned() -> None:
    settings = HeterostructureSettings(gap=2.5, gap_offsets=(-0.2, 0.0, 0.3), registry_step=5.0, vacuum=12.0)
    scanned = candidates(sheet("O", 3.0, 3.0), sheet("Ti", 3.0, 3.0), settings)
    assert [one.placement.gap for one in scanned] == pytest.approx([2.3, 2.5, 2.8])
    assert [one.atoms.cell[2, 2] for one in scanned] == pytest.approx([14.3, 14.5, 14.8])


def test_a_film_of_an_oblique_lattice_is_never_mirrored() -> None:
    cell = np.array([[3.0, 0, 0], [0.8, 3.5, 0], [0, 0, 20]])
    places = [(0, 0, 10.0), (1.0, 0.4, 10.0), (0.3, 1.5, 11.5)]
    film = Atoms("CuOTi", positions=places, cell=cell, pbc=True)
    pair = heterostructure(film, sheet("Au", 3.0, 3.5).repeat((1, 1, 1)), HeterostructureSettings(max_strain=0.2))
    turned = film.copy()
    turned.rotate(33, "z", rotate_cell=True)
    same = heterostructure(turned, film, HeterostructureSettings(max_strain=0.001, strain="substrate"))
    assert same.match is not None
    assert same.match.film_cells == 1
    for built in (pair, same):
        (copper,) = built.film_alone.symbols.search("Cu")[:1]
        assert handedness(built.film_alone, int(copper)) == pytest.approx(
            handedness(film, 0), abs=0.4 if built is pair else 1e-6
        )


def handedness(atoms: Atoms, copper: int) -> float:
    """Return the triple product of the vectors from Cu to the nearest O and Ti, and the normal."""
    vectors = []
    for symbol in ("O", "Ti"):
        others = atoms.symbols.search(symbol)
        found = atoms.get_distances(copper, others, mic=True, vector=True)
        vectors.append(found[np.linalg.norm(found, axis=1).argmin()])
    return float(np.cross(*vectors)[2])


def test_the_document_tells_film_from_support() -> None:
    pair = heterostructure("MoS2/Ti3C2O2")
    document = StructureDocument.model_validate_json(pair.document.model_dump_json())
    assert document.label == "MoS2/Ti3C2O2"
    assert film_and_support(document.to_atoms()) == (list(pair.film), list(pair.support))


def test_two_files_of_a_user(tmp_path) -> None:
    write(tmp_path / "film.cif", prototype("Ti3C2O2"))
    leaning = prototype("graphene")
    leaning.cell[2] += (4.0, 1.0, 0.0)
    leaning.positions[:, 2] += 7.4  # across the border of the cell
    leaning.wrap()
    write(tmp_path / "support.cif", leaning)
    # Shifts are counted from where the atoms are, which lie elsewhere in the leaning cell: both need a fine grid.
    fine = HeterostructureSettings(registry_step=0.25)
    pair = heterostructure(tmp_path / "film.cif", str(tmp_path / "support.cif"), fine)
    by_name = heterostructure("Ti3C2O2", "graphene", fine)
    assert pair.name == "film/support"
    assert len(pair.atoms) == len(by_name.atoms)
    assert pair.area == pytest.approx(by_name.area, rel=1e-5)
    assert pair.placement.gap == pytest.approx(by_name.placement.gap, abs=0.01)


def test_metals_and_coatings_are_named_supports() -> None:
    zinc = 2.665  # a of Zn; what stands on its (002) plane has a hexagonal lattice, too, but for nitinol
    copper, selenide, titania, nitinol = mismatch_table(
        [("Cu", "Zn"), ("ZnSe", "Zn(002)"), ("Zn", "rutile"), ("nitinol", "Zn")]
    )
    assert copper.match is not None
    assert copper.match.mismatch == pytest.approx((zinc / 2.5561 - 1,) * 2, abs=1e-4)
    assert selenide.match is not None
    assert (selenide.match.film_cells, selenide.match.support_cells) == (3, 7)
    assert selenide.match.mismatch == pytest.approx((np.sqrt(7 / 3) * zinc / (5.6676 / np.sqrt(2)) - 1,) * 2, abs=1e-4)
    for row in (titania, nitinol):
        assert row.match is not None
        assert abs(row.match.strain.largest) < 0.05


def test_the_mismatch_table_keeps_pairs_that_do_not_match() -> None:
    good, strained, cluster = mismatch_table(
        [("MoS2", "Ti3C2O2"), (sheet("Cu", 3.0, 3.0), sheet("Au", 3.4, 3.4)), ("V8O16", "graphene")],
        HeterostructureSettings(max_area=20.0),
    )
    assert good.match is not None
    assert good.match.mismatch == pytest.approx([3.072 / 3.160 - 1] * 2, abs=1e-6)
    assert (good.atoms, good.problem) == (10, "")
    assert strained.match is None
    assert "match only at" in strained.problem
    assert "is a cluster" in cluster.problem


def test_bad_input_gets_one_clear_message(tmp_path) -> None:
    copper, gold = sheet("Cu", 3.0, 3.0), sheet("Au", 3.4, 3.4)
    with pytest.raises(StructureError, match=r"Cu/Au: .* only at 13\.3 % strain .*max_area = 20 .*= 5 %"):
        heterostructure(copper, gold, HeterostructureSettings(max_area=20))
    with pytest.raises(StructureError, match=r"smallest cell .* 5 % has \d+ atoms, more than max_atoms = 9"):
        heterostructure("V2O5", "Ti3C2O2", HeterostructureSettings(max_atoms=9))
    with pytest.raises(StructureError, match=r"angstrom apart need \d+ atoms, more than max_atoms = 50"):
        heterostructure("V8O16", "graphene", HeterostructureSettings(max_atoms=50))
    with pytest.raises(StructureError, match=r"no common cell exists within max_area = 5 "):
        heterostructure("V2O5", "graphene", HeterostructureSettings(max_area=5))
    write(tmp_path / "bulk.cif", prototype("1T-TiS2"))
    with pytest.raises(StructureError, match=r"bulk is no slab with vacuum along c.*2\.8 angstrom, 6 are needed"):
        heterostructure(tmp_path / "bulk.cif", "graphene")
    sideways = sheet("Cu", 3.0, 3.0)
    sideways.set_cell([20.0, 3.0, 3.0])
    with pytest.raises(StructureError, match="its vacuum lies along a: exchange the vectors"):
        heterostructure(sideways, "graphene")
    with pytest.raises(StructureError, match="no layer is called 'graphen'; nearest names: graphene"):
        heterostructure("V2O5", "graphen")
    with pytest.raises(StructureError, match="write FILM/SUPPORT"):
        heterostructure("V2O5")
    with pytest.raises(StructureError, match="V8O16 is a cluster: only a film can be one"):
        heterostructure("graphene", "V8O16")
    charged = sheet("Cu", 3.0, 3.0)
    charged.info["charge"] = 1
    with pytest.raises(StructureError, match=r"charge \+1"):
        heterostructure(charged, "graphene")
    magnetic = sheet("Cu", 3.0, 3.0)
    magnetic.info["spin"] = 3
    with pytest.raises(StructureError, match="multiplicity 3, which is not kept; state spin for the whole system"):
        heterostructure(magnetic, "graphene")


def test_a_bonded_contact_that_gives_no_bond_is_refused() -> None:
    with pytest.raises(
        StructureError, match=r"MoS2/TiS2 has no interface bonds: the nearest pair, S.* would be bonded"
    ):
        heterostructure("MoS2", "TiS2", HeterostructureSettings(contact="bonded", max_strain=0.09))


def test_the_candidate_taken_is_named() -> None:
    """Nine registries of two equal lattices: the description says which it is, and how another is had."""
    found = candidates(sheet("Cu", 3.0, 3.0), sheet("Au", 3.0, 3.0), HeterostructureSettings(registry_step=1.0))
    assert [(one.number, one.candidates) for one in found] == [(number, len(found)) for number in range(9)]
    x, y = found[4].placement.shift
    (line,) = [line for line in describe_interface(found[4]) if "candidate" in line]
    assert line.startswith(f"candidate 4 of 9, numbered from 0: film shifted by ({x:.2f}, {y:.2f}) angstrom")


def test_a_recipe_is_matched_once_and_again_when_its_file_changes(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    matched = []

    def counting(*arguments: object) -> list[Heterostructure]:
        matched.append(arguments)
        return candidates(*arguments)

    monkeypatch.setattr(recipe, "candidates", counting)
    write(tmp_path / "film.vasp", sheet("Cu", 3.0, 3.0))
    written = recipe.HeterostructureRecipe(
        film=str(tmp_path / "film.vasp"), support=StructureDocument.from_atoms(sheet("Ag", 3.0, 3.0)), gap=2.5
    )
    first = written.build()
    first.atoms.positions += 1.0
    again = written.build()
    assert len(matched) == 1
    assert again.atoms.positions[0] == pytest.approx(first.atoms.positions[0] - 1.0)  # each has atoms of its own
    write(tmp_path / "film.vasp", sheet("Au", 3.0, 3.0))
    assert "Au" in written.build().atoms.symbols
