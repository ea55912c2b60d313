"""A system is called by its name in the campaign: in the dry run, in progress and in tables."""

from __future__ import annotations

from pathlib import Path

import pytest
from ase.build import bulk, molecule
from ase.io import write
from jobflow import run_locally

from azibflow.campaigns.files import load_campaign
from azibflow.campaigns.flow import campaign_flow
from azibflow.campaigns.model import Campaign
from azibflow.campaigns.plan import plan
from azibflow.errors import CapabilityError, StructureError
from azibflow.workflows.adsorption.results import AdsorptionResult
from azibflow.workflows.molecular.orbitals import OrbitalsResult

EMT = "calculator: {kind: ase, calculator: 'ase.calculators.emt:EMT', charges: [0]}\n"


def load(folder: Path, text: str) -> Campaign:
    (folder / "c.yaml").write_text("name: c\n" + text)
    return load_campaign(folder / "c.yaml")


def rows(campaign: Campaign) -> list[str]:
    return [entry.task for entry in plan(campaign)]


def jobs(campaign: Campaign) -> list[str]:
    return [job.name for job, _ in campaign_flow(campaign).iterflow()]


@pytest.fixture
def two_files(tmp_path: Path) -> Path:
    """Two files of one name: a molecule, stretched in the second."""
    for name, stretch in (("first", 1.0), ("second", 1.1)):
        (tmp_path / name).mkdir()
        atoms = molecule("H2O")
        atoms.positions *= stretch
        write(tmp_path / name / "geom.xyz", atoms)
        copper = bulk("Cu", cubic=True, a=3.6 * stretch)
        write(tmp_path / name / "bulk.vasp", copper)
    return tmp_path


def test_two_files_of_one_name_are_two_rows(two_files: Path) -> None:
    text = (
        "calculator: {kind: pyscf, functional: hf, basis: sto-3g, dispersion: null}\n"
        "systems: {one: {file: first/geom.xyz}, other: {file: second/geom.xyz}}\n"
        "studies:\n  - {kind: orbitals, molecules: [one, other]}\n  - {kind: esp, molecules: [one, other]}\n"
    )
    campaign = load(two_files, text)
    assert [row for row in rows(campaign) if row.endswith(": relax")] == ["one: relax", "other: relax"]
    names = jobs(campaign)
    assert {"one: relax", "other: relax", "ESP: map of one", "ESP: map of other"} <= set(names)
    assert len(names) == len(set(names))


def test_their_results_have_their_names(two_files: Path) -> None:
    text = (
        "calculator: {kind: pyscf, functional: hf, basis: sto-3g, dispersion: null}\n"
        "systems: {one: {file: first/geom.xyz}, other: {file: second/geom.xyz}}\n"
        "studies: [{kind: orbitals, molecules: [one, other], molecule: {max_steps: 1, preoptimization: none}}]\n"
    )
    responses = run_locally(campaign_flow(load(two_files, text)), log=False, root_dir=two_files, create_folders=True)
    outputs = [response.output for by_index in responses.values() for response in by_index.values()]
    (result,) = [output for output in outputs if isinstance(output, OrbitalsResult)]
    assert [row.molecule_name for row in result.rows] == ["one", "other"]
    assert [row.molecule.name for row in result.rows if row.molecule is not None] == ["one", "other"]


def test_two_crystals_of_one_name_and_two_cells_of_one_prototype_are_told_apart(two_files: Path) -> None:
    text = EMT + (
        "systems:\n  one: {file: first/bulk.vasp}\n  other: {file: second/bulk.vasp}\n"
        "  as published: {prototype: Cu}\n  stretched: {prototype: Cu, cell: {a: 3.7, b: 3.7, c: 3.7}}\n"
        "studies:\n"
        + "".join(
            f"  - {{kind: surface, system: {name}, facets: [(111)], layers: [3]}}\n"
            for name in ("one", "other", "as published", "stretched")
        )
    )
    campaign = load(two_files, text)
    assert rows(campaign) == [
        row
        for name in ("one", "other", "as published", "stretched")
        for row in (f"{name}: relax bulk", f"{name}(111) t0, 3 layers: relax")
    ]
    relaxed = [name for name in jobs(campaign) if name.endswith("relax bulk")]
    assert relaxed == [f"{name}: relax bulk" for name in ("one", "other", "as published", "stretched")]


def test_systems_of_one_bulk_share_it_and_rows_count_what_is_computed(tmp_path: Path) -> None:
    slab = "slab: {miller: (111), layers: 3, supercell: [2, 2], vacuum: 10}"
    text = EMT + (
        f"systems:\n  a: {{prototype: Cu, {slab}}}\n  b: {{prototype: Cu, {slab}}}\n  bulk: {{prototype: Cu}}\n"
        "studies:\n  - {kind: adsorption, system: [a, b], adsorbate: O, sites: [hollow-fcc]}\n"
        "  - {kind: surface, system: bulk, facets: [(111)], layers: [3]}\n"
        "  - {kind: surface, name: again, system: bulk, facets: [(111)], layers: [3], relax: {fmax: 0.01}}\n"
    )
    campaign = load(tmp_path, text)
    assert [row for row in rows(campaign) if "O on" not in row] == [
        "a: relax bulk",
        "a: relax surface",
        "H2O: relax molecule",
        "H2: relax molecule",
        "b: relax surface",
        "bulk(111) t0, 3 layers: relax",
        "bulk: relax bulk",  # with other settings
        "bulk(111) t0, 3 layers: relax",
    ]
    assert [name for name in jobs(campaign) if "relax" in name] == [
        "a: relax bulk",
        "a: relax surface",
        "b: relax surface",
        "bulk: relax bulk",
    ]


def test_a_table_says_the_name_and_what_it_is(tmp_path: Path) -> None:
    text = EMT + (
        "relax: {fmax: 0.1}\n"
        "systems: {mine: {prototype: Cu, slab: {miller: (111), layers: 3, vacuum: 10}}}\n"
        "studies: [{kind: adsorption, system: mine, adsorbate: O, sites: [hollow-fcc]}]\n"
    )
    responses = run_locally(campaign_flow(load(tmp_path, text)), log=False, root_dir=tmp_path, create_folders=True)
    outputs = [response.output for by_index in responses.values() for response in by_index.values()]
    (result,) = {output.study: output for output in outputs if isinstance(output, AdsorptionResult)}.values()
    assert result.surface == "mine: Cu(111)"
    assert result.bare.structure.label == "mine"
    assert result.study == "O on mine"


@pytest.mark.parametrize(
    ("recipe", "study", "error", "words"),
    [
        ("file: first/geom.xyz", "kind: adsorption, system: s, adsorbate: O", StructureError, r"first/geom\.xyz"),
        ("file: nowhere.cif", "kind: surface, system: s, facets: [(111)]", StructureError, r"nowhere\.cif"),
        ("file: first/bulk.vasp", "kind: adsorption, system: s, adsorbate: O", StructureError, r"first/bulk\.vasp"),
        ("file: first/bulk.vasp", "kind: breathing, system: s", StructureError, r"first/bulk\.vasp"),
        (
            "file: first/bulk.vasp, charge: 1",
            "kind: migration, system: s, ion: H",
            CapabilityError,
            r"system 's' \(.*first/bulk\.vasp\).*total charge \+1",
        ),
        (
            "heterostructure: {film: first/bulk.vasp, support: graphene}",
            "kind: interface, system: s",
            StructureError,
            r"system 's' \(.*first/bulk\.vasp\)",
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_name(
    recipe: str, study: str, error: type[Exception], words: str, two_files: Path
) -> None:
    text = EMT + f"systems: {{s: {{{recipe}}}}}\nstudies: [{{{study}}}]\n"
    with pytest.raises(error, match=words) as refusal:
        plan(load(two_files, text))
    assert "study 1" in str(refusal.value)
