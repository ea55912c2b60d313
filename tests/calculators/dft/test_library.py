"""PySCF's linear algebra uses what the processor has, and nothing else hears of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from azibflow.calculators.dft.library import CORE_TYPE, NEEDED, processor_flags

ENERGY = """
import ctypes, os
from ase import Atoms
from azibflow.calculators.factory import make_calculator
from azibflow.calculators.specs import PyscfSpec
spec = PyscfSpec.model_validate({"functional": "hf", "basis": "sto-3g", "dispersion": None})
hydrogen = Atoms("H2", positions=[[0, 0, 0], [0, 0, 0.74]], info={"charge": 0, "spin": 1})
hydrogen.calc = make_calculator(spec)
hydrogen.get_potential_energy()
loaded = {line.split()[-1] for line in open("/proc/self/maps") if "pyscf" in line and "openblas" in line}
name = ctypes.CDLL(loaded.pop()).openblas_get_corename
name.restype = ctypes.c_char_p
print(name().decode(), os.environ.get("OPENBLAS_CORETYPE"))
"""


def core_and_variable(**environment: str) -> list[str]:
    """Return what PySCF's OpenBLAS takes the processor for, and the variable that is left."""
    clean = {key: value for key, value in os.environ.items() if key != CORE_TYPE}
    done = subprocess.run(
        [sys.executable, "-c", ENERGY], env=clean | environment, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


@pytest.mark.skipif(not processor_flags() >= NEEDED, reason="an old processor, or no Linux")
def test_pyscf_multiplies_with_the_instructions_of_the_processor() -> None:
    """Left to itself it takes an EPYC of 2021 for a Prescott."""
    assert core_and_variable() == ["Haswell", "None"]


@pytest.mark.skipif(not processor_flags() >= NEEDED, reason="an old processor, or no Linux")
def test_what_the_user_has_set_stays() -> None:
    assert core_and_variable(OPENBLAS_CORETYPE="Nehalem") == ["Nehalem", "Nehalem"]


def test_flags_are_those_of_the_first_processor(tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("model name\t: AMD EPYC\nflags\t\t: fpu avx2 fma\nmodel name\t: AMD EPYC\nflags\t\t: fpu\n")
    assert processor_flags(cpuinfo) == {"fpu", "avx2", "fma"}
    cpuinfo.write_text("processor\t: 0\nFeatures\t: fp asimd\n")
    assert processor_flags(cpuinfo) == set()
    assert processor_flags(tmp_path / "missing") == set()
