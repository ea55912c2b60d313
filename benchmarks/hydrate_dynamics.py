"""Does a surrogate keep the six waters of Zn2+? Molecular dynamics of [Zn(H2O)6]2+ at 300 K for 20 ps.

    python benchmarks/hydrate_dynamics.py [CARD [PICOSECONDS]]

Langevin thermostat, 0.5 fs per step, fixed seed. Prints every picosecond the temperature, the longest Zn-O and O-H
distance so far, and the force deviation of the committee; exits with 1 when a water left
(Zn-O beyond 3 angstrom) or fell apart.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from ase import units
from ase.md.langevin import Langevin
from ase.md.velocitydistribution import MaxwellBoltzmannDistribution

from azibflow.calculators.factory import make_calculator
from azibflow.calculators.specs import SurrogateSpec
from azibflow.calculators.surrogates.trust import assess
from azibflow.structures.clusters import cluster

TIMESTEP = 0.5
"""fs"""
LEFT = 3.0
"""A Zn-O distance beyond this, angstrom, is a water that left; the first shell is at 2.1, the second at 4.2."""
BROKEN = 1.3
"""An O-H distance beyond this, angstrom, is a broken molecule."""


def main(card: str = "zn-water", picoseconds: float = 20.0) -> int:
    """Run and print; returns the exit status."""
    spec = SurrogateSpec(card=card)
    atoms = cluster("[Zn(H2O)6]2+")
    atoms.calc = make_calculator(spec)
    generator = np.random.default_rng(1)
    MaxwellBoltzmannDistribution(atoms, temperature_K=300.0, rng=generator)
    dynamics = Langevin(
        atoms, TIMESTEP * units.fs, temperature_K=300.0, friction=0.01 / units.fs, fixcm=False, rng=generator
    )
    zinc = atoms.get_chemical_symbols().index("Zn")
    oxygen = [i for i, symbol in enumerate(atoms.get_chemical_symbols()) if symbol == "O"]
    hydrogen = [i for i, symbol in enumerate(atoms.get_chemical_symbols()) if symbol == "H"]
    farthest, longest_bond, temperatures = 0.0, 0.0, []
    began = time.perf_counter()
    for picosecond in range(1, round(picoseconds) + 1):
        for _ in range(round(100 / TIMESTEP)):
            dynamics.run(10)
            distances = atoms.get_all_distances()
            farthest = max(farthest, float(distances[zinc, oxygen].max()))
            longest_bond = max(longest_bond, float(distances[np.ix_(hydrogen, oxygen)].min(axis=1).max()))
            temperatures.append(atoms.get_temperature())
        trust = assess(spec, atoms)
        assert trust is not None  # a surrogate has a committee
        print(
            f"{picosecond:3d} ps  {np.mean(temperatures):5.0f} K on average  longest Zn-O {farthest:.2f}, longest O-H "
            f"{longest_bond:.2f} angstrom  force deviation {trust.force_deviation:.3f} of {trust.largest_known:.3f} "
            f"eV/angstrom  surroundings {trust.distance:.1f} of {trust.farthest_known:.1f}  "
            f"{time.perf_counter() - began:.0f} s",
            flush=True,
        )
    kept = farthest < LEFT and longest_bond < BROKEN
    print(f"[Zn(H2O)6]2+ by {card}: {'all six waters kept' if kept else 'NOT kept'} for {picoseconds:g} ps at 300 K")
    return 0 if kept else 1


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sys.exit(main(*arguments[:1], *(float(word) for word in arguments[1:])))
