"""Bands over steep, narrow tops: two bonds of an atom, one broken and one made, whose energies cross."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes

from azibflow.calculators.bands import barrier, minimum_energy_path
from azibflow.calculators.climbing import Watch
from azibflow.calculators.relaxation import relax

STIFF, SOFT, COUPLING = 20.0, 0.3, 0.1


class TwoBonds(Calculator):
    """The lower of two coupled harmonic states, 1 angstrom apart in x, their partners ``apart`` in y.

    Args:
        stiff: force constant of the bond, eV/angstrom^2.
        apart: distance of the two minima along the soft direction, angstrom.
    """

    implemented_properties = ("energy", "forces")

    def __init__(self, stiff: float, apart: float) -> None:
        super().__init__()
        self.stiff, self.apart = stiff, apart

    def calculate(self, atoms: Any = None, properties: Any = ("energy",), system_changes: Any = all_changes) -> None:
        super().calculate(atoms, properties, system_changes)
        place, constants = atoms.positions[0], np.array([self.stiff, SOFT, 20.0])
        centre = np.array([0.5, self.apart / 2, 0.0])
        pulls = [constants * (place - sign * centre) for sign in (-1, 1)]
        one, other = ((constants * (place - sign * centre) ** 2).sum() / 2 for sign in (-1, 1))
        split = np.hypot((one - other) / 2, COUPLING)
        slope = (pulls[0] + pulls[1]) / 2 - (one - other) / split * (pulls[0] - pulls[1]) / 4
        self.results = {"energy": (one + other) / 2 - split, "forces": -slope[None]}

    @property
    def exact(self) -> float:
        """Barrier by hand: halfway, where both states have one energy, above a minimum, eV."""
        halfway = (self.stiff * 0.5**2 + SOFT * (self.apart / 2) ** 2) / 2
        other = 4 * halfway  # the second state's energy at the minimum of the first
        return halfway - COUPLING - (other / 2 - np.hypot(other / 2, COUPLING))


@pytest.mark.parametrize(
    ("stiff", "apart", "images"), [(STIFF, 2.0, 3), (40.0, 2.0, 3), (60.0, 2.0, 3), (STIFF, 4.0, 5), (60.0, 4.0, 5)]
)
def test_a_climbing_image_that_runs_away_goes_back_and_climbs_slowly(stiff: float, apart: float, images: int) -> None:
    """After 300 moves the first had ended 2,650 eV above the saddle, the second nowhere; the others had arrived too."""
    potential = partial(TwoBonds, stiff, apart)
    ends = []
    for sign in (-1, 1):
        atom = Atoms("H", positions=[[sign * 0.5, sign * apart / 2, 0]], cell=[20] * 3, pbc=True)
        ends.append(relax(atom, potential(), fmax=1e-3).atoms)
    band = minimum_energy_path(*ends, potential, images=images)
    assert band.converged
    assert barrier(band).kind == "climbing image"
    assert barrier(band).forward == pytest.approx(potential().exact, abs=2e-3)
    assert band.iterations < 60


def test_it_begins_again_from_the_point_of_least_force_and_says_so(monkeypatch, caplog) -> None:
    caplog.set_level("INFO", "azibflow")
    seen: list[float] = []
    trouble = Watch.trouble
    monkeypatch.setattr(Watch, "trouble", lambda self, move, fmax: seen.append(fmax) or trouble(self, move, fmax))
    test_a_climbing_image_that_runs_away_goes_back_and_climbs_slowly(STIFF, 2.0, 3)
    grown = next(i for i, force in enumerate(seen) if force > Watch.GROWN * min(seen[: i + 1]))
    assert seen[grown + 1] == pytest.approx(min(seen[:grown]), rel=1e-3)
    assert [record.getMessage() for record in caplog.records].count("FIRE takes over from BFGS") == 1
