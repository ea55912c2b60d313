"""Any ASE calculator: its queue, its folder, its files, its versions, and options that are objects."""

from __future__ import annotations

import gc
from importlib import metadata
from pathlib import Path

import pytest
from ase.build import add_adsorbate, bulk, fcc100, molecule
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms

from azibflow.calculators.bands import minimum_energy_path
from azibflow.calculators.factory import identity, make_calculator, record
from azibflow.calculators.kinds.ase import AseSpec
from azibflow.calculators.specs import parse_spec
from azibflow.campaigns.files import load_campaign
from azibflow.campaigns.inputs import input_files
from azibflow.errors import CapabilityError
from azibflow.input_files.yaml_files import read_yaml

COUNTED = """
from pathlib import Path
from ase.calculators.emt import EMT

class Counted(EMT):
    made = evaluated = 0

    def __init__(self, **options):
        super().__init__(**options)
        type(self).made += 1

    def calculate(self, *arguments, **options):
        super().calculate(*arguments, **options)
        type(self).evaluated += 1


class Filing(EMT):
    def calculate(self, *arguments, **options):
        super().calculate(*arguments, **options)
        folder = Path(self.directory)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "energy.txt").write_text(str(self.results["energy"]))


class Weighted(EMT):
    def __init__(self, model, **options):
        super().__init__(**options)
        self.model = model
"""


@pytest.fixture(autouse=True)
def _module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "own_calculators.py").write_text(COUNTED)
    monkeypatch.syspath_prepend(tmp_path / "home")
    monkeypatch.delitem(__import__("sys").modules, "own_calculators", raising=False)
    monkeypatch.chdir(tmp_path)


def hop():
    """Return a copper atom in two neighbouring hollows of Cu(100)."""
    slab = fcc100("Cu", size=(2, 1, 2), vacuum=4.0)
    add_adsorbate(slab, "Cu", 1.8, "hollow")
    slab.pbc = True
    slab.set_constraint(FixAtoms(range(4)))
    final = slab.copy()
    final.positions[-1] += slab.cell[0] / 2
    return slab, final


@pytest.mark.parametrize(("work", "made"), [("surrogate", 1), ("dft", 5)])
def test_a_potential_is_made_once_in_a_process_and_is_not_asked_more_often(work: str, made: int) -> None:
    spec = AseSpec(calculator="own_calculators:Counted", work=work)
    make_calculator(spec)  # holds it to the contract
    from own_calculators import Counted

    Counted.made, Counted.evaluated = (1 if work == "surrogate" else 0), 0
    found = minimum_energy_path(*hop(), lambda: make_calculator(spec), images=3, max_steps=6)
    assert Counted.made == made
    separate = minimum_energy_path(*hop(), EMT, images=3, max_steps=6)
    assert Counted.evaluated == found.force_calls == separate.force_calls
    assert found.energies == pytest.approx(separate.energies, abs=1e-9)


@pytest.mark.parametrize("elements", [None, ("Cu",)])
def test_every_image_of_a_code_writes_into_a_folder_of_its_own(tmp_path: Path, elements: tuple | None) -> None:
    spec = AseSpec(calculator="own_calculators:Filing", elements=elements)
    found = minimum_energy_path(*hop(), lambda: make_calculator(spec), images=3, max_steps=4)
    written = sorted(path.parent.name for path in tmp_path.glob("*/energy.txt"))
    assert written == [f"filing-{number}" for number in range(1, 6)]
    energies = [float((tmp_path / name / "energy.txt").read_text()) for name in written]
    assert energies == pytest.approx(found.energies, abs=1e-9)
    assert sorted(path.name for path in tmp_path.iterdir()) == [*written, "home"], "the example left nothing"


def test_a_calculator_that_writes_nothing_leaves_no_folder(tmp_path: Path) -> None:
    """ASE makes the folder of every calculator that it computes with."""
    spec = AseSpec(calculator="ase.calculators.emt:EMT")
    minimum_energy_path(*hop(), lambda: make_calculator(spec), images=3, max_steps=4)
    make_calculator(spec.model_copy(update={"options": {"directory": "scratch"}})).get_potential_energy(bulk("Cu"))
    gc.collect()
    assert sorted(path.name for path in tmp_path.rglob("*") if path.name.startswith("emt")) == []


def test_a_folder_that_the_user_names_holds_those_of_the_images(tmp_path: Path) -> None:
    spec = AseSpec(calculator="own_calculators:Filing", options={"directory": "scratch"})
    for _ in range(2):
        make_calculator(spec).get_potential_energy(bulk("Cu"))
    assert sorted(path.name for path in (tmp_path / "scratch").iterdir()) == ["filing-1", "filing-2"]


@pytest.mark.parametrize(
    ("calculator", "profile", "options"),
    [
        ("espresso:Espresso", "espresso:EspressoProfile", {"command": "pw.x", "pseudo_dir": "/pseudos"}),
        ("orca:ORCA", "orca:OrcaProfile", {"command": "/opt/orca"}),
        ("aims:Aims", "aims:AimsProfile", {"command": "aims.x", "default_species_directory": "/species"}),
    ],
)
def test_options_express_profiles(calculator: str, profile: str, options: dict[str, str]) -> None:
    written = {"class": f"ase.calculators.{profile}", "options": options}
    spec = AseSpec(calculator=f"ase.calculators.{calculator}", options={"profile": written})
    assert AseSpec.model_validate_json(spec.model_dump_json()) == spec
    made = make_calculator(spec)
    assert type(made.profile).__name__ == profile.partition(":")[2]
    assert made.directory.name == f"{calculator.partition(':')[2].lower()}-1"
    assert options["command"] in str(made.profile.command)


def test_a_profile_that_cannot_be_made_is_told_before_anything_runs() -> None:
    def spec(**profile: object) -> AseSpec:
        return AseSpec(calculator="ase.calculators.orca:ORCA", options={"profile": profile})

    missing = spec(**{"class": "ase.calculators.orca:OrcaProfil"})
    with pytest.raises(CapabilityError, match=r"cannot import .*OrcaProfil'"):
        missing.capabilities()
    with pytest.raises(CapabilityError, match=r"OrcaProfile does not take these options: TypeError: .*comand"):
        make_calculator(spec(**{"class": "ase.calculators.orca:OrcaProfile", "options": {"comand": "x"}}))


def test_versions_are_those_of_the_distribution_that_brings_the_module() -> None:
    assert AseSpec(calculator="mace.calculators:MACECalculator").distributions() == ["ase", "mace-torch"]
    assert record(AseSpec(calculator="dftd3.ase:DFTD3")).versions["dftd3"] == metadata.version("dftd3")
    assert record(AseSpec(calculator="own_calculators:Filing")).versions["own_calculators"] == "unknown"
    assert record(AseSpec(calculator="ase.calculators.emt:EMT")).versions.keys() == {"azibflow", "ase"}


CAMPAIGN = """\
name: weighted
calculator:
  kind: ase
  calculator: own_calculators:Weighted
  options: {model: models/zn.model}
systems: {copper: {prototype: Cu}}
studies: [{kind: surface, system: copper, facets: [(111)], layers: [3]}]
"""


def test_weights_beside_the_campaign_are_found_from_a_jobs_folder_and_hashed(tmp_path: Path) -> None:
    folder = tmp_path / "campaign"
    (folder / "models").mkdir(parents=True)
    weights = folder / "models" / "zn.model"
    weights.write_text("1.0")
    (folder / "weighted.yaml").write_text(CAMPAIGN)
    campaign = load_campaign(folder / "weighted.yaml").anchored(folder)
    spec = campaign.calculator
    assert isinstance(spec, AseSpec)
    assert spec.options == {"model": str(weights)}
    assert weights in input_files(campaign)
    assert [file.name for file in record(spec).files] == ["own_calculators.py", "zn.model"]
    before = identity(spec)
    weights.write_text("2.0 and longer")
    assert identity(spec) != before


def test_the_example_of_the_page_is_espresso_with_its_pseudopotentials_hashed(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "add-a-calculator.md").read_text(encoding="utf-8")
    (tmp_path / "espresso.yaml").write_text(page.partition("`espresso.yaml`:\n\n```yaml\n")[2].partition("```")[0])
    (tmp_path / "pseudos").mkdir()
    for name in ("Zn.upf", "O.upf", "unused.upf"):
        (tmp_path / "pseudos" / name).write_text(name)
    written = read_yaml(tmp_path / "espresso.yaml", "calculator", CapabilityError).data
    spec = parse_spec(written).anchored(tmp_path)
    assert spec.files() == [tmp_path / "pseudos" / "Zn.upf", tmp_path / "pseudos" / "O.upf"]
    assert [file.name for file in spec.code()] == ["Zn.upf", "O.upf"]
    made = make_calculator(spec)
    assert str(made.profile.pseudo_dir) == str(tmp_path / "pseudos")
    made.write_inputfiles(bulk("ZnO", "wurtzite", a=3.25, c=5.2), ["energy"])
    assert "Zn.upf" in (tmp_path / "espresso-1" / "espresso.pwi").read_text()


def test_a_potential_is_made_anew_when_its_weights_have_changed(tmp_path: Path) -> None:
    (tmp_path / "zn.model").write_text("1")
    spec = AseSpec(
        calculator="own_calculators:Weighted", options={"model": str(tmp_path / "zn.model")}, work="surrogate"
    )
    first = make_calculator(spec)
    assert make_calculator(spec) is first
    (tmp_path / "zn.model").write_text("22")
    assert make_calculator(spec) is not first


def test_only_what_is_there_and_looks_like_a_path_is_made_absolute(tmp_path: Path) -> None:
    for name in ("run.sh", "pbe", "in.txt"):
        (tmp_path / name).touch()
    (tmp_path / "pseudos").mkdir()
    options = {
        "command": "./run.sh --fast in.txt > out.txt",
        "xc": "pbe",
        "profile": {"class": "ase.calculators.orca:OrcaProfile", "options": {"pseudo_dir": "pseudos/"}},
        "kpts": [2, 2, 1],
        "missing": "models/none.model",
    }
    found = AseSpec(calculator="ase.calculators.orca:ORCA", options=options).anchored(tmp_path).options
    assert found == {
        **options,
        "command": f"{tmp_path}/run.sh --fast {tmp_path}/in.txt > out.txt",
        "profile": {**options["profile"], "options": {"pseudo_dir": f"{tmp_path}/pseudos"}},
    }


def test_the_queue_changes_neither_hash_nor_what_is_written_where_nobody_asked() -> None:
    plain = AseSpec(calculator="ase.calculators.emt:EMT")
    asked = AseSpec(calculator="ase.calculators.emt:EMT", work="surrogate")
    assert "work" not in plain.model_dump_json()
    assert AseSpec.model_validate_json(asked.model_dump_json()).queue() == "surrogate"
    assert identity(asked) == identity(plain)
    assert make_calculator(asked).get_potential_energy(molecule("H2O")) == make_calculator(plain).get_potential_energy(
        molecule("H2O")
    )
