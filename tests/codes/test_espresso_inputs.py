"""What pw.x is told, and what is made of its output; the runs of a stand-in end as runs may end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111
from ase.io.espresso import read_fortran_namelist
from ase.units import Bohr, Hartree, Ry
from espresso_files import ENERGY, ENTROPIC, FORCES, HYDROGEN, PRINTED, upf, upf_1, write_results

from azibflow.calculators.codes.calculator import CodeCalculator
from azibflow.calculators.codes.espresso import Espresso, results, version
from azibflow.calculators.codes.espresso_input import cards, namelists, written
from azibflow.calculators.codes.pseudopotentials import functional_of, header, pseudopotential
from azibflow.calculators.factory import identity, record
from azibflow.calculators.specs import EspressoSpec, parse_spec
from azibflow.errors import CalculationError, CapabilityError, OutOfMemoryError, ScfNotConvergedError

MN = "Mn.pbe-spn-kjpaw_psl.0.3.1.UPF"


@pytest.fixture(autouse=True)
def pseudopotentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "pseudo"
    folder.mkdir()
    (folder / MN).write_text(upf("Mn", "SLA  PW   PBX  PBC", 15.0))
    (folder / "O_ONCV_PBE-1.0.upf").write_text(upf("O", valence=6.0))
    (folder / "cu_pbe_v1.2.uspp.F.UPF").write_text(upf("Cu", valence=11.0))
    (folder / "H-q1.gth").write_text(HYDROGEN)
    monkeypatch.setenv("ESPRESSO_PSEUDO", str(folder))
    monkeypatch.chdir(tmp_path)
    version.cache_clear()
    yield folder
    version.cache_clear()


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Make a shell script that stands for pw.x; real runs are in test_espresso_runs.py."""

    def made(script: str) -> None:
        path = tmp_path / "stand-in"
        path.write_text(f'#!/bin/sh\n[ "$1" ] || {{ echo "  Program PWSCF v.6.7MaX starts"; exit 1; }}\n{script}\n')
        path.chmod(0o755)
        monkeypatch.setenv("AZIBFLOW_COMMAND_ESPRESSO", str(path))

    return made


def told(spec: EspressoSpec, atoms: Atoms, release: str = "6.7MaX", **changes: bool) -> tuple[dict, list[str]]:
    """Return the namelists and the lines of the cards, as ASE reads them."""
    choices: dict[str, Any] = {"stress": False, "begun": False} | changes
    text = written(namelists(spec, atoms, version=release, **choices), cards(spec, atoms, version=release))
    lists, lines = read_fortran_namelist(text.splitlines())
    return {name: dict(keys) for name, keys in lists.items() if keys}, lines


def hydrogen() -> Atoms:
    return Atoms("H2", positions=[[3, 3, 2.6], [3, 3, 3.4]], cell=[6.0, 6.0, 6.0], pbc=True, info={"charge": 0})


def test_the_input_of_an_oxide_is_what_a_user_of_pw_would_write(pseudopotentials: Path) -> None:
    oxide = bulk("MnO", "rocksalt", a=4.44)
    spec = EspressoSpec(moments={"Mn": 5.0}, hubbard={"Mn": 3.9}, kpoints=(4, 4, 4), smearing=0.1, cutoff=60)
    lists, lines = told(spec, oxide, stress=True)
    assert lists == {
        "control": {
            "calculation": "scf",
            "prefix": "azibflow",
            "outdir": ".",
            "pseudo_dir": str(pseudopotentials),
            "tprnfor": True,
            "tstress": True,
            "disk_io": "low",
        },
        "system": {
            "ibrav": 0,
            "nat": 2,
            "ntyp": 2,
            "ecutwfc": 60.0,
            "ecutrho": 480.0,
            "nosym": True,
            "occupations": "smearing",
            "smearing": "fermi-dirac",
            "degauss": pytest.approx(0.1 / Ry),
            "nspin": 2,
            "starting_magnetization(1)": pytest.approx(5 / 15, abs=1e-6),
            "lda_plus_u": True,
            "lda_plus_u_kind": 0,
            "u_projection_type": "ortho-atomic",
            "hubbard_u(1)": 3.9,
        },
        "electrons": {
            "conv_thr": pytest.approx(1e-7 / Ry),
            "electron_maxstep": 100,
            "mixing_beta": 0.4,
        },
    }
    assert lines == [
        "ATOMIC_SPECIES",
        f"Mn 54.9380 {MN}",
        "O 15.9990 O_ONCV_PBE-1.0.upf",
        "CELL_PARAMETERS angstrom",
        "0.000000000000 2.220000000000 2.220000000000",
        "2.220000000000 0.000000000000 2.220000000000",
        "2.220000000000 2.220000000000 0.000000000000",
        "ATOMIC_POSITIONS angstrom",
        "Mn 0.000000000000 0.000000000000 0.000000000000",
        "O 2.220000000000 0.000000000000 0.000000000000",
        "K_POINTS automatic",
        "4 4 4 0 0 0",
    ]


@pytest.mark.parametrize(("release", "card"), [("6.7MaX", False), ("7.0", False), ("7.1", True), ("7.3.1", True)])
def test_u_is_said_as_the_version_reads_it(release: str, card: bool) -> None:
    lists, lines = told(EspressoSpec(hubbard={"Mn": 3.9}), bulk("MnO", "rocksalt", a=4.44), release)
    assert ("lda_plus_u" in lists["system"]) is not card
    assert lines[-2:] == ["HUBBARD (ortho-atomic)", "U Mn-3d 3.9"] or not card
    assert ("HUBBARD (ortho-atomic)" in lines) is card


def test_spins_of_one_element_are_kinds_of_their_own_and_the_total_is_kept_without_smearing() -> None:
    oxide = bulk("MnO", "rocksalt", a=4.44, cubic=True)
    oxide.set_initial_magnetic_moments([5.0, 0, -5.0, 0, 5.0, 0, -5.0, 0])
    lists, lines = told(EspressoSpec(), oxide)
    assert [line.split()[0] for line in lines if "UPF" in line.upper()] == ["Mn1", "O", "Mn2"]
    assert lists["system"]["starting_magnetization(3)"] == pytest.approx(-5 / 15, abs=1e-6)
    assert lists["system"]["tot_magnetization"] == 0
    assert lists["system"]["occupations"] == "fixed"
    assert "tot_magnetization" not in told(EspressoSpec(smearing=0.1), oxide)[0]["system"]
    oxide.info["spin"] = 1
    assert told(EspressoSpec(smearing=0.1), oxide)[0]["system"]["tot_magnetization"] == 0
    oxide = bulk("MnO", "rocksalt", a=4.44).repeat((1, 1, 10))
    oxide.set_initial_magnetic_moments([value for n in range(10) for value in (n / 2, 0.0)])
    with pytest.raises(CapabilityError, match="atoms of Mn have ten initial moments and more"):
        told(EspressoSpec(smearing=0.1), oxide)


def test_a_slab_has_a_saw_tooth_that_falls_in_its_vacuum() -> None:
    slab = fcc111("Cu", (1, 1, 3), vacuum=8.0, periodic=True)
    lists, lines = told(EspressoSpec(smearing=0.1), slab)
    assert (lists["control"]["tefield"], lists["control"]["dipfield"], lists["system"]["edir"]) == (True, True, 3)
    falls = lists["system"]["emaxpos"] + np.array([0, lists["system"]["eopreg"]])
    heights = slab.get_scaled_positions()[:, 2]
    assert falls.mean() - heights.mean() == pytest.approx(0.5, abs=1e-3), "as far from the atoms as can be"
    assert lines[-1] == "12 12 1 0 0 0"
    assert "tefield" not in told(EspressoSpec(smearing=0.1), bulk("Cu"))[0]["control"]
    slab.info["charge"] = 1
    lists, _ = told(EspressoSpec(smearing=0.1), slab)
    assert lists["system"]["tot_charge"] == 1
    assert "edir" not in lists["system"]


def test_one_point_is_computed_with_real_orbitals_unless_there_is_u() -> None:
    assert told(EspressoSpec(kpoints=(1, 1, 1)), hydrogen())[1][-1] == "K_POINTS gamma"
    oxide = bulk("MnO", "rocksalt", a=4.44)
    lines = told(EspressoSpec(kpoints=(1, 1, 1), hubbard={"Mn": 3.9}), oxide)[1]
    assert lines[-2:] == ["K_POINTS automatic", "1 1 1 0 0 0"]


@pytest.mark.parametrize(
    ("words", "functional"),
    [
        ("PBE", "pbe"),
        (" SLA  PW   PBX  PBC", "pbe"),
        ("SLA PW PBE PBE PBE", "pbe"),
        ("SLA  PW   PSX  PSC", "pbesol"),
        ("PBESOL", "pbesol"),
        (" SLA  PZ   NOGX NOGC", "lda"),
        ("SLA+PW", "lda"),
        ("TPSS", "TPSS"),
    ],
)
def test_headers_say_their_functional_in_many_words(words: str, functional: str) -> None:
    assert functional_of(words) == functional


def test_headers_of_all_versions_are_read(pseudopotentials: Path) -> None:
    assert header(pseudopotentials / MN)[1:] == ("Mn", "pbe", 15.0)
    assert header(pseudopotentials / "H-q1.gth")[1:] == ("H", "pbe", 1.0)
    old = pseudopotentials / "Si.pz-vbc.UPF"
    old.write_text(upf_1("Si", "SLA  PZ   NOGX NOGC   PZ"))
    assert header(old)[1:] == ("Si", "lda", 4.0)
    old.write_text("<html>404</html>")
    with pytest.raises(CapabilityError, match=r"Si\.pz-vbc\.UPF does not say element, functional and valence"):
        header(old)


def test_pseudopotentials_are_found_by_element_and_refused_before_anything_runs(
    pseudopotentials: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    EspressoSpec().check(bulk("MnO", "rocksalt", a=4.44))
    assert pseudopotential("Cu", EspressoSpec()).path.name == "cu_pbe_v1.2.uspp.F.UPF"
    with pytest.raises(CapabilityError, match=r"no one pseudopotential for C in .*none for it; .*\{C: FILE\}"):
        EspressoSpec().check(Atoms("C", cell=[3, 3, 3], pbc=True))
    with pytest.raises(CapabilityError, match=r"was made for pbe, not for functional: lda"):
        EspressoSpec(functional="lda").check(bulk("Cu"))
    (pseudopotentials / "Cu.UPF").write_text(upf("Cu"))
    with pytest.raises(CapabilityError, match=r"several for it: Cu\.UPF, cu_pbe_v1\.2\.uspp\.F\.UPF"):
        EspressoSpec().check(bulk("Cu"))
    EspressoSpec(pseudopotentials={"Cu": "Cu.UPF"}).check(bulk("Cu"))
    with pytest.raises(CapabilityError, match=r"is a pseudopotential of Mn, not of Cu"):
        EspressoSpec(pseudopotentials={"Cu": MN}).check(bulk("Cu"))
    with pytest.raises(CapabilityError, match=r"there is no .*Cu\.upf, which pseudopotentials names for Cu"):
        EspressoSpec(pseudopotentials={"Cu": "Cu.upf"}).check(bulk("Cu"))
    with pytest.raises(CapabilityError, match="hubbard is for d shells, of which O has none"):
        EspressoSpec(hubbard={"O": 4.0}).check(bulk("MnO", "rocksalt", a=4.44))
    monkeypatch.setenv("ESPRESSO_PSEUDO", str(pseudopotentials / "none"))
    with pytest.raises(CapabilityError, match="is no folder that is here"):
        EspressoSpec().check(bulk("Cu"))
    monkeypatch.delenv("ESPRESSO_PSEUDO")
    with pytest.raises(CapabilityError, match="ESPRESSO_PSEUDO has to name the folder"):
        EspressoSpec().check(bulk("Cu"))


def test_results_tell_versions_and_pseudopotentials_apart(
    pseudopotentials: Path, stand_in: Callable[[str], None]
) -> None:
    stand_in("exit 1")
    written_down = record(EspressoSpec())
    assert written_down.versions["pw.x"] == "6.7MaX"
    before = identity(EspressoSpec())
    assert identity(EspressoSpec(mixing=0.2)) == before, "it decides what a number costs"
    (pseudopotentials / MN).write_text(upf("Mn", valence=7.0))
    assert record(EspressoSpec()).weights[0].sha256 != written_down.weights[0].sha256
    assert identity(EspressoSpec()) != before


@pytest.mark.parametrize("width", [False, True])
def test_the_output_is_read_in_ase_s_units(tmp_path: Path, width: bool) -> None:
    write_results(tmp_path, width=width, stress=True)
    found = results(tmp_path, 2, stress=True)
    assert found["free_energy"] == pytest.approx(ENERGY * Hartree)
    assert found["energy"] == pytest.approx((ENERGY - (ENTROPIC / 2 if width else 0)) * Hartree)
    assert found["forces"] == pytest.approx(np.array(FORCES) * Hartree / Bohr)
    assert found["stress"] == pytest.approx(-np.array([1, 2, 3, 6, 5, 4]) * Hartree / Bohr**3)


@pytest.mark.parametrize("missing", ["</forces>", "JOB DONE", "stress"])
def test_an_output_that_is_cut_off_is_no_number(tmp_path: Path, missing: str) -> None:
    write_results(tmp_path, stress=missing != "stress")
    for file in (tmp_path / "pw.out", tmp_path / "azibflow.save" / "data-file-schema.xml"):
        file.write_text(file.read_text().partition(missing)[0])
    with pytest.raises(CalculationError, match="ended without energy and forces"):
        results(tmp_path, 2, stress=True)


@pytest.mark.parametrize(
    ("script", "error", "said"),
    [
        ("exit 137", OutOfMemoryError, "killed, most likely for want of memory"),
        (
            "printf '\\n %%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%\\n     Error in routine cdiaghg (1):\\n     "
            "S matrix not positive definite\\n %%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%\\n'; exit 1",
            CalculationError,
            "exit status 1.*it says: Error in routine cdiaghg .1.: S matrix not positive definite$",
        ),
        ("exit 0", CalculationError, "ended without energy and forces"),
        (
            "echo '     convergence NOT achieved after  60 iterations: stopping'; exit 2",
            ScfNotConvergedError,
            "did not converge in 60 iterations.*try smearing",
        ),
        (
            "echo '     convergence NOT achieved after  60 iterations: stopping'; echo JOB DONE",
            ScfNotConvergedError,
            "did not converge in 60 iterations",
        ),
    ],
)
def test_a_run_that_fails_says_how(
    stand_in: Callable[[str], None], script: str, error: type[Exception], said: str
) -> None:
    stand_in(script)
    atoms = hydrogen()
    atoms.calc = CodeCalculator(Espresso(EspressoSpec()), "espresso")
    with pytest.raises(error, match=said):
        atoms.get_potential_energy()


def test_the_next_geometry_begins_with_what_the_last_has_left_and_another_cell_does_not(
    stand_in: Callable[[str], None], tmp_path: Path
) -> None:
    (tmp_path / "made").mkdir()
    write_results(tmp_path / "made")
    stand_in(f"cp -r {tmp_path}/made/azibflow.save . ; cat {tmp_path}/made/pw.out")
    atoms = hydrogen()
    atoms.calc = CodeCalculator(Espresso(EspressoSpec(kpoints=(1, 1, 1))), "espresso")
    begins = []
    for change in (lambda: None, lambda: atoms.rattle(0.1), lambda: atoms.set_cell([7, 6, 6])):
        change()
        assert atoms.get_potential_energy() == pytest.approx(ENERGY * Hartree)
        begins.append("startingpot = 'file'" in (tmp_path / "pw.in").read_text())
    assert begins == [False, True, False]


def test_what_a_killed_run_has_left_half_written_begins_none(stand_in: Callable[[str], None], tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    write_results(tmp_path / "made")
    stand_in(
        "grep -q startingpot pw.in && grep -q half azibflow.save/charge-density.dat && exit 2\n"
        f"cp -r {tmp_path}/made/azibflow.save . ; echo half > azibflow.save/charge-density.dat; echo '{PRINTED}'"
    )
    atoms = hydrogen()
    atoms.calc = CodeCalculator(Espresso(EspressoSpec()), "espresso")
    atoms.get_potential_energy()
    atoms.rattle(0.1)
    assert atoms.get_potential_energy() == pytest.approx(ENERGY * Hartree)


def test_what_is_not_installed_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("AZIBFLOW_COMMAND_ESPRESSO", raising=False)
    assert "say by the variable AZIBFLOW_COMMAND_ESPRESSO how it is started" in EspressoSpec.missing()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"functional": "hse"}, "functional: must be 'pbe', 'pbesol' or 'lda', not 'hse'"),
        ({"density_ratio": 2}, "density_ratio: must be at least 4, not 2"),
        ({"pseudopotentials": {"Xx": "a.UPF"}}, "'Xx' is no chemical symbol"),
        ({"mixing": 1.5}, "mixing: must be at most 1"),
    ],
)
def test_bad_specs_say_what(changed: dict, message: str) -> None:
    with pytest.raises(CapabilityError, match=message):
        parse_spec({"kind": "espresso"} | changed)
