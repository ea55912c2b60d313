"""What GPAW is asked, and how runs of a stand-in end that fail as runs may."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from ase import Atoms
from ase.build import bulk, fcc111, molecule

from azibflow.calculators.codes.calculator import CodeCalculator
from azibflow.calculators.codes.gpaw import Gpaw, facts, gpaw_input
from azibflow.calculators.specs import GpawSpec
from azibflow.errors import CalculationError, CapabilityError, OutOfMemoryError, ScfNotConvergedError


@pytest.fixture(autouse=True)
def forgotten() -> object:
    facts.cache_clear()
    yield
    facts.cache_clear()


def test_a_metal_is_smeared_and_sampled() -> None:
    settings = gpaw_input(GpawSpec(smearing=0.1), bulk("Cu", cubic=True), stress=False)["settings"]
    assert settings["kpts"]["size"] == [7, 7, 7]
    assert settings["occupations"] == {"name": "fermi-dirac", "width": 0.1}
    assert "poissonsolver" not in settings
    assert "mixer" not in settings  # a metal's charge sloshes: GPAW's own, slow mixing
    insulator = gpaw_input(GpawSpec(), bulk("MgO", "rocksalt", a=4.2), stress=False)["settings"]
    assert insulator["mixer"]["beta"] == 0.25
    bold = gpaw_input(GpawSpec(smearing=0.1, mixing=0.15), bulk("Cu", cubic=True), stress=False)["settings"]
    assert bold["mixer"]["beta"] == 0.15


def test_open_shells_have_moments_and_u() -> None:
    oxide = bulk("MnO", "rocksalt", a=4.44, cubic=True)
    question = gpaw_input(GpawSpec(moments={"Mn": 5.0}, hubbard={"Mn": 3.9, "Co": 3.3}), oxide, stress=True)
    assert question["atoms"]["magmoms"] == [5.0, 0.0] * 4
    assert question["settings"]["setups"] == {"Mn": ":d,3.9"}
    assert question["settings"]["occupations"]["fixmagmom"]
    assert question["stress"]


def test_a_slab_has_a_dipole_layer_across_its_vacuum() -> None:
    slab = fcc111("Cu", (1, 1, 3), vacuum=8.0, periodic=True)
    question = gpaw_input(GpawSpec(smearing=0.1), slab, stress=False)
    assert question["settings"]["poissonsolver"] == {"dipolelayer": "xy"}
    assert question["atoms"]["pbc"] == [True, True, False]
    assert question["settings"]["kpts"]["size"][2] == 1


@pytest.mark.parametrize(
    ("script", "error", "said"),
    [
        ("exit 137", OutOfMemoryError, "killed, most likely for want of memory"),
        ("echo 'KeyError: no such thing' >&2; exit 1", CalculationError, "it says: KeyError: no such thing"),
        ("exit 0", CalculationError, "ended without an answer"),
        ('echo \'{"unconverged": "Did not converge!"}\' > gpaw-results.json', ScfNotConvergedError, "Did not converge"),
    ],
)
def test_a_run_that_fails_says_how(
    gpaw_stand_in: Callable[[str], None], script: str, error: type[Exception], said: str
) -> None:
    gpaw_stand_in(script)
    atoms = molecule("H2", cell=[6, 6, 6], pbc=True)
    atoms.calc = CodeCalculator(Gpaw(GpawSpec()), "gpaw")
    with pytest.raises(error, match=said):
        atoms.get_potential_energy()


def test_a_missing_setup_is_named_before_anything_runs(gpaw_stand_in: Callable[[str], None], tmp_path: Path) -> None:
    (tmp_path / "H.PBE.gz").write_bytes(b"hydrogen")
    gpaw_stand_in(f'echo \'{{"gpaw": "22.8", "ase": "3.22", "setups": ["{tmp_path}"]}}\' > gpaw-results.json')
    GpawSpec().check(Atoms("H", cell=[6, 6, 6], pbc=True))
    with pytest.raises(CapabilityError, match=r"no setup Zn\.PBE in"):
        GpawSpec().check(Atoms("Zn", cell=[6, 6, 6], pbc=True))
    first = GpawSpec().weights()[0].sha256
    (tmp_path / "H.PBE.gz").write_bytes(b"other hydrogen")
    assert GpawSpec().weights()[0].sha256 != first


def test_what_is_not_installed_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("AZIBFLOW_COMMAND_GPAW", raising=False)
    assert "say by the variable AZIBFLOW_COMMAND_GPAW how it is started" in GpawSpec.missing()
