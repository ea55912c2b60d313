"""Recipes: the structure they say, and mistakes told where they are made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import molecule
from ase.io import write
from pydantic import ValidationError

from azibflow.errors import StructureError
from azibflow.structures.building import as_recipe, build, build_bulk, build_from_bulk
from azibflow.structures.documents import StructureDocument
from azibflow.structures.prototypes import prototype
from azibflow.structures.recipes import CellLengths, SlabRecipe, StructureRecipe


def test_cell_lengths_are_replaced_and_fractions_kept() -> None:
    published = prototype("alpha-V2O5")
    atoms = build(StructureRecipe(prototype="alpha-V2O5", cell=CellLengths(c=4.288)))
    assert atoms.cell.cellpar()[:3] == pytest.approx([*published.cell.lengths()[:2], 4.288])
    assert np.allclose(atoms.get_scaled_positions(), published.get_scaled_positions())


def test_a_hexagonal_cell_keeps_its_angle() -> None:
    atoms = build(StructureRecipe(prototype="Zn", cell=CellLengths(a=2.7, b=2.7)))
    assert atoms.cell.cellpar() == pytest.approx([2.7, 2.7, prototype("Zn").cell.lengths()[2], 90, 90, 120])


def test_a_slab_comes_from_the_bulk_it_is_given() -> None:
    recipe = StructureRecipe(prototype="Zn", slab=SlabRecipe(miller="(002)", layers=4, supercell=(2, 1)))
    bulk = build_bulk(recipe)
    bulk.set_cell(bulk.cell.array * 1.1, scale_atoms=True)
    slab = build_from_bulk(recipe, bulk)
    assert slab.get_chemical_formula() == "Zn8"
    assert slab.cell.lengths()[:2] == pytest.approx([2 * 1.1 * 2.665, 1.1 * 2.665], abs=2e-3)
    assert slab.info["label"] == "Zn(001)"


def test_a_supercell_keeps_its_charge_once() -> None:
    atoms = build(StructureRecipe(prototype="graphene", supercell=(2, 2, 1), charge=1))
    assert (len(atoms), atoms.info["charge"]) == (8, 1)


def test_a_file_travels_with_its_recipe(tmp_path: Path) -> None:
    write(tmp_path / "host.cif", prototype("1T-TiS2"))
    recipe = as_recipe(StructureRecipe(file=tmp_path / "host.cif", supercell=(2, 1, 1)))
    (tmp_path / "host.cif").unlink()
    atoms = build(StructureRecipe.model_validate_json(recipe.model_dump_json()))
    assert atoms.get_chemical_formula() == "S4Ti2"
    assert atoms.info["label"] == "host"


def test_atoms_become_a_recipe() -> None:
    atoms = prototype("Cu")
    atoms.info["charge"] = 0
    assert np.allclose(build(as_recipe(atoms)).positions, atoms.positions)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "exactly one of prototype, file, molecule, document"),
        ({"prototype": "Zn", "molecule": "H2O"}, "found prototype and molecule"),
        ({"prototype": "zinc blende"}, "no prototype is called"),
        ({"prototype": "Zn", "slab": {"miller": "(10-20)"}}, "third of four indices"),
        ({"prototype": "Zn", "slab": {"miller": "(001)"}, "supercell": (2, 2, 1)}, "slab.supercell"),
    ],
)
def test_a_wrong_recipe_is_refused_when_it_is_written(fields: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words.replace("(", r"\(")):
        StructureRecipe.model_validate(fields)


def test_lengths_without_a_cell_and_missing_terminations_are_named() -> None:
    with pytest.raises(StructureError, match="without a cell"):
        build(StructureRecipe(document=StructureDocument.from_atoms(molecule("H2O")), cell=CellLengths(a=3.0)))
    with pytest.raises(StructureError, match=r"1 termination\(s\).*no termination 2"):
        build(StructureRecipe(prototype="Zn", slab=SlabRecipe(miller="(001)", termination=2)))


def test_unknown_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(StructureError, match=r"nothing\.cif"):
        build(StructureRecipe(file=tmp_path / "nothing.cif"))
    assert isinstance(build(StructureRecipe(molecule="H2O")), Atoms)


def test_a_document_is_checked_as_a_file_is() -> None:
    close = Atoms("Cu2", positions=[(0, 0, 0), (0, 0, 0.1)], cell=[4, 4, 4], pbc=True)
    with pytest.raises(StructureError, match=r"document Cu2: .* overlap"):
        build(StructureRecipe(document=StructureDocument.from_atoms(close)))


def test_the_multiplicity_of_a_source_belongs_to_its_charge():
    """Oxygen is a triplet; O2- with its eight electrons more than filled shells is none."""
    assert build(StructureRecipe(molecule="OH")).info["spin"] == 2
    assert "spin" not in build(StructureRecipe(molecule="OH", charge=-1)).info
    assert build(StructureRecipe(molecule="O", charge=-2, spin=1)).info == {"charge": -2, "spin": 1, "label": "O"}
    with pytest.raises(StructureError, match=r"O: multiplicity 3 belongs to charge \+0; with charge: -2 state spin"):
        build(StructureRecipe(molecule="O", charge=-2))
