"""From a converged density to an electrostatic potential map: this package beside PySCF's ``cubegen.mep``.

[Zn(H2O)6]2+, PBE0/def2-SVP, octahedral start geometry, one thread for both; processor time, which other work on the
machine disturbs least. Run as ``python benchmarks/esp.py``.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

SYSTEM = "[Zn(H2O)6]2+"
DEFAULT_GRID = 80
SMALL_GRID = 20
REPEATS = 3


def converged(path: Path) -> None:
    """Converge the density and keep it in a file."""
    from azibflow.calculators.dft.molecule import build_molecule
    from azibflow.calculators.dft.scf import mean_field
    from azibflow.calculators.specs import PyscfSpec
    from azibflow.structures.clusters import cluster

    spec = PyscfSpec.model_validate({"functional": "pbe0", "basis": "def2-svp"})
    field = mean_field(build_molecule(cluster(SYSTEM), spec.energy), spec.energy, spec)
    field.kernel()
    np.savez(path, molecule=field.mol.dumps(), density=field.make_rdm1())


def load(path: Path):
    """Return molecule and density."""
    from pyscf import gto

    with np.load(path) as kept:
        return gto.loads(str(kept["molecule"])), kept["density"]


def own(path: Path) -> None:
    """Print seconds, points, seconds of the potential alone, memory in MB and the error of the fit."""
    # As those of the peer, libraries are loaded before the clock starts.
    import scipy.linalg
    import scipy.spatial  # noqa: F401
    import skimage.measure  # noqa: F401

    from azibflow.calculators.esp.potential import FittedPotential
    from azibflow.calculators.esp.surface import SAMPLES, esp_surface

    molecule, density = load(path)
    began = time.process_time()
    surface = esp_surface(molecule, density)
    whole = time.process_time() - began
    points = surface.vertices / 0.529177210903
    began = time.process_time()
    FittedPotential(molecule, density, points[:: len(points) // SAMPLES])(points)
    potential = time.process_time() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    error = surface.statistics.fit_error
    print(whole, len(points), potential, memory, error.rms, error.largest)


def peer(path: Path) -> None:
    """Print the seconds of ``cubegen.mep`` on a small grid over its default box."""
    from pyscf.tools import cubegen

    molecule, density = load(path)
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        cubegen.mep(molecule, f"{folder}/mep.cube", density, nx=SMALL_GRID, ny=SMALL_GRID, nz=SMALL_GRID)
        print(time.process_time() - began)


def measured(task: str, path: Path) -> list[list[float]]:
    """Run a task several times, each in a process of its own."""
    runs = []
    for _ in range(REPEATS):
        command = [sys.executable, __file__, task, str(path)]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        runs.append([float(word) for word in output.split()])
    return runs


def main() -> None:
    """Measure and print."""
    from pyscf import __version__

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "density.npz"
        print(f"{SYSTEM}, PBE0/def2-SVP: converging the density (about a minute)", flush=True)
        converged(path)
        ours, theirs = measured("own", path), measured("peer", path)
    whole, points, potential, memory, rms, largest = (statistics.median(column) for column in zip(*ours, strict=True))
    small = statistics.median(run[0] for run in theirs)
    per_point = small / SMALL_GRID**3
    full = per_point * DEFAULT_GRID**3
    print(f"density to surface and statistics: {whole:.2f} s, {points:.0f} points, at most {memory:.0f} MB")
    print(f"  error of the fitted potential: RMS {rms:.3f}, largest {largest:.3f} kcal/mol")
    print(f"cubegen.mep of PySCF {__version__}: {small:.1f} s on {SMALL_GRID}^3 points of its default box;")
    print(f"  extrapolated to its default {DEFAULT_GRID}^3: {full:.0f} s")
    print(f"ratio, whole map against its default cube: {full / whole:.0f} (at least 300 wanted)")
    same = per_point * points / potential
    print(f"ratio, potential at the same {points:.0f} points: {same:.0f} (at least 10 wanted)")


if __name__ == "__main__":
    {"own": own, "peer": peer}[sys.argv[1]](Path(sys.argv[2])) if len(sys.argv) == 3 else main()
