"""The mistakes of people who write their first campaign: each message names file, line, key, value and the way out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from azibflow.analysis.stored import load_results
from azibflow.analysis.tables.formats import render
from azibflow.analysis.tables.surface import surfaces_table
from azibflow.campaigns.files import load_campaign
from azibflow.campaigns.flow import campaign_flow
from azibflow.campaigns.plan import plan
from azibflow.cli.main import main
from azibflow.errors import AzibflowError
from azibflow.hpc.manager import run_flow
from azibflow.hpc.processes import ProcessExecutor
from azibflow.hpc.run_folder import RunFolder
from azibflow.workflows.surfaces.results import SurfaceResult

TEXT = """\
name: demo
calculator: {kind: ase, calculator: "ase.calculators.emt:EMT"}
relax: {fmax: 0.05}
systems:
  cu: {prototype: Cu}
  slab: {prototype: Cu, slab: {miller: (111), layers: 2}}
studies:
  - kind: surface
    system: cu
    facets: [(111)]
    layers: [4]
    vacuum: 10
  - kind: adsorption
    system: slab
    adsorbate: O
    cell: fixed
"""
KINDS = (
    "'migration', 'adsorption', 'surface', 'dissociation', 'desolvation', 'binding', 'orbitals', 'esp', 'breathing', "
    "'interface', 'insertion', 'reaction', 'amorphous', 'screening', 'convergence', 'surrogate'"
)
JARGON = ("Input should", "<class", "pydantic", "valid dictionary", "instance of", "NoneType", "Field required")


def message(folder: Path, text: str | bytes) -> str:
    """Return what is said of a campaign, one line for each mistake, after file and colon."""
    file = folder / "campaign.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(AzibflowError) as error:
        plan(load_campaign(file), file)
    said = str(error.value)
    assert all(line.startswith(str(file)) for line in said.splitlines()), said
    assert not [word for word in JARGON if word in said], said
    return said.replace(f"{file}, ", "").replace(f"{file}: ", "")


def test_the_campaign_that_the_mistakes_are_made_in_plans(tmp_path: Path) -> None:
    (tmp_path / "campaign.yaml").write_text(TEXT)
    assert len(plan(load_campaign(tmp_path / "campaign.yaml"))) > 4


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # a typing error in a key, in a word to choose from, in a name
        ("facets:", "facet:", "line 10: unknown key 'studies[0].facet'; did you mean 'facets'?"),
        ("vacuum: 10", "Vacuum: 10", "line 12: unknown key 'studies[0].Vacuum'; did you mean 'vacuum'?"),
        (
            "kind: surface",
            "kind: Surface",
            f"line 8: studies[0]: kind must be one of {KINDS}, not 'Surface'; did you mean",
        ),
        ("kind: surface", "type: surface", f"line 8: studies[0]: key 'kind' is missing; kind must be one of {KINDS}"),
        ("kind: surface", "knid: surface", "key 'kind' is missing (is 'knid' meant to be it?)"),
        (
            "cell: fixed",
            "cell: relax",
            "line 16: studies[1].cell: must be 'fixed', 'relaxed' or 'layers-fixed', not 'relax'; ",
        ),
        (
            "kind: ase,",
            "kind: ASE,",
            "kind must be one of 'chgnet', 'sevennet', 'mace', 'surrogate', 'pyscf', 'pyscf-gamma', 'cp2k', 'gpaw', ",
        ),
        (
            "kind: ase, ",
            "",
            "line 2: calculator: key 'kind' is missing; kind must be one of 'chgnet', 'sevennet', 'mace', ",
        ),
        (
            "system: cu",
            "system: Cu",
            "line 9: studies[0].system: study 1 (surface) names the system 'Cu', which is not among "
            "the systems (cu, slab); did you mean 'cu'?",
        ),
        ("adsorbate: O", "adsorbate: zn", "nobody knows the molecule 'zn'"),
        # free energies that cannot be
        (
            "cell: fixed",
            "free_energy: {temperature: 0}",
            "line 16: studies[1].free_energy.temperature: must be greater than 0, not 0",
        ),
        (
            "adsorbate: O\n",
            "adsorbate: [H, Zn]\n    free_energy: {constant: 0.24}\n",
            "studies[1]: free_energy is of what is adsorbed from gases or water, and Zn is against its metal; ",
        ),
        (
            "cell: fixed",
            "free_energy: {constant: 0.24, vibrations: adsorbate}",
            "line 16: studies[1].free_energy: vibrations and constant are two ways to a free energy; leave one of them",
        ),
        # a value of another type
        (
            "vacuum: 10",
            "vacuum: 15 A",
            "line 12: studies[0].vacuum: must be a number, not '15 A'; write the number alone: ",
        ),
        ("fmax: 0.05", "fmax: 50 meV", "must be a number, not '50 meV'; write the number alone: largest force"),
        ("[4]", "4", "line 11: studies[0].layers: must be a list, not 4; put it in brackets: [4]"),
        ("[(111)]", "(111)", "line 10: studies[0].facets: must be a list, not '(111)'; put it in brackets: [(111)]"),
        ("[4]", "[true]", "line 11: studies[0].layers[0]: must be a number, not true"),
        ("[4]", "[-4]", "line 11: studies[0].layers[0]: must be greater than 0, not -4"),
        ("[4]", "[]", "line 11: studies[0].layers: must have at least 1 item, not 0"),
        ("[4]", "[four]", "line 11: studies[0].layers[0]: must be a whole number, not 'four'"),
        ("{prototype: Cu}\n", "{file: 3}\n", "line 5: systems.cu.file: must be the path of a file, not 3"),
        (
            "{prototype: Cu}\n",
            "Cu\n",
            "line 5: systems.cu: must be a mapping, not 'Cu'; valid keys are prototype, file, ",
        ),
        ("system: cu", "system: [cu]", "line 9: studies[0].system: must be a text, not ['cu']"),
        ("  cu: {prototype: Cu}", "  - {prototype: Cu}", "line 6: not valid YAML: "),
        (
            "name: demo",
            "name: my demo",
            "line 1: name: 'my demo' does not fit: name of the campaign and its run folder: ",
        ),
        ("name: demo", "name: 7", 'line 1: name: must be a text, not 7; in quotes it is a text: "7"'),
        ("calculator: {kind", "calculator: [kind", "not valid YAML: expected ',' or ']'"),
        (
            "  - kind: surface",
            "  - kind: surface\n  name: a",
            "line 9: not valid YAML: what stands here does not belong to ",
        ),
        (
            "  cu: {prototype: Cu}",
            "  cu: {prototype:Cu}",
            "unknown key 'systems.cu.prototype:Cu'; put a space after the colon",
        ),
        (
            "{prototype: Cu}\n",
            "{prototype: Cu, supercell: 1 3 1}\n",
            "must be a list, not '1 3 1'; it has 3 values: [1, 3, 1]",
        ),
        (
            "{prototype: Cu}\n",
            "{prototype: Cu, supercell: [1, 3]}\n",
            "line 5: systems.cu.supercell: item 3 is missing",
        ),
        ("cell: fixed", "sites: [[Zn(H2O)]2+]", "put a text that begins with [ or { in quotes"),
        (
            "kind: surface",
            "ion: zn\n    kind: migration",
            "studies[0].ion: 'zn' is no chemical symbol; write it alone, ",
        ),
        ("kind: surface", "ion: Zn2+\n    kind: breathing", "without a charge; did you mean 'Zn'?"),
        ('EMT"}', 'EMT", elements: [Сu]}', "'Сu' is no chemical symbol ('С' is the character U+0421, no Latin letter)"),
        (
            '{kind: ase, calculator: "ase.calculators.emt:EMT"}',
            "Chgnet",
            "'Chgnet': valid kinds are chgnet, sevennet, ",
        ),
        (
            '{kind: ase, calculator: "ase.calculators.emt:EMT"}',
            "mace",
            "key 'models' is missing; as a word it is mace:FILE",
        ),
        ('{kind: ase, calculator: "ase.calculators.emt:EMT"}', "{kind: pyscf, preset: fast}", "'yang2025', not 'fast'"),
        (
            "  - kind: surface",
            "  - {kind: esp, name: a, molecules: H2O}\n  - kind: surface",
            "line 8: studies[0]: study 1 (esp): ",
        ),
        # three ways to write facets that mean something else
        (
            "[(111)]",
            "[1, 1, 1]",
            "studies[0].facets[0]: 1 is no Miller index; write three or four digits such as (101)",
        ),
        ("[(111)]", "[(1,1,1)]", "studies[0].facets[0]: '(1' is no Miller index"),
        ("[(111)]", "[[1 1 1]]", "studies[0].facets[0]: ['1 1 1'] is no Miller index"),
        # what only a calculator or a structure can tell
        ("emt:EMT", "emt:Emt", "ase: cannot import 'ase.calculators.emt:Emt': "),
        (
            "ase.calculators.emt:EMT",
            ".foo:EMT",
            "ase: '.foo:EMT' is no import path; write one as",
        ),
        ("ase.calculators.emt:EMT", "os:system", "ase: 'os:system' is no class of an ASE calculator"),
        ("[4]", "[1000000000]", "(111): would have 1e+09 atoms, more than 20000"),
        ("adsorbate: O", "adsorbate: nowhere.xyz", "nowhere.xyz does not exist"),
        # a key that is called as its kind is
        (
            "  - kind: surface",
            "  - {kind: esp, molecules: H2O, esp: {kind: 1}}\n  - kind: surface",
            "key 'studies[0].esp.kind'",
        ),
        (
            "  - kind: surface",
            "  - {kind: esp, esp: {}}\n  - kind: surface",
            "key 'molecules' is missing in studies[0]",
        ),
        # names that would tear tables apart, or the message
        ("cell: fixed", 'sites: {"a\\nb": 1}', "must be a list"),
        ("vacuum: 10", '"a\\nb": 1', r"unknown key 'studies[0].'a\nb''"),
        ("    vacuum: 10", '    name: "a\\nb"', "a name is one line of printable text"),
        ("    vacuum: 10", '    name: ""', "a name is one line of printable text"),
    ],
)
def test_a_first_mistake_is_answered(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in TEXT
    assert expected in message(tmp_path, TEXT.replace(old, new, 1))


def test_of_two_studies_of_one_name_the_second_is_pointed_at(tmp_path: Path) -> None:
    text = TEXT.replace("    vacuum: 10", "    name: same").replace("    cell: fixed", "    name: same")
    assert message(tmp_path, text).startswith("line 16: studies[1].name: two studies are called 'same'")


def test_a_system_that_no_study_uses_is_mentioned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "campaign.yaml"
    for text, unused in ((TEXT, []), (TEXT.replace("system: slab", "system: cu"), ["slab"])):
        file.write_text(text)
        assert load_campaign(file).unused_systems == unused
        with pytest.raises(SystemExit) as ending:
            main(["validate", str(file)])
        assert ending.value.code == 0
        assert ("no study uses the systems slab" in capsys.readouterr().err) == bool(unused)


def test_an_encoding_that_is_not_utf_8_is_named_with_its_line(tmp_path: Path) -> None:
    text = TEXT.replace("name: demo", "name: demo\ndescription: Höhe")
    assert "line 2: is not text in UTF-8" in message(tmp_path, text.encode("latin-1"))
    (tmp_path / "bom.yaml").write_bytes(text.encode("utf-8-sig"))
    assert load_campaign(tmp_path / "bom.yaml").description == "Höhe"


def test_a_file_without_an_end_or_of_another_sort_is_refused(tmp_path: Path) -> None:
    for path, words in ((Path("/dev/zero"), "larger than"), (tmp_path, "Is a directory"), (tmp_path / "x", "no such")):
        with pytest.raises(AzibflowError, match=f"{path}: .*{words}"):
            load_campaign(path)


def test_a_mistake_that_is_merged_into_two_studies_is_told_once(tmp_path: Path) -> None:
    text = """\
name: merged
systems: {zn: {prototype: Zn}}
studies:
  - &t {kind: surface, name: c, system: zn, facets: ["(002)"], layers: [0]}
  - {<<: *t, name: d}
"""
    assert message(tmp_path, text) == "line 4: studies[0].layers[0]: must be greater than 0, not 0"
    text = text.replace("layers: [0]", "layers: [1]").replace("name: d}", "name: d, kinds: x}")
    assert message(tmp_path, text) == "line 5: unknown key 'studies[1].kinds'; did you mean 'kind'?"


def test_of_many_mistakes_the_first_ten_are_told(tmp_path: Path) -> None:
    text = TEXT + "".join(f"key{number}: 1\n" for number in range(30))
    with pytest.raises(AzibflowError) as error:
        (tmp_path / "campaign.yaml").write_text(text)
        load_campaign(tmp_path / "campaign.yaml")
    assert str(error.value).count("unknown key") == 10
    assert str(error.value).endswith("and 20 more mistakes")


@pytest.mark.parametrize(
    ("module", "said"),
    [
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("def (", "SyntaxError: "),
        ("import nowhere_to_be_found", "No module named 'nowhere_to_be_found'"),
        ("raise RuntimeError('line 1\\nline 2')", "RuntimeError: line 1 line 2"),
        ("class Odd(BaseException): pass\nraise Odd('x')", "Odd: x"),
        ("def Calc(**options): return 3", "is no class of an ASE calculator"),
        ("class Calc: implemented_properties = ['energy']", "is no class of an ASE calculator"),
        (
            "from ase.calculators.emt import EMT\nclass Calc(EMT):\n    def __init__(self, file): pass",
            "own_calculator:Calc does not take these options: missing a required argument: 'file'",
        ),
    ],
)
def test_own_code_that_fails_to_import_is_told_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, said: str
) -> None:
    (tmp_path / "own_calculator.py").write_text(module)
    monkeypatch.syspath_prepend(tmp_path)
    try:
        found = message(tmp_path, TEXT.replace("ase.calculators.emt:EMT", "own_calculator:Calc"))
    finally:
        sys.modules.pop("own_calculator", None)
    assert said in found
    assert found.startswith("line 8: study 1 (surface): ")
    assert len(found.splitlines()) == 1


def test_a_study_may_be_called_anything_printable(tmp_path: Path) -> None:
    file = tmp_path / "named.yaml"
    text = TEXT[: TEXT.index("  - kind: surface")]
    names = ["{001} facets", "{hkl} {}", "$\\frac$ %s %(x)d", "[/red] \\1 *", "_hidden <b>", "ψ 'a' \"b\" | #"]
    for name in names:
        quoted = name.replace("'", "''")
        text += f"  - {{kind: surface, name: '{quoted}', system: cu, facets: [(111)], layers: [2]}}\n"
    file.write_text(text)
    with ProcessExecutor(1, threads=1) as executor:
        run_flow(campaign_flow(load_campaign(file)), RunFolder(tmp_path / "run"), executor)
    results = load_results([tmp_path / "run"], SurfaceResult)
    assert [result.study for result in results] == names
    assert all(len(result.rows) == 1 for result in results)
    printed = render(surfaces_table(results), "text")
    assert all(name in printed for name in names)


def test_a_written_structure_survives_a_reader_that_stops_listening(tmp_path: Path) -> None:
    command = f"{sys.executable} -m azibflow build Cu -o cu.xyz | true"
    subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, timeout=120, check=True)
    assert (tmp_path / "cu.xyz").read_text().startswith("4\n")


def test_a_name_cannot_command_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["validate", "\x1b]0;owned\x07"])
    said = capsys.readouterr().err
    assert r"\x1b]0;owned\x07: no such campaign file" in said
    assert "\x1b" not in said
