"""What VASP is told and what is made of its output; VASP itself is not run by these tests, since it is licensed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111
from ase.units import GPa
from pymatgen.io.vasp import Incar, Kpoints, Poscar
from vasp_output import ENERGIES, FORCES, vasprun

from azibflow.calculators.codes.calculator import CodeCalculator
from azibflow.calculators.codes.vasp import Vasp, by_element, results, vasp_input
from azibflow.calculators.factory import identity, record
from azibflow.calculators.specs import VaspSpec
from azibflow.errors import CalculationError, CapabilityError, OutOfMemoryError, ScfNotConvergedError

VALENCE = {"Zn": 12.0, "O": 6.0, "Mn": 7.0, "Mn_pv": 13.0, "Cu": 11.0}


@pytest.fixture(autouse=True)
def potentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, electrons in VALENCE.items():
        folder = tmp_path / "potpaw_PBE" / name
        folder.mkdir(parents=True)
        (folder / "POTCAR").write_text(f"  PAW_PBE {name} 01Jan2000\n   POMASS = 1.0; ZVAL   = {electrons:.3f}\n")
    monkeypatch.setenv("VASP_PP_PATH", str(tmp_path))
    monkeypatch.setenv("AZIBFLOW_COMMAND_VASP", "true")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(spec: VaspSpec, atoms: Atoms) -> Incar:
    return Incar.from_str(vasp_input(spec, atoms[by_element(atoms)])["INCAR"])


def test_the_input_of_an_oxide_is_what_a_user_of_vasp_would_write() -> None:
    oxide = bulk("MnO", "rocksalt", a=4.44, cubic=True)
    spec = VaspSpec(moments={"Mn": 5.0}, hubbard={"Mn": 3.9}, potentials={"Mn": "Mn_pv"}, kspacing=0.3)
    files = vasp_input(spec, oxide[by_element(oxide)])
    assert dict(Incar.from_str(files["INCAR"])) == {
        "GGA": "Pe",
        "PREC": "Accurate",
        "ENCUT": 520.0,
        "EDIFF": 1e-6,
        "NELM": 100,
        "ALGO": "Normal",
        "ISMEAR": 0,
        "SIGMA": 0.05,
        "IBRION": -1,
        "NSW": 0,
        "ISIF": 2,
        "ISYM": 0,
        "LREAL": False,
        "LASPH": True,
        "LWAVE": True,
        "LCHARG": False,
        "ISPIN": 2,
        "MAGMOM": [5.0] * 4 + [0.0] * 4,
        "LDAU": True,
        "LDAUTYPE": 2,
        "LDAUL": [2, -1],
        "LDAUU": [3.9, 0],
        "LDAUJ": [0, 0],
        "LMAXMIX": 4,
    }
    mesh = Kpoints.from_str(files["KPOINTS"])
    assert (mesh.style.name, mesh.kpts) == ("Gamma", [(5, 5, 5)])
    structure = Poscar.from_str(files["POSCAR"]).structure
    assert [site.specie.symbol for site in structure] == ["Mn"] * 4 + ["O"] * 4
    assert structure.lattice.a == pytest.approx(4.44)
    assert files["POTCAR"].split()[1::8] == ["Mn_pv", "O"] or "PAW_PBE Mn_pv" in files["POTCAR"].splitlines()[0]


def test_metals_slabs_charges_and_multiplicities() -> None:
    metal = told(VaspSpec(smearing=0.1), bulk("Cu"))
    assert (metal["ISMEAR"], metal["SIGMA"]) == (-1, 0.1)
    assert "ISPIN" not in metal
    slab = told(VaspSpec(smearing=0.1), fcc111("Cu", (1, 1, 3), vacuum=8.0, periodic=True))
    assert (slab["LDIPOL"], slab["IDIPOL"]) == (True, 3)
    charged = bulk("ZnO", "wurtzite", a=3.25, c=5.2)
    charged.info.update(charge=2, spin=3)
    charged.set_initial_magnetic_moments([1.0, 0, 0, 0])
    keys = told(VaspSpec(), charged)
    assert keys["NELECT"] == 2 * (12 + 6) - 2
    assert keys["NUPDOWN"] == 2


def test_forces_go_back_to_where_the_atoms_were(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stand_in = tmp_path / "stand-in"
    (tmp_path / "answer.xml").write_text(vasprun())
    stand_in.write_text(f"#!/bin/sh\ncp {tmp_path}/answer.xml vasprun.xml\n")
    stand_in.chmod(0o755)
    monkeypatch.setenv("AZIBFLOW_COMMAND_VASP", str(stand_in))
    atoms = Atoms("ZnO", positions=[[0, 0, 0], [1.5, 1.5, 1.5]], cell=[3, 3, 3], pbc=True)
    atoms.calc = CodeCalculator(Vasp(VaspSpec()), "vasp")
    assert atoms.get_potential_energy() == pytest.approx(ENERGIES["e_0_energy"])
    assert atoms.get_potential_energy(force_consistent=True) == pytest.approx(ENERGIES["e_fr_energy"])
    np.testing.assert_allclose(atoms.get_forces(), FORCES)
    np.testing.assert_allclose(atoms.get_stress(), -0.1 * GPa * np.array([1, 2, 3, 6, 5, 4]))
    mixed = Atoms("OZnO", positions=[[0, 0, 0], [1, 1, 1], [2, 2, 2]])
    assert by_element(mixed) == [0, 2, 1]


def test_an_scf_that_did_not_converge_is_no_number(tmp_path: Path) -> None:
    output = tmp_path / "vasprun.xml"
    output.write_text(vasprun(steps=60, most=60))
    with pytest.raises(ScfNotConvergedError, match="did not converge in 60 steps"):
        results(output, 2)


@pytest.mark.parametrize("kept", [0.0, 0.5, 0.97])
def test_an_aborted_run_is_no_number(tmp_path: Path, kept: float) -> None:
    output, whole = tmp_path / "vasprun.xml", vasprun()
    output.write_text(whole[: int(kept * len(whole))])
    with pytest.raises(CalculationError, match="without energy and forces"):
        results(output, 2)


def test_a_run_that_was_killed_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stand_in = tmp_path / "stand-in"
    stand_in.write_text("#!/bin/sh\nexit 137\n")
    stand_in.chmod(0o755)
    monkeypatch.setenv("AZIBFLOW_COMMAND_VASP", str(stand_in))
    atoms = Atoms("Zn", cell=[3, 3, 3], pbc=True)
    atoms.calc = CodeCalculator(Vasp(VaspSpec()), "vasp")
    with pytest.raises(OutOfMemoryError, match="killed"):
        atoms.get_potential_energy()


def test_a_missing_potential_is_named_before_anything_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    VaspSpec().check(Atoms("Zn"))
    with pytest.raises(CapabilityError, match=r"there is no .*V/POTCAR; potentials: \{V: NAME\} names another"):
        VaspSpec().check(Atoms("V"))
    monkeypatch.delenv("VASP_PP_PATH")
    with pytest.raises(CapabilityError, match="VASP_PP_PATH has to name the folder in which potpaw_PBE is"):
        VaspSpec().check(Atoms("Zn"))


def test_results_tell_potentials_apart(potentials: Path) -> None:
    (first,) = record(VaspSpec()).weights
    assert first.name == "potentials of potpaw_PBE"
    (other,) = record(VaspSpec(potentials={"Mn": "Mn_pv"})).weights
    assert other.sha256 != first.sha256, "another potential is another result"
    (potentials / "potpaw_PBE" / "Zn_GW").mkdir()
    (potentials / "potpaw_PBE" / "Zn_GW" / "POTCAR").write_text("of no calculation")
    assert record(VaspSpec()).weights == (first,)
    (potentials / "potpaw_PBE" / "Zn" / "POTCAR").write_text("of a later release")
    assert record(VaspSpec()).weights[0].sha256 != first.sha256
    assert identity(VaspSpec()) != identity(VaspSpec(potentials={"Mn": "Mn_pv"}))
