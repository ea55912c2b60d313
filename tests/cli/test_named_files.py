"""Files that studies name where a molecule may stand: found beside the campaign file, embedded, told apart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ase.build import molecule
from ase.io import write
from command_line import azibflow
from jobflow import run_locally

from azibflow.campaigns.files import dump_campaign, load_campaign
from azibflow.campaigns.flow import campaign_flow
from azibflow.campaigns.inputs import input_files
from azibflow.structures.molecules import names_file
from azibflow.structures.recipes import SlabRecipe, StructureRecipe
from azibflow.workflows.adsorption.flow import AdsorptionMaker, adsorption_study
from azibflow.workflows.adsorption.results import AdsorptionResult
from azibflow.workflows.common.results import RelaxSettings

EMT = "calculator: {kind: ase, calculator: 'ase.calculators.emt:EMT'}"
PYSCF = "calculator: {kind: pyscf, functional: hf, basis: sto-3g, dispersion: null}"
SLAB = "cu: {prototype: Cu, slab: {miller: (111), layers: 1}}"
ABOUT = "about: {name: mine, description: d, licence: MIT}, split: {validation: [h.xyz], test: [H2O]}"
SAMPLES = (
    "samples: [{system: mine.xyz, how: rattled, frames: 2}, {system: h.xyz, how: rattled, frames: 2}, "
    "{system: H2O, how: rattled, frames: 2}, {system: cu, how: adsorption, adsorbate: mine.xyz}]"
)
STUDIES = {
    "adsorption": f"{EMT}\nsystems: {{{SLAB}}}\nstudies: [{{kind: adsorption, system: cu, adsorbate: mine.xyz}}]",
    "orbitals": f"{PYSCF}\nstudies: [{{kind: orbitals, molecules: mine.xyz}}]",
    "esp": f"{PYSCF}\nstudies: [{{kind: esp, molecules: [H2O, mine.xyz]}}]",
    "parts": f"{PYSCF}\nstudies: [{{kind: binding, parts: [mine.xyz, H2O]}}]",
    "complex": f"{PYSCF}\nstudies: [{{kind: binding, parts: [C, O], complex: ./mine.xyz}}]",
    "support": f"{PYSCF}\nstudies: [{{kind: desolvation, waters: [1, 0], support: mine.xyz}}]",
    "surrogate": f"{EMT}\nsystems: {{{SLAB}}}\nstudies: [{{kind: surrogate, {ABOUT}, {SAMPLES}}}]",
}


@pytest.fixture
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a campaign file with CO in mine.xyz; the working folder has nitrogen in a file of that name."""
    folder, elsewhere = tmp_path / "campaign", tmp_path / "elsewhere"
    for place, name in ((folder, "CO"), (elsewhere, "N2")):
        place.mkdir()
        write(place / "mine.xyz", molecule(name))
        write(place / "h.xyz", molecule("C2H2" if place == folder else "N2"))
    monkeypatch.chdir(elsewhere)
    return folder


def campaign(folder: Path, text: str) -> Path:
    path = folder / "c.yaml"
    path.write_text(f"name: c\n{text}\n")
    return path


@pytest.mark.parametrize("place", STUDIES)
def test_the_file_beside_the_campaign_file_is_meant(
    place: str, beside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = campaign(beside, STUDIES[place])
    assert azibflow("run", path, "--dry-run") == 0
    said = capsys.readouterr().out
    assert "mine" in said
    assert "N2" not in said
    assert "mine.xyz" not in said
    assert "CO, 2 atoms" in said


@pytest.mark.parametrize("place", STUDIES)
def test_it_is_embedded_and_hashed(place: str, beside: Path) -> None:
    loaded = load_campaign(campaign(beside, STUDIES[place]))
    assert beside / "mine.xyz" in input_files(loaded)
    record = json.dumps(campaign_flow(loaded).as_dict(), default=str)
    assert ".xyz" not in record
    assert '["C", "O"]' in record or '["O", "C"]' in record


@pytest.mark.parametrize("place", STUDIES)
def test_what_a_run_folder_keeps_is_the_same_campaign(place: str, beside: Path, tmp_path: Path) -> None:
    loaded = load_campaign(campaign(beside, STUDIES[place]))
    kept = tmp_path / "source.yaml"
    kept.write_text(dump_campaign(loaded))
    assert load_campaign(kept) == loaded


@pytest.mark.usefixtures("in_this_process")
def test_two_files_of_one_name_are_two_rows(beside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder, length in (("first", 1.15), ("second", 1.25)):
        (beside / folder).mkdir()
        (beside / folder / "co.xyz").write_text(f"2\n\nC 0 0 0\nO 0 0 {length}\n")
    study = "{kind: adsorption, system: cu, adsorbate: [first/co.xyz, second/co.xyz, mine.xyz], sites: [top-Cu]}"
    path = campaign(beside, f"{EMT}\nrelax: {{fmax: 50.0}}\nsystems: {{{SLAB}}}\nstudies: [{study}]")
    assert azibflow("run", path) == 0
    capsys.readouterr()
    assert azibflow("table", "adsorption", "runs/c", "--format", "csv") == 0
    said = capsys.readouterr().out
    names = ("first/co.xyz", "second/co.xyz", "mine")
    for name in names:
        assert f"{name} on cu" in said
        assert f"{name}(g)" in said
    assert str(beside) not in said
    assert azibflow("table", "adsorption", "runs/c") == 0
    assert "E[X] of second/co.xyz: second/co.xyz(g)." in " ".join(capsys.readouterr().out.split())


def test_a_file_called_as_a_molecule_is_not_that_molecule(beside: Path) -> None:
    """O.xyz holds ozone: it neither is the oxygen atom nor has its reference; a file called Zn is no zinc."""
    write(beside / "O.xyz", molecule("O3"))
    (Path.cwd() / "Zn").write_text("no structure")
    (beside / "Zn").write_text("no structure")
    study = "{kind: adsorption, system: cu, adsorbate: [O, O.xyz, Zn], sites: [top-Cu]}"
    loaded = load_campaign(campaign(beside, f"{EMT}\nsystems: {{{SLAB}}}\nstudies: [{study}]"))
    (kept,) = loaded.studies
    assert kept.adsorbate == ["O", "O.xyz", "Zn"]
    assert loaded.contexts()[0].adsorbate("O") == "O"
    assert loaded.contexts()[0].adsorbate("Zn") == "Zn"
    assert loaded.contexts()[0].adsorbate("O.xyz").formula == "O3"
    assert not names_file("Zn")


def test_systems_are_meant_before_files_and_names_before_systems(beside: Path) -> None:
    systems = f"systems: {{{SLAB}, mine.xyz: {{molecule: SH2}}, O: {{molecule: O2}}}}"
    study = "{kind: adsorption, system: cu, adsorbate: [mine.xyz, O]}"
    loaded = load_campaign(campaign(beside, f"{EMT}\n{systems}\nstudies: [{study}]"))
    assert loaded.contexts()[0].adsorbate("mine.xyz").formula == "H2S"
    assert loaded.contexts()[0].adsorbate("O") == "O"
    assert input_files(loaded) == []


def test_a_file_without_ending_is_sought_beside_the_campaign_file(beside: Path) -> None:
    (beside / "additive").write_text("2\n\nC 0 0 0\nO 0 0 1.15\n")
    loaded = load_campaign(campaign(beside, f"{PYSCF}\nstudies: [{{kind: orbitals, molecules: additive}}]"))
    assert input_files(loaded) == [beside / "additive"]


def test_the_maker_takes_the_contents_along_too(beside: Path, tmp_path: Path) -> None:
    """The same energies from the function, which reads the file, and from a flow made before the file was lost."""
    from azibflow.calculators.specs import AseSpec

    file = beside / "mine.xyz"
    emt, coarse = AseSpec(calculator="ase.calculators.emt:EMT"), RelaxSettings(fmax=50.0)
    recipe = StructureRecipe(prototype="Cu", slab=SlabRecipe(miller=(1, 1, 1), layers=1))
    direct = adsorption_study(recipe, str(file), emt, coarse, sites=["top-Cu"])
    maker = AdsorptionMaker(adsorbate=str(file), calculator=emt, settings=coarse, sites=["top-Cu"])
    flow = maker.make(recipe)
    file.unlink()
    responses = run_locally(flow, log=False, root_dir=tmp_path, create_folders=True)
    outputs = [response.output for by_index in responses.values() for response in by_index.values()]
    result = next(output for output in outputs if isinstance(output, AdsorptionResult))
    assert result.adsorbate == direct.adsorbate == "mine"
    assert [row.energy for row in result.rows] == pytest.approx([row.energy for row in direct.rows])
    assert result.reference.energy == pytest.approx(direct.reference.energy)
