"""What CP2K is told, and what is made of its output; the runs of a stand-in end as runs may end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111, molecule
from ase.units import Bohr, GPa, Hartree
from hypothesis import given
from hypothesis import strategies as st

from azibflow.calculators.codes.cp2k import cp2k_input, require_entry, results, written
from azibflow.calculators.codes.kpoints import mesh_by_spacing
from azibflow.calculators.factory import make_calculator
from azibflow.calculators.guard import check
from azibflow.calculators.specs import Cp2kSpec, parse_spec
from azibflow.errors import CalculationError, CapabilityError, OutOfMemoryError, ScfNotConvergedError

OUTPUT = """\
  *** SCF run converged in    13 steps ***
 ENERGY| Total FORCE_EVAL ( QS ) energy [a.u.]:               -1.500000000000000
 ATOMIC FORCES in [a.u.]

 # Atom   Kind   Element          X              Y              Z
      1      1      H           0.00028073    -0.00013865     0.50000000
      2      1      H          -0.00027989     0.00016122    -0.50000000
 SUM OF ATOMIC FORCES           0.00000106     0.00000822     0.00078577     0.00078581
 STRESS| Analytical stress tensor [GPa]
 STRESS|                        x                   y                   z
 STRESS|      x        1.00000000000E+00   4.00000000000E+00   5.00000000000E+00
 STRESS|      y        4.00000000000E+00   2.00000000000E+00   6.00000000000E+00
 STRESS|      z        5.00000000000E+00   6.00000000000E+00   3.00000000000E+00
 STRESS| 1/3 Trace                                             2.00000000000E+00
"""


def told(spec: Cp2kSpec, atoms: Atoms, restart: Path | None = None) -> str:
    return written(cp2k_input(spec, atoms, Path("/data"), restart, stress=False))


def hydrogen() -> Atoms:
    atoms = molecule("H2", cell=[6.0, 6.0, 6.0], pbc=True)
    atoms.center()
    atoms.info["charge"] = 0
    return atoms


def test_an_insulator_at_one_point_is_transformed_and_a_metal_diagonalised() -> None:
    text = told(Cp2kSpec(kpoints=(1, 1, 1)), hydrogen())
    assert "&OT" in text
    assert "KPOINTS" not in text
    assert "UKS" not in text
    copper = bulk("Cu", cubic=True)
    text = told(Cp2kSpec(smearing=0.1), copper)
    assert "&OT" not in text
    assert "SCHEME MONKHORST-PACK 7 7 7" in text
    assert "ELECTRONIC_TEMPERATURE [K] 1160.45" in text


def test_spins_of_one_element_are_kinds_of_their_own() -> None:
    oxide = bulk("MnO", "rocksalt", a=4.44, cubic=True)
    oxide.set_initial_magnetic_moments([5.0, 0, -5.0, 0, 5.0, 0, -5.0, 0])
    text = told(Cp2kSpec(hubbard={"Mn": 3.9}, kpoints=(1, 1, 1)), oxide)
    assert "&KIND Mn1" in text
    assert "&KIND Mn2" in text
    assert "MAGNETIZATION -5.0" in text
    assert "MULTIPLICITY 1\n" in text
    assert text.count("U_MINUS_J [eV] 3.9") == 2
    assert "Mn2 0.000000000000" in text
    by_element = told(Cp2kSpec(moments={"Mn": 5.0}, kpoints=(1, 1, 1)), bulk("MnO", "rocksalt", a=4.44, cubic=True))
    assert "MULTIPLICITY 21\n" in by_element


def test_a_slab_has_a_dipole_correction_and_one_point_across_its_vacuum() -> None:
    slab = fcc111("Cu", (1, 1, 3), vacuum=8.0, periodic=True)
    text = told(Cp2kSpec(smearing=0.1), slab)
    assert "SURFACE_DIPOLE_CORRECTION T" in text
    assert "SURF_DIP_DIR Z" in text
    assert "MONKHORST-PACK 12 12 1" in text
    assert "DIPOLE" not in told(Cp2kSpec(smearing=0.1), bulk("Cu"))


def test_the_next_geometry_begins_with_the_last_orbitals() -> None:
    assert "SCF_GUESS ATOMIC" in told(Cp2kSpec(), hydrogen())
    text = told(Cp2kSpec(), hydrogen(), Path("/run/azibflow-RESTART.wfn"))
    assert "SCF_GUESS RESTART" in text
    assert "WFN_RESTART_FILE_NAME azibflow-RESTART.wfn" in text


@given(st.floats(2.0, 5.9), st.integers(1, 4), st.floats(0.1, 0.8))
def test_a_repeated_cell_has_as_many_points_fewer(length: float, repeat: int, spacing: float) -> None:
    one = Atoms("H", cell=[length] * 3, pbc=True)
    many = one.repeat(repeat)
    points, fewer = mesh_by_spacing(one, spacing)[0], mesh_by_spacing(many, spacing)[0]
    assert points == 1 or 2 * np.pi / length / points <= spacing * (1 + 1e-6)
    assert fewer <= points <= fewer * repeat
    assert mesh_by_spacing(Atoms("H", cell=[length] * 3, pbc=[True, True, False]), spacing)[2] == 1


def test_the_output_is_read_in_ase_s_units(tmp_path: Path) -> None:
    output = tmp_path / "cp2k.out"
    output.write_text(OUTPUT)
    found = results(output, 2, stress=True)
    assert found["energy"] == pytest.approx(-1.5 * Hartree)
    assert found["forces"][0, 2] == pytest.approx(0.5 * Hartree / Bohr)
    assert found["stress"] == pytest.approx(-np.array([1, 2, 3, 6, 5, 4]) * GPa)


def test_later_versions_write_forces_otherwise(tmp_path: Path) -> None:
    output = tmp_path / "cp2k.out"
    head, rest = OUTPUT.split(" ATOMIC FORCES in")
    later = (
        " FORCES| Atomic forces [hartree/bohr]\n"
        " FORCES|   Atom     x               y               z               |f|\n"
        " FORCES|      1  2.80730000E-04 -1.38650000E-04  5.00000000E-01  5.00000000E-01\n"
        " FORCES|      2 -2.79890000E-04  1.61220000E-04 -5.00000000E-01  5.00000000E-01\n"
    )
    output.write_text(head + later + rest[rest.index(" STRESS|") :])
    assert results(output, 2, stress=False)["forces"][1, 2] == pytest.approx(-0.5 * Hartree / Bohr)


def test_an_scf_that_did_not_converge_is_no_number(tmp_path: Path) -> None:
    output = tmp_path / "cp2k.out"
    output.write_text(OUTPUT.replace("SCF run converged in    13 steps", "SCF run NOT converged"))
    with pytest.raises(ScfNotConvergedError, match="did not converge"):
        results(output, 2, stress=False)


def test_an_output_that_is_cut_off_is_no_number(tmp_path: Path) -> None:
    output = tmp_path / "cp2k.out"
    output.write_text(OUTPUT[: OUTPUT.index("      2      1")])
    with pytest.raises(CalculationError, match="without energy and forces"):
        results(output, 2, stress=False)


def test_an_element_without_basis_is_refused_with_those_that_there_are(program: Callable[[str], Path]) -> None:
    program("exit 0")
    with pytest.raises(CapabilityError, match="no DZVP-MOLOPT-SR-GTH for Zn; it has SZV-MOLOPT-SR-GTH"):
        check(Cp2kSpec(), Atoms("Zn", cell=[3, 3, 3], pbc=True, info={"charge": 0}))
    with pytest.raises(CapabilityError, match="nothing for it"):
        require_entry(Path("data/GTH_POTENTIALS"), "Xe", "GTH-PBE")
    check(Cp2kSpec(basis="SZV-MOLOPT-SR-GTH"), Atoms("Zn", cell=[3, 3, 3], pbc=True, info={"charge": 0}))


def test_u_with_k_points_is_refused(program: Callable[[str], Path]) -> None:
    program("exit 0")
    spec = Cp2kSpec(basis="SZV-MOLOPT-SR-GTH", hubbard={"Zn": 3.0})
    small, big = (Atoms("Zn", cell=[a, a, a], pbc=True, info={"charge": 0}) for a in (3, 30))
    with pytest.raises(CapabilityError, match=r"\+U with the k-points \(9, 9, 9\) is beyond CP2K"):
        check(spec, small)
    check(spec, big)


@pytest.mark.parametrize(
    ("script", "error", "said"),
    [
        ("exit 137", OutOfMemoryError, "killed, most likely for want of memory"),
        (
            "printf ' [ABORT]\\n *  Basis set not found  *\\n' > cp2k.out; exit 1",
            CalculationError,
            "Basis set not found",
        ),
        ("exit 0", CalculationError, "ended without energy and forces"),
        ("echo '*** SCF run NOT converged ***' > cp2k.out", ScfNotConvergedError, "try smearing"),
    ],
)
def test_a_run_that_fails_says_how(
    program: Callable[[str], Path], script: str, error: type[Exception], said: str
) -> None:
    program(script)
    atoms = hydrogen()
    atoms.calc = make_calculator(Cp2kSpec())
    with pytest.raises(error, match=said):
        atoms.get_potential_energy()


def test_what_is_not_installed_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("AZIBFLOW_COMMAND_CP2K", raising=False)
    assert "say by the variable AZIBFLOW_COMMAND_CP2K how it is started" in Cp2kSpec.missing()
    monkeypatch.setenv("AZIBFLOW_COMMAND_CP2K", "srun cp2k.psmp")
    assert "names no program that is here" in Cp2kSpec.missing()


def test_every_calculator_has_a_folder_of_its_own(program: Callable[[str], Path], tmp_path: Path) -> None:
    program(f"cat > cp2k.out <<'END'\n{OUTPUT}\nEND")
    for _ in range(2):
        atoms = hydrogen()
        atoms.calc = make_calculator(Cp2kSpec())
        assert atoms.get_potential_energy() == pytest.approx(-1.5 * Hartree)
    assert sorted(path.parent.name for path in tmp_path.glob("cp2k-*/cp2k.inp")) == ["cp2k-1", "cp2k-2"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"kind": "cp2k", "kpoints": [2, 2, 2], "kspacing": 0.2}, "kpoints and kspacing both say"),
        ({"kind": "cp2k", "functional": "b3lyp"}, "functional"),
        ({"kind": "cp2k", "moments": {"Xx": 1}}, "moments"),
        ({"kind": "cp2k", "smearing": 0}, "smearing"),
    ],
)
def test_bad_specs_say_what(value: dict, message: str) -> None:
    with pytest.raises(CapabilityError, match=message):
        parse_spec(value)


def test_a_spec_with_a_mesh_of_its_own_is_read_back_from_what_is_kept_of_it() -> None:
    spec = parse_spec({"kind": "cp2k", "kpoints": [2, 3, 4]})
    assert parse_spec(spec.model_dump(mode="json")) == spec


def test_a_multiplicity_that_the_moments_are_not_of_is_refused(program: Callable[[str], Path]) -> None:
    program("exit 0")
    atoms = hydrogen()
    atoms.info["spin"] = 3
    with pytest.raises(CapabilityError, match="multiplicity 3 wants initial moments that add up to 2, not 0"):
        check(Cp2kSpec(), atoms)
    atoms.set_initial_magnetic_moments([1.0, 1.0])
    check(Cp2kSpec(), atoms)


def test_orbitals_of_another_system_are_not_taken(program: Callable[[str], Path], tmp_path: Path) -> None:
    program(f"touch azibflow-RESTART.wfn; cat > cp2k.out <<'END'\n{OUTPUT}\nEND")
    atoms = hydrogen()
    atoms.calc = make_calculator(Cp2kSpec())
    atoms.get_potential_energy()
    atoms.positions[0, 2] += 0.1
    atoms.get_potential_energy()
    assert "SCF_GUESS RESTART" in (tmp_path / "cp2k-1" / "cp2k.inp").read_text()
    other = hydrogen()
    other.symbols[1] = "Zn"
    other.calc = atoms.calc
    other.get_potential_energy()
    assert "SCF_GUESS ATOMIC" in (tmp_path / "cp2k-1" / "cp2k.inp").read_text()
