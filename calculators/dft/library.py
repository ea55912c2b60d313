"""PySCF's linear algebra, loaded with the instructions that the processor has.

The wheels of PySCF bring an OpenBLAS of 2018 along. On a processor that it does not know, as an EPYC of 2021, it falls
back to the instructions of 2004, and an SCF takes twice as long (``benchmarks/pyscf_blas.py``).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

CORE_TYPE = "OPENBLAS_CORETYPE"
"""Variable by which OpenBLAS is told what processor it is on; it looks when it is loaded."""

NEEDED = frozenset({"avx2", "fma"})
"""Instructions of the youngest processor that the OpenBLAS of 2018 has products for and that all later ones have."""


def load_pyscf() -> None:
    """Import PySCF; called before anything of it is imported.

    The variable is set for the import alone: programs that are started later have libraries of their own. One that the
    user has set stays.
    """
    if "pyscf" in sys.modules:
        return
    told = CORE_TYPE in os.environ
    if not told and processor_flags() >= NEEDED:
        os.environ[CORE_TYPE] = "Haswell"
    try:
        import pyscf.lib  # noqa: F401
    finally:
        if not told:
            os.environ.pop(CORE_TYPE, None)


def processor_flags(cpuinfo: Path = Path("/proc/cpuinfo")) -> frozenset[str]:
    """Return the instruction sets of the processor as Linux names them; none elsewhere.

    Args:
        cpuinfo: what Linux says of the processor.
    """
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    return frozenset(next((line.partition(":")[2] for line in lines if line.startswith("flags")), "").split())
