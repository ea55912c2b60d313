"""Potentials in another Python: the numbers of the same one here, and a process that dies is no hang."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk, molecule
from ase.calculators.emt import EMT
from isolated_jobs import kill_the_process_once
from jobflow import Flow

from azibflow.calculators.factory import make_calculator, record
from azibflow.calculators.isolated.environments import RECORD, Environment, environment
from azibflow.calculators.isolated.process import process_of
from azibflow.calculators.kinds.sevennet import SevennetSpec
from azibflow.calculators.specs import AseSpec, parse_spec
from azibflow.errors import CapabilityError, LostProcessError
from azibflow.hpc.manager import run_flow
from azibflow.hpc.processes import ProcessExecutor
from azibflow.hpc.run_folder import RunFolder
from azibflow.hpc.status import read_status

EMT_ELSEWHERE = {
    "kind": "ase",
    "calculator": "ase.calculators.emt.EMT",
    "work": "surrogate",
    "python": sys.executable,
}


def copper() -> object:
    atoms = bulk("Cu", cubic=True)
    atoms.rattle(0.1, seed=1)
    return atoms


def test_numbers_are_those_of_the_same_potential_here() -> None:
    here, there = copper(), copper()
    here.calc, there.calc = EMT(), make_calculator(parse_spec(EMT_ELSEWHERE))
    assert there.get_potential_energy() == here.get_potential_energy()
    assert np.array_equal(there.get_forces(), here.get_forces())
    assert np.array_equal(there.get_stress(), here.get_stress())


def test_all_calculators_of_a_spec_share_one_process_and_keep_results_of_their_own() -> None:
    one, other = (make_calculator(parse_spec(EMT_ELSEWHERE)) for _ in range(2))
    first, second = copper(), molecule("H2O")
    first.calc, second.calc = one, other
    energy = first.get_potential_energy()
    second.get_potential_energy()
    assert first.get_potential_energy() == energy
    assert one.results is not other.results


def test_versions_are_those_of_the_other_environment() -> None:
    assert record(parse_spec(EMT_ELSEWHERE)).versions["ase"]


def test_a_charge_reaches_the_potential(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = (
        "from ase.calculators.calculator import Calculator\n"
        "class Charge(Calculator):\n"
        "    implemented_properties = ['energy']\n"
        "    def calculate(self, atoms, properties, changes):\n"
        "        self.results = {'energy': 10.0 * atoms.info['charge'] + atoms.get_initial_magnetic_moments().sum()}\n"
    )
    python = with_module(tmp_path, source)
    atoms = molecule("OH", magmoms=[1.0, 0.5])
    atoms.info["charge"] = -1
    atoms.calc = AseSpec(calculator="own_potential:Charge", work="surrogate", python=str(python)).make()
    assert atoms.get_potential_energy() == pytest.approx(-8.5)


def test_what_it_prints_does_not_disturb_and_what_it_raises_is_told(tmp_path: Path) -> None:
    source = (
        "from ase.calculators.calculator import Calculator\n"
        "print('hello from a library')\n"
        "class Odd(Calculator):\n"
        "    implemented_properties = ['energy']\n"
        "    def calculate(self, atoms, properties, changes):\n"
        "        print('computing')\n"
        "        if len(atoms) > 3:\n"
        "            raise ValueError('too many atoms')\n"
        "        self.results = {'energy': 1.0}\n"
    )
    python = with_module(tmp_path, source)
    calculator = AseSpec(calculator="own_potential:Odd", work="surrogate", python=str(python)).make()
    water, ammonia = molecule("H2O"), molecule("NH3")
    water.calc = ammonia.calc = calculator
    assert water.get_potential_energy() == 1.0
    with pytest.raises(RuntimeError, match="own_potential:Odd: ValueError: too many atoms"):
        ammonia.get_potential_energy()
    assert water.get_potential_energy() == 1.0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"python": "/nowhere/bin/python"}, "cannot start /nowhere/bin/python: No such file"),
        ({"calculator": "nowhere:Nothing"}, "cannot be made .*No module named 'nowhere'"),
        ({"calculator": "ase.calculators.emt:NoEMT"}, "cannot be made .*NoEMT"),
        ({"options": {"colour": "red"}, "calculator": "ase.io:read"}, "cannot be made .*TypeError"),
        ({"python": "/bin/false"}, "ended with exit status 1"),
    ],
)
def test_what_cannot_be_made_says_why(change: dict[str, object], message: str) -> None:
    with pytest.raises(CapabilityError, match=message):
        parse_spec(EMT_ELSEWHERE | change).make()


def test_one_that_is_killed_while_it_starts_is_lost(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nkill -9 $$\n")
    python.chmod(0o755)
    with pytest.raises(LostProcessError, match="was ended by SIGKILL"):
        parse_spec(EMT_ELSEWHERE | {"python": str(python)}).make()


def test_a_code_is_no_potential() -> None:
    with pytest.raises(CapabilityError, match="python: is for potentials"):
        parse_spec(EMT_ELSEWHERE | {"work": "dft"})


def test_a_process_that_is_killed_is_a_loss_and_the_next_call_has_another() -> None:
    atoms = copper()
    atoms.calc = parse_spec(EMT_ELSEWHERE).make()
    energy = atoms.get_potential_energy()
    process = process_of(Path(sys.executable), "ase.calculators.emt:EMT", {})
    os.kill(process._process.pid, signal.SIGKILL)
    process._process.wait()
    atoms.rattle(0.01)
    assert atoms.get_potential_energy() != energy
    dying = process_of(Path(sys.executable), "ase.calculators.emt:EMT", {})
    dying._process.kill()
    with pytest.raises(LostProcessError, match="was ended by SIGKILL"):
        dying.compute({})


def test_a_job_whose_process_dies_is_run_again(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    with ProcessExecutor(1, threads=1) as executor:
        run_flow(Flow([kill_the_process_once(str(tmp_path / "tried"))]), folder, executor)
    assert read_status(folder).complete
    assert (tmp_path / "tried").read_text().count("tried") == 2


def test_its_process_ends_with_whoever_started_it(tmp_path: Path) -> None:
    """Also in the middle of a calculation, and also where that is killed."""
    source = (
        "import os, time\n"
        "from ase.calculators.calculator import Calculator\n"
        "class Slow(Calculator):\n"
        "    implemented_properties = ['energy']\n"
        "    def calculate(self, atoms, properties, changes):\n"
        f"        open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n"
        "        time.sleep(60)\n"
    )
    python = with_module(tmp_path, source)
    program = (
        "from ase.build import molecule; from azibflow.calculators.specs import AseSpec; a = molecule('H2O'); "
        f"a.calc = AseSpec(calculator='own_potential:Slow', work='surrogate', python={str(python)!r}).make(); "
        "a.get_potential_energy()"
    )
    asking = subprocess.Popen([sys.executable, "-c", program])
    until = time.monotonic() + 60
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        assert time.monotonic() < until
        time.sleep(0.05)
    asking.kill()
    asking.wait()
    pid = int((tmp_path / "pid").read_text())
    while (
        Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    ):
        assert time.monotonic() < until, "it outlived who asked"
        time.sleep(0.05)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of environments with a whole ``sevennet`` by its record, but nothing in it."""
    monkeypatch.setenv("AZIBFLOW_ENVIRONMENTS", str(tmp_path))
    return tmp_path


def test_an_environment_that_is_missing_in_part_or_of_another_version_says_so(folder: Path) -> None:
    again = "azibflow calculators --install sevennet"
    spec = SevennetSpec()
    with pytest.raises(CapabilityError, match=f"sevennet is not installed; install it with: {again}"):
        spec.make()
    home = environment("sevennet")
    home.packages.mkdir(parents=True)
    with pytest.raises(CapabilityError, match=f"is installed in part; install it again: {again}"):
        spec.make()
    (home.folder / RECORD).write_text("{")
    with pytest.raises(CapabilityError, match="is installed in part"):
        spec.make()
    keep_record(home, fingerprint="0" * 64)
    with pytest.raises(CapabilityError, match="is of another version of azibflow or Python"):
        spec.make()
    keep_record(home, versions={"sevenn": "0.13.0"})
    with pytest.raises(CapabilityError, match=r"has no sevenn, not 0\.13\.0"):
        spec.make()
    assert SevennetSpec.missing()


def is_alive(pid: int) -> bool:
    with suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def keep_record(home: Environment, **changes: object) -> None:
    (home.folder / RECORD).write_text(json.dumps({"fingerprint": home.fingerprint(), "versions": {}} | changes))


def test_an_unknown_environment_is_refused_with_those_there_are() -> None:
    with pytest.raises(CapabilityError, match=r"no environment 'sevenet'.*did you mean 'sevennet'"):
        environment("sevenet")


def with_module(tmp_path: Path, source: str) -> Path:
    """Make a Python that finds a module of this test, and our packages."""
    home = tmp_path / "other"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    (packages,) = home.glob("lib/python*/site-packages")
    (packages / "own_potential.py").write_text(source)
    import numpy

    (packages / "ours.pth").write_text(f"{Path(numpy.__file__).parent.parent}\n")
    return home / "bin" / "python"


def test_an_option_may_be_an_object_that_is_made_there(tmp_path: Path) -> None:
    source = (
        "from ase.calculators.calculator import Calculator\n"
        "class Network:\n"
        "    def __init__(self, scale, layers):\n"
        "        self.scale, self.layers = scale, layers\n"
        "class Layer:\n"
        "    pass\n"
        "class Odd(Calculator):\n"
        "    implemented_properties = ['energy']\n"
        "    def __init__(self, network):\n"
        "        super().__init__()\n"
        "        self.network = network\n"
        "    def calculate(self, atoms, properties, changes):\n"
        "        assert [type(layer).__name__ for layer in self.network.layers] == ['Layer', 'Layer']\n"
        "        self.results = {'energy': self.network.scale * len(atoms)}\n"
    )
    layer = {"class": "own_potential:Layer"}
    network = {"class": "own_potential:Network", "options": {"scale": 2.5, "layers": [layer, layer]}}
    python = with_module(tmp_path, source)
    spec = AseSpec(calculator="own_potential:Odd", options={"network": network}, work="surrogate", python=str(python))
    water = molecule("H2O")
    water.calc = spec.make()
    assert water.get_potential_energy() == pytest.approx(7.5)


@pytest.mark.parametrize(
    ("charge", "spin", "told"), [(0, None, {}), (-1, None, {"charge": -1}), (0, 1, {"charge": 0, "spin": 1})]
)
def test_neutral_atoms_of_open_multiplicity_are_told_neither(charge: int, spin: int | None, told: dict) -> None:
    from azibflow.calculators.isolated.calculator import _charge_and_spin

    atoms = molecule("H2O")
    atoms.info.update({"charge": charge} | ({} if spin is None else {"spin": spin}))
    assert _charge_and_spin(atoms) == told


def test_an_environment_may_be_named_instead_of_its_interpreter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZIBFLOW_ENVIRONMENTS", str(tmp_path))
    spec = AseSpec(calculator="orb_models.forcefield.calculator:ORBCalculator", work="surrogate", python="orb")
    assert spec.anchored(Path("/campaigns")).python == "orb"
    assert (
        spec.model_copy(update={"python": "bin/python"}).anchored(Path("/campaigns")).python == "/campaigns/bin/python"
    )
    with pytest.raises(
        CapabilityError, match="orb is not installed; install it with: azibflow calculators --install orb"
    ):
        spec.make()
