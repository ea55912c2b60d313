"""What the instructions of the processor are worth to an SCF of PySCF: as loaded here, beside PySCF's own choice.

[Zn(H2O)6]2+, PBE0/def2-TZVP, octahedral start geometry, one thread; processor time, in turn. Run as
``python benchmarks/pyscf_blas.py``.
"""

import os
import resource
import statistics
import subprocess
import sys

SYSTEM = "[Zn(H2O)6]2+"
REPEATS = 3
CORE_TYPE = "OPENBLAS_CORETYPE"


def scf() -> None:
    """Converge a field; print its energy and the processor time of it."""
    from azibflow.calculators.dft.molecule import build_molecule
    from azibflow.calculators.dft.scf import mean_field
    from azibflow.calculators.specs import PyscfSpec
    from azibflow.structures.clusters import cluster

    spec = PyscfSpec.model_validate({"functional": "pbe0", "basis": "def2-tzvp", "memory": 8000})
    field = mean_field(build_molecule(cluster(SYSTEM), spec.energy), spec.energy, spec)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    field.kernel()
    print(field.e_tot, resource.getrusage(resource.RUSAGE_SELF).ru_utime - before)


def measured(bundled_choice: bool) -> tuple[float, float]:
    """Return energy, hartree, and processor time, s, of a process of its own."""
    environment = {key: value for key, value in os.environ.items() if key != CORE_TYPE}
    if bundled_choice:
        environment[CORE_TYPE] = "Prescott"  # what OpenBLAS 0.3.3 takes an EPYC for
    command = [sys.executable, __file__, "scf"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    energy, seconds = done.stdout.split()
    return float(energy), float(seconds)


def main() -> None:
    """Print both times and their ratio."""
    pairs = [(measured(True), measured(False)) for _ in range(REPEATS)]
    own, here = (statistics.median(pair[side][1] for pair in pairs) for side in (0, 1))
    apart = max(abs(first[0] - second[0]) for first, second in pairs)
    print(f"PySCF's own choice: {own:.1f} s, as loaded here: {here:.1f} s, median of {REPEATS}")
    print(f"ratio {statistics.median(a[1] / b[1] for a, b in pairs):.2f}; energies agree to {apart:.0e} hartree")


if __name__ == "__main__":
    scf() if "scf" in sys.argv else main()
