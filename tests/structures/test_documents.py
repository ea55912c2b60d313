"""Structures as documents, and their way through pymatgen: nothing may be lost, least of all the charge."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import molecule
from ase.constraints import FixAtoms, FixBondLength
from hypothesis import given
from hypothesis import strategies as st

from azibflow.errors import StructureError
from azibflow.structures.conversion import from_pymatgen, to_pymatgen
from azibflow.structures.documents import StructureDocument
from azibflow.structures.prototypes import prototype


def cluster() -> Atoms:
    atoms = molecule("H2O")
    atoms.append("Zn")
    atoms.positions[-1] = (0, 0, 2.1)
    atoms.info.update(charge=2, spin=1)
    return atoms


def test_a_charged_cluster_survives_every_copy() -> None:
    atoms = cluster()
    document = StructureDocument.from_atoms(atoms.copy())
    again = StructureDocument.model_validate_json(document.model_dump_json()).to_atoms()
    assert (again.info["charge"], again.info["spin"]) == (2, 1)
    through = from_pymatgen(to_pymatgen(again)).copy()
    assert (through.info["charge"], through.info["spin"]) == (2, 1)
    assert np.allclose(through.positions, atoms.positions)
    assert not through.pbc.any()


def test_a_crystal_survives_pymatgen() -> None:
    atoms = prototype("alpha-V2O5")
    atoms.info["charge"] = -1
    again = from_pymatgen(to_pymatgen(atoms))
    assert again.info["charge"] == -1
    assert again.pbc.all()
    assert again.get_chemical_formula() == atoms.get_chemical_formula()
    assert np.allclose(again.get_all_distances(mic=True), atoms.get_all_distances(mic=True), atol=1e-8)


def test_fixed_atoms_tags_and_moments_are_kept() -> None:
    atoms = prototype("Zn").repeat((2, 2, 1))
    atoms.set_constraint(FixAtoms([0, 3]))
    atoms.set_tags([1, 2] * 4)
    atoms.set_initial_magnetic_moments([0.5] * 8)
    again = StructureDocument.from_atoms(atoms, label="slab").to_atoms()
    assert again.constraints[0].index.tolist() == [0, 3]
    assert again.get_tags().tolist() == [1, 2] * 4
    assert again.get_initial_magnetic_moments().tolist() == [0.5] * 8
    assert again.info["label"] == "slab"


def test_a_constraint_that_cannot_be_kept_is_refused() -> None:
    atoms = cluster()
    atoms.set_constraint(FixBondLength(0, 1))
    with pytest.raises(StructureError, match="FixBondLength"):
        StructureDocument.from_atoms(atoms)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("symbols", ["O", "H", "Qq", "Zn"], "'Qq' is no element"),
        ("positions", [(0, 0, 0)], "positions are 1, but there are 4 symbols"),
        ("tags", [1], "tags are 1"),
        ("magmoms", [1.0] * 5, "magmoms are 5"),
        ("fixed", [4], "indices of atoms run from 0 to 3"),
        ("fixed", [-1], "indices of atoms run from 0 to 3"),
    ],
)
def test_a_document_written_by_hand_fits_together(field: str, value: object, words: str) -> None:
    written = StructureDocument.from_atoms(cluster()).model_dump()
    with pytest.raises(ValueError, match=words):
        StructureDocument.model_validate(written | {field: value})


def test_a_fraction_of_a_charge_is_not_rounded_away() -> None:
    structure = to_pymatgen(prototype("Zn"))
    structure.set_charge(0.5)
    with pytest.raises(StructureError, match=r"charge 0\.5 is not a whole number"):
        from_pymatgen(structure)


def test_the_hash_sees_charge_and_place_but_not_the_label() -> None:
    document = StructureDocument.from_atoms(cluster())
    assert document.model_copy(update={"label": "other"}).sha256() == document.sha256()
    assert document.model_copy(update={"charge": 0}).sha256() != document.sha256()
    moved = cluster()
    moved.positions[0, 0] += 1e-6
    assert StructureDocument.from_atoms(moved).sha256() != document.sha256()


@given(
    positions=st.lists(st.tuples(*[st.floats(-50, 50)] * 3), min_size=1, max_size=6),
    charge=st.integers(-4, 4),
    pbc=st.tuples(st.booleans(), st.booleans(), st.booleans()),
)
def test_any_atoms_come_back_bit_for_bit(
    positions: list[tuple[float, float, float]], charge: int, pbc: tuple[bool, bool, bool]
) -> None:
    atoms = Atoms("Zn" * len(positions), positions=positions, cell=[9, 8, 7], pbc=pbc)
    atoms.info["charge"] = charge
    text = StructureDocument.from_atoms(atoms).model_dump_json()
    again = StructureDocument.model_validate_json(text).to_atoms()
    assert (again.positions == atoms.positions).all()
    assert (again.pbc == atoms.pbc).all()
    assert again.info["charge"] == charge
