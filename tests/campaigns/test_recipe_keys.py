"""Every key of a recipe changes what is computed or is refused by its name, for every source and kind of study."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.io import write

from azibflow.campaigns.files import load_campaign
from azibflow.campaigns.model import Campaign
from azibflow.campaigns.plan import plan
from azibflow.errors import AzibflowError, CampaignError, StructureError
from azibflow.structures.documents import StructureDocument
from azibflow.structures.heterostructures import Heterostructure, HeterostructureRecipe
from azibflow.structures.recipes import SlabRecipe, StructureRecipe
from azibflow.workflows.interfaces.flow import InterfaceMaker
from azibflow.workflows.migration.flow import MigrationMaker, migration_study
from azibflow.workflows.molecular.molecules import starting_geometries
from azibflow.workflows.surfaces.flow import SurfaceMaker, surface_study

SLAB = {"miller": [1, 1, 1], "layers": 3, "vacuum": 10.0}
KEYS: dict[str, Any] = {
    "cell": {"a": 4.1},
    "slab": SLAB,
    "slab.miller": {**SLAB, "miller": [1, 0, 0]},
    "slab.layers": {**SLAB, "layers": 4},
    "slab.vacuum": {**SLAB, "vacuum": 12.0},
    "slab.supercell": {**SLAB, "supercell": [2, 1]},
    "slab.fixed_layers": {**SLAB, "fixed_layers": 1},
    "supercell": [2, 1, 1],
    "charge": 2,
    "spin": 3,
    "strain": {"a": 0.02},
}
ANY = {"kind": "ase", "calculator": "ase.calculators.emt:EMT"}
HF = {"kind": "pyscf", "functional": "hf", "basis": "sto-3g", "dispersion": None}
SAMPLES: dict[str, Any] = {
    "kind": "surrogate",
    "about": {"name": "mine"},
    "split": {"validation": ["H2O"], "test": ["H2"]},
}


def samples(how: str) -> dict[str, Any]:
    return SAMPLES | {
        "samples": [{"how": "rattled", "system": s} for s in ("H2O", "H2")] + [{"how": how, "system": "s"}]
    }


STUDIES: dict[str, dict[str, Any]] = {
    "migration": {"kind": "migration", "system": "s", "ion": "H", "hops": {"max_distance": 3.0}},
    "adatom": {"kind": "migration", "system": "s", "ion": "H", "surface": {"max_hops": 1}},
    "endpoints": {"kind": "migration", "endpoints": ["s", "moved"]},
    "adsorption": {"kind": "adsorption", "system": "s", "adsorbate": "O"},
    "surface": {"kind": "surface", "system": "s", "facets": ["(111)"], "layers": [3]},
    "interface": {"kind": "interface", "system": "s"},
    "breathing": {"kind": "breathing", "system": "s", "breathing": {"ions": 1}},
    "desolvation": {"kind": "desolvation", "support": "s", "waters": [1, 0]},
    "surface ladder": {"kind": "desolvation", "surface": "s", "waters": [1, 0], "shells": {"starts": 1}},
    "binding": {"kind": "binding", "parts": ["s", "H2O"]},
    "orbitals": {"kind": "orbitals", "molecules": ["s"], "calculator": HF},
    "esp": {"kind": "esp", "molecules": ["s"], "calculator": HF},
    "rattled samples": samples("rattled"),
    "band samples": samples("band"),
}


LONG = {
    ("heterostructure", "adsorption"),
    ("heterostructure", "surface ladder"),
    ("heterostructure", "migration"),
    ("heterostructure", "adatom"),
    ("sheet", "adsorption"),
    ("sheet", "adatom"),
}
"""Pairs whose sites or hops take long to find."""


def crystal() -> Atoms:
    """Copper with one aluminium, so that a vacancy's neighbour can be moved, and every cell vector differs."""
    atoms = bulk("Cu", cubic=True, a=3.6)
    atoms.symbols[0] = "Al"
    return atoms


def moved() -> Atoms:
    atoms = crystal()
    atoms.positions[0] += (0.4, 0.0, 0.0)
    return atoms


@pytest.fixture(scope="module", autouse=True)
def _built_once() -> Iterator[None]:
    """Build the heterostructure once: its place on the support takes seconds to find."""
    build = HeterostructureRecipe.build
    found: dict[str, Heterostructure] = {}

    def remembered(recipe: HeterostructureRecipe) -> Heterostructure:
        key = recipe.model_dump_json()
        if key not in found:
            found[key] = build(recipe)
        return copy.deepcopy(found[key])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HeterostructureRecipe, "build", remembered)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys")
    write(path / "crystal.vasp", crystal())
    write(path / "moved.vasp", moved())
    write(path / "water.xyz", molecule("H2O"))
    return path


def sources(folder: Path) -> dict[str, dict[str, Any]]:
    document = StructureDocument.from_atoms(crystal(), "crystal").model_dump(mode="json")
    return {
        "prototype": {"prototype": "Cu"},
        "sheet": {"prototype": "graphene"},
        "file": {"file": "crystal.vasp"},
        "file of a molecule": {"file": "water.xyz"},
        "molecule": {"molecule": "H2O"},
        "document": {"document": document},
        "heterostructure": {"heterostructure": "V8O16/graphene"},
    }


def structures(folder: Path, recipe: dict[str, Any], study: dict[str, Any]) -> set[tuple[str, str]]:
    """Plan a campaign and return every task with the hash of its atoms."""
    keys = {key: recipe[key] for key in KEYS if key in recipe}
    systems = {"s": recipe, "moved": {"file": "moved.vasp"} | keys}
    (folder / "c.yaml").write_text(json.dumps({"name": "c", "calculator": ANY, "systems": systems, "studies": [study]}))
    planned = plan(load_campaign(folder / "c.yaml"))
    return {(entry.task, StructureDocument.from_atoms(entry.atoms).sha256()) for entry in planned}


_PLAIN: dict[tuple[str, str, bool], set[tuple[str, str]] | None] = {}


def plain(folder: Path, source: str, study: str, *, slab: bool) -> set[tuple[str, str]] | None:
    """Plan without the key, or for what stands below slab with the slab alone; none where that is refused."""
    if (source, study, slab) not in _PLAIN:
        recipe = sources(folder)[source] | ({"slab": SLAB} if slab else {})
        try:
            _PLAIN[source, study, slab] = structures(folder, recipe, STUDIES[study])
        except AzibflowError:
            _PLAIN[source, study, slab] = None
    return _PLAIN[source, study, slab]


@pytest.mark.parametrize(
    ("source", "study"),
    [
        pytest.param(source, study, marks=[pytest.mark.slow] if (source, study) in LONG else [])
        for source in sources(Path())
        for study in STUDIES
    ],
)
def test_a_key_changes_the_structures_or_is_refused_by_its_name(source: str, study: str, folder: Path) -> None:
    for key, value in KEYS.items():
        name, _, within = key.partition(".")
        if within and source != "prototype":
            continue  # a slab is cut from any crystal in one way
        without = plain(folder, source, study, slab=bool(within))
        try:
            planned = structures(folder, sources(folder)[source] | {name: value}, STUDIES[study])
        except AzibflowError as refusal:
            # Slabs of two endpoints are cut each by its own symmetry; where their cells differ, that is said instead.
            assert without is None or name in str(refusal) or "differ in their cells" in str(refusal), key
        else:
            assert planned != without, f"{key} is ignored"


@pytest.mark.parametrize(
    ("source", "study", "key"),
    [
        ("prototype", "adsorption", "slab.fixed_layers"),
        ("sheet", "adsorption", "supercell"),
        ("sheet", "adsorption", "charge"),
        ("file", "endpoints", "supercell"),
        ("file", "endpoints", "spin"),
        ("prototype", "migration", "cell"),
        ("file", "surface", "cell"),
        ("heterostructure", "interface", "supercell"),
        ("heterostructure", "breathing", "charge"),
        ("molecule", "orbitals", "charge"),
        ("file of a molecule", "binding", "charge"),
        ("document", "rattled samples", "slab.vacuum"),
    ],
)
def test_what_can_be_honoured_is_not_refused(source: str, study: str, key: str, folder: Path) -> None:
    assert structures(folder, sources(folder)[source] | {key.partition(".")[0]: KEYS[key]}, STUDIES[study])


def test_a_hop_on_a_slab_is_refused_with_what_to_do(folder: Path) -> None:
    with pytest.raises(CampaignError, match=r"study 1 .*hops: belongs to bulk hosts, and 's' is a slab.* by surface"):
        structures(folder, {"prototype": "Cu", "slab": SLAB}, STUDIES["migration"])


def test_the_api_refuses_what_the_campaign_refuses() -> None:
    slab = StructureRecipe(prototype="Cu", slab=SlabRecipe(miller="(111)"))
    repeated = StructureRecipe(prototype="Cu", supercell=(2, 2, 2))
    charged = StructureRecipe.model_validate({"heterostructure": "V8O16/graphene", "charge": 1})
    for compute in (migration_study, MigrationMaker().make):
        with pytest.raises(StructureError, match=r"Cu\(111\).*cannot honour slab"):
            compute(slab)
    for compute in (lambda recipe: surface_study(recipe, [(1, 1, 1)]), SurfaceMaker().make):
        with pytest.raises(StructureError, match="cannot honour supercell"):
            compute(repeated)
    with pytest.raises(StructureError, match="cannot honour charge"):
        InterfaceMaker().make(charged)


def test_every_study_says_what_it_does_with_its_systems(folder: Path) -> None:
    from azibflow.campaigns.studies.registry import study_models

    assert len(study_models()) >= 10
    for cls in study_models().values():
        assert "uses" in vars(cls), cls


def test_several_starts_keep_charge_and_spin_of_their_recipe() -> None:
    """Radical cations of water and a hydroxyl: with one start they were charged, with several neutral."""
    recipe = StructureRecipe(molecule="[Zn(H2O)2]2+", charge=1, spin=2)
    states = {(atoms.info["charge"], atoms.info["spin"]) for atoms in starting_geometries(recipe, wanted=3)}
    assert states == {(1, 2)}


def test_a_charged_supercell_is_made_of_neutral_cells() -> None:
    recipe = StructureRecipe(prototype="graphene", supercell=(3, 3, 1), charge=1)
    assert recipe.bulk.charge is None
    from azibflow.structures.building import build, build_bulk

    assert build_bulk(recipe).info["charge"] == 0
    assert build(recipe).info["charge"] == 1


def test_a_source_with_a_charge_is_not_repeated_without_a_word(tmp_path: Path) -> None:
    atoms = bulk("Cu", cubic=True)
    atoms.info["charge"] = 1
    recipe = StructureRecipe(document=StructureDocument.from_atoms(atoms), supercell=(2, 1, 1))
    from azibflow.structures.building import build

    with pytest.raises(StructureError, match=r"charge 1 for one cell; state charge for the supercell"):
        build(recipe)
    assert build(recipe.model_copy(update={"charge": 2})).info["charge"] == 2


def test_keys_of_studies_that_nothing_would_read_are_refused() -> None:
    ladder = {"kind": "desolvation", "support": "NMP", "counterpoise": True, "calculator": HF}
    with pytest.raises(ValueError, match=r"counterpoise.*free ions only"):
        Campaign.model_validate({"name": "c", "studies": [ladder]})
    study = {"kind": "orbitals", "molecules": ["H2O"], "calculator": HF}
    with pytest.raises(ValueError, match=r"relax.*molecule"):
        Campaign.model_validate({"name": "c", "relax": {"fmax": 0.001}, "studies": [study]})
    with pytest.raises(ValueError, match=r"temperature.*frequencies"):
        Campaign.model_validate({"name": "c", "studies": [study | {"molecule": {"temperature": 400}}]})
