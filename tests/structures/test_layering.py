"""Layers of a layered crystal are cut where the recipe names the bonds, of prototypes and of own files alike."""

from __future__ import annotations

from pathlib import Path

import pytest
from ase.io import write
from pydantic import ValidationError

from azibflow.cli.main import main
from azibflow.errors import StructureError
from azibflow.structures.building import build
from azibflow.structures.layering import layer_bonds
from azibflow.structures.prototypes import PROTOTYPES, prototype
from azibflow.structures.recipes import SlabRecipe, StructureRecipe

EDGE = {"miller": "(100)", "layers": 4}
PILLARED = {"K0.25MnO2.0.75H2O-stand-in"}  # potassium joins its layers


@pytest.mark.parametrize("name", sorted(n for n, p in PROTOTYPES.items() if p.layer_axis is not None))
def test_the_bonds_of_a_layered_crystal_are_found_without_its_name(name: str) -> None:
    found = layer_bonds(prototype(name))
    assert (found is None) == (name in PILLARED)
    if found is not None:
        assert {tuple(sorted(pair)) for pair in PROTOTYPES[name].intact_bonds} <= set(found)


@pytest.mark.parametrize(
    "name", ["Zn", "Bi", "NiTi", "ZnO", "rutile-TiO2", "alpha-MnO2", "alpha-quartz", "delta-ZnV2O5"]
)
def test_other_crystals_have_no_layers(name: str) -> None:
    assert layer_bonds(prototype(name)) is None


def titanium_disulfide(kind: str, folder: Path) -> dict[str, object]:
    """Name TiS2 as a prototype or as a file of one's own."""
    write(folder / "tis2.cif", prototype("1T-TiS2"))
    return {"prototype": "1T-TiS2"} if kind == "prototype" else {"file": folder / "tis2.cif"}


@pytest.mark.parametrize("kind", ["prototype", "file"])
def test_an_edge_is_cut_where_its_bonds_are_named(kind: str, tmp_path: Path) -> None:
    source = titanium_disulfide(kind, tmp_path)
    with pytest.raises(StructureError, match=r"every plane breaks (Ti-S|S-Ti) bonds.*broken_bonds: \[(Ti-S|S-Ti)\]"):
        build(StructureRecipe(**source, slab=EDGE))
    edge = build(StructureRecipe(**source, slab=EDGE | {"broken_bonds": ["Ti-S"]}))
    assert edge.symbols.formula.count() == {"Ti": 4, "S": 8}
    assert edge.cell.lengths()[:2] == pytest.approx([3.407, 5.695], abs=1e-3)


def test_a_bond_that_holds_no_layers_is_no_bond_to_break(tmp_path: Path) -> None:
    for source in (titanium_disulfide("prototype", tmp_path), {"prototype": "Zn"}):
        recipe = StructureRecipe(**source, slab=EDGE | {"broken_bonds": ["V-O"]})
        with pytest.raises(
            StructureError, match=r"broken_bonds: V-O holds no layers together here; known are (Ti-S|none)"
        ):
            build(recipe)
    with pytest.raises(ValidationError, match="'TiS' is no pair of elements"):
        SlabRecipe(miller="(100)", broken_bonds=["TiS"])


def test_recipes_without_broken_bonds_are_written_as_before() -> None:
    assert "broken_bonds" not in SlabRecipe(miller="(001)").model_dump()


def test_build_cuts_an_edge_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["build", "1T-TiS2", "--slab", "(100)", "--layers", "4", "-o", str(tmp_path / "edge.vasp")]
    with pytest.raises(SystemExit) as refused:
        main(words)
    assert refused.value.code
    assert not (tmp_path / "edge.vasp").exists()
    with pytest.raises(SystemExit) as done:
        main([*words, "--break", "Ti-S"])
    assert not done.value.code
    assert "1T-TiS2(100): S8Ti4, 12 atoms" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "miller", "symmetric"),
    [
        ("anatase-TiO2", "(101)", True),
        ("rutile-TiO2", "(110)", True),
        ("tetragonal-ZrO2", "(200)", True),
        ("InF3-stand-in", "(104)", False),  # planes of InF2 and of F: polar
    ],
)
def test_facets_that_papers_name_can_be_cut(name: str, miller: str, symmetric: bool) -> None:
    slab = build(StructureRecipe(prototype=name, slab={"miller": miller, "layers": 2}))
    assert slab.symbols.formula.reduce()[0] == prototype(name).symbols.formula.reduce()[0]
    assert slab.info["symmetric"] is symmetric
