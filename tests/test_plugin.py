"""Another package adds a study, a calculator, a prototype and a published value, without a line changed here."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from ase.build import bulk
from ase.calculators.morse import MorsePotential
from ase.units import GPa

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "add-a-study.md").read_text(encoding="utf-8")


def shown(name: str) -> str:
    """Return a file as the page shows it."""
    (text,) = re.findall(rf"^`{re.escape(name)}`:\n\n```\w+\n(.*?)```", PAGE, flags=re.DOTALL | re.MULTILINE)
    return text


def azibflow(*words: object, folder: Path, packages: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "azibflow", *map(str, words)]
    environment = os.environ | {"PYTHONPATH": str(packages)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def run(plugin: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the campaign of the page was computed."""
    folder = tmp_path_factory.mktemp("nickel")
    (folder / "nickel.yaml").write_text(shown("nickel.yaml"))
    done = azibflow("run", "nickel.yaml", folder=folder, packages=plugin)
    assert done.returncode == 0, done.stderr
    return folder


def bulk_modulus_by_hand() -> float:
    """V d2E/dV2 of the potential where the pressure is nothing, GPa, by differences of stresses."""

    def pressure(a: float) -> float:
        atoms = bulk("Ni", "fcc", a=a, cubic=True)
        atoms.calc = MorsePotential(epsilon=0.3, r0=2.8, rho0=6.0, rcut1=2.0, rcut2=2.7)
        return -atoms.get_stress()[:3].mean()

    low, high = 3.0, 4.5
    while high - low > 1e-10:
        middle = (low + high) / 2
        low, high = (middle, high) if pressure(middle) > 0 else (low, middle)
    step = 1e-4 * low
    return -(pressure(low + step) - pressure(low - step)) / (2 * step) * low / 3 / GPa


def test_the_page_shows_the_package() -> None:
    package = ROOT / "tests" / "plugin"
    files = ["pyproject.toml", *(f"zinc_eos/{name}.py" for name in ("__init__", "study", "flow", "table", "figure"))]
    for name in [*files, "zinc_eos/prototypes.py", "zinc_eos/published.yaml"]:
        assert shown(name) == (package / name).read_text(encoding="utf-8"), name


def test_its_study_is_computed_with_its_calculator_on_its_prototype(run: Path, plugin: Path) -> None:
    words = ("table", "equation-of-state", "runs/nickel", "--literature", "--format", "json")
    printed = azibflow(*words, folder=run, packages=plugin)
    assert printed.returncode == 0, printed.stderr
    (row,) = json.loads(printed.stdout)["rows"]
    assert row["bulk_modulus"] == pytest.approx(bulk_modulus_by_hand(), rel=0.01)
    assert 186 in row.values(), "the published value stands beside it"
    every = azibflow("table", "all", "runs/nickel", "--format", "json", folder=run, packages=plugin)
    assert list(json.loads(every.stdout)) == ["equation-of-state"]


def test_its_figure_is_drawn(run: Path, plugin: Path) -> None:
    done = azibflow("plot", "eos", "runs/nickel", folder=run, packages=plugin)
    assert done.returncode == 0, done.stderr
    assert (run / "figures" / "nickel" / "equation-of-state.png").stat().st_size > 10_000
    assert "GPa" in (run / "figures" / "nickel" / "equation-of-state.svg").read_text()


def test_its_names_are_listed_and_its_keys_are_in_the_schema(run: Path, plugin: Path) -> None:
    listed = azibflow("list", "all", "ni", folder=run, packages=plugin).stdout
    assert "fcc-Ni" in listed and "B-Ni" in listed
    assert "equation-of-state" in azibflow("list", "studies", folder=run, packages=plugin).stdout
    schema = json.loads(azibflow("validate", "--schema", folder=run, packages=plugin).stdout)
    assert "strains" in schema["$defs"]["EosStudy"]["properties"]
    assert "depth" in schema["$defs"]["MorseSpec"]["properties"]
    campaign = (run / "nickel.yaml").read_text().replace("cell: relaxed", "strain: [1]")
    (run / "wrong.yaml").write_text(campaign)
    refused = azibflow("validate", "wrong.yaml", folder=run, packages=plugin)
    assert refused.returncode == 2
    assert "unknown key 'studies[0].strain'; did you mean 'strains'?" in refused.stderr


def test_results_name_the_package_and_its_version(run: Path, plugin: Path) -> None:
    text = azibflow("table", "eos", "runs/nickel", folder=run, packages=plugin).stdout
    assert "morse depth=0.3 distance=2.8" in text
    assert "zinc-eos 1.2.0" in text


def test_without_the_package_its_results_are_no_reason_to_fail(run: Path, tmp_path: Path) -> None:
    refused = azibflow("table", "equation-of-state", run / "runs" / "nickel", folder=run, packages=tmp_path)
    assert refused.returncode == 2
    assert "equation-of-state" in refused.stderr and "Traceback" not in refused.stderr
    refused = azibflow("validate", "nickel.yaml", folder=run, packages=tmp_path)
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr


BROKEN = {
    "azibflow.studies": ("lost", "nowhere_to_be_found:STUDY", "ModuleNotFoundError"),
    "azibflow.calculators": ("number", "math:pi", "not a class derived from"),
    "azibflow.prototypes": ("text", "string:digits", "not a Prototype"),
    "azibflow.literature": ("none", "math:tau", "AttributeError"),
}


def test_a_broken_plugin_is_named_and_the_rest_works(tmp_path: Path) -> None:
    installed = tmp_path / "packages" / "broken_parts-0.1.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-parts\nVersion: 0.1\n")
    lines = [f"[{group}]\n{name} = {value}\n" for group, (name, value, _) in BROKEN.items()]
    (installed / "entry_points.txt").write_text("\n".join(lines))
    done = azibflow("list", "all", folder=tmp_path, packages=tmp_path / "packages")
    assert done.returncode == 0, done.stderr
    assert "alpha-V2O5" in done.stdout and "MoS2" in done.stdout
    for group, (name, _, reason) in BROKEN.items():
        (line,) = [line for line in done.stderr.splitlines() if f"({group})" in line]
        assert f"plug-in '{name}' of broken-parts" in line
        assert reason in line
    campaign = tmp_path / "campaign.yaml"
    campaign.write_text(
        "name: works\ncalculator: {kind: ase, calculator: ase.calculators.emt:EMT}\nsystems:\n"
        "  cu: {prototype: Zn}\nstudies:\n  - {kind: surface, system: cu, facets: ['(001)']}\n"
    )
    assert azibflow("validate", campaign, folder=tmp_path, packages=tmp_path / "packages").returncode == 0
