"""Measures what GPAW and CP2K cost on this machine, for the estimates of `--dry-run`.

    python benchmarks/dft_costs.py FILE [WORD ...]

with OMP_NUM_THREADS=1; some twenty minutes for all of them, each on one core. WORDs choose systems that have one of
them in their name. Points that FILE has already are kept; name it by `costs` of a machine profile, or put it where
`azibflow run --dry-run` looks for it (docs/periodic-dft.md).
"""

from __future__ import annotations

import json
import os
import platform
import shlex
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from ase import Atoms
from ase.build import bulk, molecule

from azibflow.calculators.codes.gpaw import facts
from azibflow.calculators.costs.measured import MeasuredCosts, MeasuredPoint, read_costs
from azibflow.calculators.factory import make_calculator
from azibflow.calculators.specs import AnySpec, Cp2kSpec, GpawSpec
from azibflow.structures.clusters import cluster
from azibflow.structures.prototypes import prototype

Build = Callable[[], Atoms]


def manganese_oxide() -> Atoms:
    """Rocksalt MnO, ferromagnetic."""
    return bulk("MnO", "rocksalt", a=4.44)


def crystal(name: str, *repeats: int) -> Build:
    """Return what builds a prototype, repeated."""
    return lambda: prototype(name).repeat(repeats or (1, 1, 1))


def salt(name: str, constant: float, *repeats: int) -> Build:
    """Return what builds a rocksalt crystal of eight atoms, repeated; of two without repeats."""
    if not repeats:
        return lambda: bulk(name, "rocksalt", a=constant)
    return lambda: bulk(name, "rocksalt", a=constant, cubic=True).repeat(repeats)


def boxed(name: str, length: float) -> Build:
    """Return what builds a molecule in a cube, angstrom."""
    return lambda: molecule(name, cell=[length] * 3, pbc=True)


def hexahydrate() -> Atoms:
    """Zinc with six waters in a box."""
    atoms = cluster("[Zn(H2O)6]2+")
    atoms.set_cell([12.0] * 3)
    atoms.pbc = True
    atoms.center()
    return atoms


GAMMA = Cp2kSpec(kpoints=(1, 1, 1))
SYSTEMS: dict[str, tuple[Build, AnySpec]] = {
    "gpaw LiH": (salt("LiH", 4.08), GpawSpec(kspacing=0.4)),
    "gpaw MgO": (salt("MgO", 4.21), GpawSpec(kspacing=0.35)),
    "gpaw MgO, 800 eV": (salt("MgO", 4.21), GpawSpec(kspacing=0.35, cutoff=800)),
    "gpaw MgO, cubic": (salt("MgO", 4.21, 1, 1, 1), GpawSpec(kspacing=0.5)),
    "gpaw Zn": (crystal("Zn"), GpawSpec(kspacing=0.35, smearing=0.1)),
    "gpaw Cu, cubic": (crystal("Cu"), GpawSpec(kspacing=0.5, smearing=0.1)),
    "gpaw MnO, spins": (manganese_oxide, GpawSpec(kspacing=0.6, moments={"Mn": 5.0}, smearing=0.1)),
    "gpaw Fe, spins": (lambda: bulk("Fe", a=2.87), GpawSpec(kspacing=0.8, moments={"Fe": 2.3}, smearing=0.1)),
    "gpaw Ni, spins": (lambda: bulk("Ni", a=3.52), GpawSpec(kspacing=0.6, moments={"Ni": 0.7}, smearing=0.1)),
    "gpaw O2, spins": (boxed("O2", 7.0), GpawSpec(moments={"O": 1.0})),
    "gpaw NiO, spins": (salt("NiO", 4.18), GpawSpec(kspacing=0.9, moments={"Ni": 2.0}, smearing=0.1)),
    "gpaw ZnO": (crystal("ZnO"), GpawSpec(kspacing=0.6)),
    "gpaw graphene": (crystal("graphene", 2, 2, 1), GpawSpec(kspacing=0.8, smearing=0.1)),
    "gpaw TiO2": (crystal("TiO2"), GpawSpec(kspacing=0.9)),
    "gpaw V2O5": (crystal("alpha-V2O5"), GpawSpec(kspacing=0.9)),
    "gpaw V2O5, doubled": (crystal("alpha-V2O5", 1, 2, 1), GpawSpec(kspacing=2.0)),
    "cp2k water": (boxed("H2O", 8.0), GAMMA),
    "cp2k methanol": (boxed("CH3OH", 9.0), GAMMA),
    "cp2k benzene": (boxed("C6H6", 10.0), GAMMA),
    "cp2k hexahydrate": (hexahydrate, GAMMA),
    "cp2k LiH": (salt("LiH", 4.08, 1, 1, 1), GAMMA),
    "cp2k MgO": (salt("MgO", 4.21, 1, 1, 1), GAMMA),
    "cp2k TiO2": (crystal("TiO2"), GAMMA),
    "cp2k V2O5": (crystal("alpha-V2O5"), GAMMA),
}
"""By code and name."""
USED = Path(tempfile.gettempdir()) / f"dft-costs-{os.getpid()}.json"
"""What the last program used."""
STEP = 0.02
"""How far the second geometry is from the first, angstrom in each coordinate at random."""


def measured(name: str, build: Build, spec: AnySpec) -> MeasuredPoint:
    """Compute two geometries of a system in a scratch folder."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="dft-costs-") as folder:
        os.chdir(folder)
        try:
            atoms = build()
            atoms.rattle(0.01, seed=1)
            atoms.calc = make_calculator(spec)
            atoms.get_forces()
            first = used()
            atoms.rattle(STEP, seed=2)
            atoms.get_forces()
            following = used()
        finally:
            os.chdir(here)
        disk = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file()) / 1e6
    return MeasuredPoint(
        system=name,
        size=spec.size(atoms),
        seconds=first["seconds"],
        next_seconds=following["seconds"],
        memory=max(first["memory"], following["memory"]),
        disk=disk,
    )


def used() -> dict[str, float]:
    """Read what the last run of a code used."""
    found: dict[str, float] = json.loads(USED.read_text(encoding="utf-8"))
    return found


def start_measuring(usual: dict[str, str]) -> None:
    """Let codes be started through the program that measures them."""
    wrapper = Path(__file__).resolve().with_name("resources_used.py")
    for code, program in usual.items():
        variable = f"AZIBFLOW_COMMAND_{code}"
        command = os.environ.get(variable, program)
        os.environ[variable] = f"{shlex.join([sys.executable, str(wrapper), str(USED)])} {command}"


def processor() -> str:
    """Name the processor of this machine."""
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").is_file() else []:
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def main(file: str, *words: str) -> None:
    """Measure what is asked for, and write after each."""
    path = Path(file)
    known = {point.system: point for point in read_costs(path).points} if path.is_file() else {}
    start_measuring({"GPAW": "gpaw python", "CP2K": "cp2k"})
    for name, (build, spec) in SYSTEMS.items():
        if name in known or (words and not any(word in name for word in words)):
            continue
        print(f"{name} ...", flush=True)
        known[name] = point = measured(name, build, spec)
        times = f"{point.seconds:.1f} s, then {point.next_seconds:.1f} s"
        print(f"  {times}, {point.memory:.0f} MB, {point.disk:.1f} MB kept", flush=True)
        costs = MeasuredCosts(
            machine=processor(),
            date=datetime.now(UTC).date().isoformat(),
            versions=versions(),
            points=[known[system] for system in SYSTEMS if system in known],
        )
        path.write_text(costs.model_dump_json(indent=1) + "\n", encoding="utf-8")


def versions() -> dict[str, str]:
    """Return the versions of the codes."""
    from azibflow.calculators.codes.cp2k import version

    return {"gpaw": str(facts()["gpaw"]), "cp2k": version()}


if __name__ == "__main__":
    main(*sys.argv[1:])
