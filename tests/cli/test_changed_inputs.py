"""A run goes on only with the inputs it began with: whatever a result depends on is compared first."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import azibflow

from azibflow.calculators.dependencies import own_code
from azibflow.calculators.factory import identity, record
from azibflow.calculators.specs import AseSpec, MaceSpec
from azibflow.campaigns.files import dump_campaign, load_campaign
from azibflow.campaigns.flow import campaign_flow
from azibflow.campaigns.inputs import input_files
from azibflow.errors import RunStoppedError

EMT = "calculator: {kind: ase, calculator: 'ase.calculators.emt:EMT'}"
FAILING = "calculator: {kind: ase, calculator: 'raises_at_once:Broken', options: OPTIONS}"
BROKEN = """\
from pathlib import Path

from ase.calculators.calculator import Calculator
from raises_helper import WORDS

class Broken(Calculator):
    implemented_properties = ["energy", "forces", "stress"]

    def __init__(self, grows=None, **options):
        super().__init__()
        if grows:
            Path(grows).write_text("2")

    def calculate(self, *arguments):
        raise ValueError(WORDS)
"""
COPPER = """\
Cu
1.0
3.6 0 0
0 3.6 0
0 0 3.6
Cu
4
Direct
0 0 0
.5 .5 0
.5 0 .5
0 .5 .5
"""
MONOXIDE = "2\n\nC 0 0 0\nO 0 0 1.15\n"
SURFACE = "studies: [{kind: surface, system: cu, facets: [(100)], layers: [1]}]"

pytestmark = pytest.mark.usefixtures("in_this_process")


@pytest.fixture(autouse=True)
def _broken_calculator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A calculator of the user's own, which ends every run in a moment, and a module beside it."""
    code = tmp_path / "code"
    code.mkdir()
    (code / "raises_at_once.py").write_text(BROKEN)
    (code / "raises_helper.py").write_text("WORDS = 'as told'\n")
    monkeypatch.syspath_prepend(code)
    for name in ("raises_at_once", "raises_helper"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.chdir(tmp_path)


def campaign(tmp_path: Path, text: str, options: str = "{}") -> Path:
    path = tmp_path / "c.yaml"
    path.write_text("name: c\n" + text.replace("OPTIONS", options))
    return path


def refused(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    """Return what a command says that must refuse."""
    capsys.readouterr()
    assert azibflow(*words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "holds a run of other inputs" in said.err
    assert "--run-dir" in said.err
    return said.err


def stopped(*_: object, **__: object) -> None:
    raise RunStoppedError("before its first job")


def changes(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_an_edited_structure_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A lattice constant, an element; put back, the complete run is told as such again."""
    file = tmp_path / "cu.vasp"
    file.write_text(COPPER)
    path = campaign(tmp_path, f"{EMT}\nsystems: {{cu: {{file: cu.vasp}}}}\n{SURFACE}\n")
    assert azibflow("run", path) == 0
    for old, new in (("3.6 0 0", "3.7 0 0"), ("Cu\n4", "Ag\n4")):
        changes(file, old, new)
        assert str(file) in refused(capsys, "run", path)
        assert str(file) in refused(capsys, "resume", "runs/c")
        file.write_text(COPPER)
    os.utime(file, (0, 0))
    assert azibflow("run", path) == 0
    assert "holds a complete run; nothing to compute" in capsys.readouterr().out
    file.unlink()
    assert azibflow("resume", "runs/c") == 0
    assert f"{file}, which this run began with, is not there any more" in capsys.readouterr().err
    assert azibflow("table", "surface", "runs/c") == 0


def test_a_run_of_an_earlier_version(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No hashes were kept, but the flow embeds the structures."""
    file = tmp_path / "cu.vasp"
    file.write_text(COPPER)
    path = campaign(tmp_path, f"{FAILING}\nsystems: {{cu: {{file: cu.vasp}}}}\n{SURFACE}\n")
    assert azibflow("run", path) == 1
    (tmp_path / "runs/c/inputs.json").unlink()
    changes(file, "3.6 0 0", "3.7 0 0")
    assert str(file) in refused(capsys, "resume", "runs/c", "--trust")
    file.write_text(COPPER)
    assert azibflow("run", path) == 1
    assert "kept no hashes of its inputs" in capsys.readouterr().err
    changes(tmp_path / "code/raises_helper.py", "as told", "otherwise")
    refused(capsys, "run", path)  # from then on they are kept


def test_a_run_of_a_version_with_fewer_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The text kept in the folder has every default; one that had no such key is the same campaign."""
    path = campaign(tmp_path, f"{EMT}\nsystems: {{cu: {{prototype: Cu}}}}\n{SURFACE}\n")
    assert azibflow("run", path) == 0
    changes(tmp_path / "runs/c/source.yaml", "description: ''\n", "")
    assert azibflow("run", path) == 0
    assert "nothing to compute" in capsys.readouterr().out
    changes(path, "[1]", "[2]")
    assert azibflow("run", path) == 2
    assert "a different campaign" in capsys.readouterr().err


def test_what_was_computed_from_a_file_that_has_changed_is_not_taken_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cu.vasp").write_text(COPPER)
    path = campaign(tmp_path, f"{EMT}\nsystems: {{cu: {{file: cu.vasp}}}}\n{SURFACE}\n")
    assert azibflow("run", path) == 0
    path.write_text(path.read_text() + "description: told\n")
    changes(path, "layers: [1]", "layers: [2]")
    assert azibflow("run", path, "--run-dir", "later", "--take-from", "runs/c") == 0
    told = capsys.readouterr()
    assert "finished jobs taken from runs/c" in told.out
    assert "kept no hashes" not in told.err
    changes(tmp_path / "cu.vasp", "3.6 0 0", "3.7 0 0")
    refused(capsys, "run", path, "--run-dir", "latest", "--take-from", "runs/c")
    assert azibflow("run", path, "--take-from", "runs/c", "--dry-run") == 2
    assert "leave --take-from away" in capsys.readouterr().err


def test_a_molecule_file_among_the_systems(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "co.xyz"
    file.write_text(MONOXIDE)
    study = "studies: [{kind: binding, parts: [co, CO]}]"
    path = campaign(tmp_path, f"{FAILING}\nsystems: {{co: {{molecule: co.xyz}}}}\n{study}\n")
    assert azibflow("run", path) == 1
    changes(file, "1.15", "1.16")
    assert str(file) in refused(capsys, "run", path)


def test_the_file_of_an_adsorbate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its path is relative to the campaign file, wherever the command is given, and tables give its short name."""
    place = tmp_path / "elsewhere"
    place.mkdir()
    file = place / "co.xyz"
    file.write_text(MONOXIDE)
    systems = "systems: {cu: {prototype: Cu, slab: {miller: (111), layers: 1}}}"
    study = "studies: [{kind: adsorption, system: cu, adsorbate: co.xyz, sites: [top-Cu]}]"
    path = campaign(place, f"{EMT}\nrelax: {{fmax: 5.0}}\n{systems}\n{study}\n")
    assert azibflow("run", path) == 0
    assert azibflow("table", "adsorption", "runs/c") == 0
    assert re.search(r"^co on cu +cu: Cu\(111\)", capsys.readouterr().out, flags=re.MULTILINE)
    changes(file, "1.15", "1.16")
    assert str(file) in refused(capsys, "run", path)


def test_the_slab_file_of_a_heterostructure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "film.xyz"
    slab = '1\nLattice="2.5 0 0 0 2.5 0 0 0 20" pbc="T T T"\nCu 0 0 10\n'
    file.write_text(slab)
    (tmp_path / "support.xyz").write_text(slab)
    systems = "systems: {pair: {heterostructure: {film: film.xyz, support: support.xyz}}}"
    path = campaign(tmp_path, f"{FAILING}\n{systems}\nstudies: [{{kind: interface, system: pair}}]\n")
    assert azibflow("run", path) == 1
    (tmp_path / "runs/c/inputs.json").rename(tmp_path / "kept")
    changes(file, "2.5 0 0 0 2.5", "2.51 0 0 0 2.5")
    said = refused(capsys, "run", path)  # by the flow alone
    assert str(file) in said
    assert "support.xyz" not in said
    (tmp_path / "kept").rename(tmp_path / "runs/c/inputs.json")
    assert str(file) in refused(capsys, "run", path)


def test_the_source_of_ones_own_calculator(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = campaign(tmp_path, f"{FAILING}\nsystems: {{cu: {{prototype: Cu}}}}\n{SURFACE}\n")
    for name, old in (("raises_at_once.py", "raise ValueError"), ("raises_helper.py", "as told")):
        file = tmp_path / "code" / name
        before = file.read_text()
        assert azibflow("run", path, "--run-dir", name) == 1
        changes(file, old, f"{old}  # edited\n" if name == "raises_helper" else f" {old}")
        assert str(file) in refused(capsys, "run", path, "--run-dir", name)
        file.write_text(before)


@pytest.mark.parametrize("options", ["{potential: FILE}", "{commands: ['pair_coeff * * FILE Cu', {deep: [1]}]}"])
def test_a_file_that_an_option_names(options: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "cu.eam"
    file.write_text("1 2 3\n")
    options = options.replace("FILE", str(file))
    path = campaign(tmp_path, f"{FAILING}\nsystems: {{cu: {{prototype: Cu}}}}\n{SURFACE}\n", options)
    assert azibflow("run", path) == 1
    changes(file, "2", "4")
    assert str(file) in refused(capsys, "run", path)


def test_a_label_store(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "labels.extxyz"
    file.write_text(
        '2\nProperties=species:S:1:pos:R:3:REF_forces:R:3 REF_energy=-1.0 pbc="F F F"\n'
        "C 0 0 0 0 0 0\nO 0 0 1.15 0 0 0\n"
    )
    about = "about: {name: mine, description: d, licence: MIT}"
    samples = "samples: [{system: CO, how: rattled, frames: 2}, {system: H2O, how: rattled, frames: 2}, "
    samples += "{system: OH, how: rattled, frames: 2}], split: {validation: [H2O], test: [OH]}"
    study = f"studies: [{{kind: surrogate, labels: labels.extxyz, {about}, {samples}}}]"
    path = campaign(tmp_path, f"{FAILING}\n{study}\n")
    assert azibflow("run", path) == 1, capsys.readouterr().err
    changes(file, "-1.0", "-2.0")
    assert str(file) in refused(capsys, "run", path)


def test_weights(
    tmp_path: Path,
    write_mace: Callable[..., str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A job that runs later refuses other weights, too: its spec has their hash."""
    monkeypatch.setattr("azibflow.hpc.manager.run_flow", stopped)
    file = Path(write_mace(tmp_path / "net.model"))
    study = "studies: [{kind: binding, parts: [H2O, OH]}]"
    path = campaign(tmp_path, f"calculator: {{kind: mace, models: net.model, charges: [0]}}\n{study}\n")
    assert azibflow("run", path) == 1
    kept = json.loads((tmp_path / "runs/c/inputs.json").read_text())["files"]
    flow = campaign_flow(load_campaign(path))
    assert kept[str(file)] in json.dumps(flow.as_dict(), default=str)
    spec = load_campaign(path).calculator
    assert isinstance(spec, MaceSpec)
    before = identity(spec)
    write_mace(file, seed=2)
    assert identity(spec) != before
    assert str(file) in refused(capsys, "run", path)


def test_a_changed_library_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = campaign(tmp_path, f"{FAILING}\nsystems: {{cu: {{prototype: Cu}}}}\n{SURFACE}\n")
    assert azibflow("run", path) == 1
    kept = tmp_path / "runs/c/inputs.json"
    versions = json.loads(kept.read_text())["versions"]
    assert set(versions) == {"ase", "azibflow"}
    changes(kept, f'"ase": "{versions["ase"]}"', '"ase": "3.1.4"')
    capsys.readouterr()
    assert azibflow("run", path) == 1
    assert f"began with ase 3.1.4; here is {versions['ase']}" in capsys.readouterr().err


def test_a_file_that_changes_while_the_run_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "grows"
    file.write_text("1")
    path = campaign(tmp_path, f"{FAILING}\nsystems: {{cu: {{prototype: Cu}}}}\n{SURFACE}\n", f"{{grows: {file}}}")
    assert azibflow("run", path) == 1
    assert f"changed while the run was going on: {file}" in capsys.readouterr().err


def test_own_code_in_several_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package, and what it imports from another folder on the path; of installed distributions nothing."""
    package, elsewhere = tmp_path / "one" / "toypackage", tmp_path / "two"
    package.mkdir(parents=True)
    elsewhere.mkdir()
    (package / "__init__.py").write_text("")
    (package / "model.py").write_text("import numpy\nfrom . import terms\nfrom ase import Atoms\n")
    (package / "terms.py").write_text("def late():\n    import toyconstants\n")
    (elsewhere / "toyconstants.py").write_text("")
    monkeypatch.syspath_prepend(package.parent)
    monkeypatch.syspath_prepend(elsewhere)
    found = {path.relative_to(tmp_path).as_posix() for path in own_code("toypackage.model")}
    inside = {f"one/toypackage/{name}.py" for name in ("__init__", "model", "terms")}
    assert found == {*inside, "two/toyconstants.py"}
    assert own_code("ase.calculators.emt") == own_code("json") == own_code("azibflow.calculators.xtb") == []


def test_identity_and_record_name_own_code(tmp_path: Path) -> None:
    """A journal of evaluations is replayed for the same code only, and a result says which code it was."""
    spec = AseSpec(calculator="raises_at_once:Broken")
    names = [file.name for file in record(spec).files]
    assert names == ["raises_at_once.py", "raises_helper.py"]
    assert record(AseSpec(calculator="ase.calculators.emt:EMT")).files == ()
    file = tmp_path / "potential"
    file.write_text("1")
    asked = AseSpec(calculator="ase.calculators.emt:EMT", options={"file": str(file)})
    before = identity(asked)
    file.write_text("2")
    assert identity(asked) != before


def test_a_campaign_of_names_depends_on_no_file(tmp_path: Path) -> None:
    path = campaign(tmp_path, f"{EMT}\nsystems: {{cu: {{prototype: Cu}}}}\n{SURFACE}\n")
    assert input_files(load_campaign(path)) == []
    assert "calculator" in dump_campaign(load_campaign(path))
