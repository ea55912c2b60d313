"""What a molecule is turned, mirrored or written like changes nothing of its potential but the noise of the mesh."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import molecule

from azibflow.calculators.dft.calculator import PyscfCalculator
from azibflow.calculators.esp.statistics import surface_statistics
from azibflow.calculators.esp.surface import esp_surface
from azibflow.calculators.specs import PyscfSpec

SPEC = PyscfSpec.model_validate({"functional": "hf", "basis": "sto-3g"})
TURN = np.linalg.qr(np.random.default_rng(2).normal(size=(3, 3)))[0]
TURN = TURN * np.linalg.det(TURN)


def computed(atoms: Atoms):
    """Return the energy, eV, and the statistics at the default spacing."""
    calculator = PyscfCalculator(SPEC, stability="none")
    energy = calculator.get_potential_energy(atoms)
    field = calculator.solution.mean_field
    return energy, esp_surface(field.mol, field.make_rdm1()).statistics


@pytest.fixture(scope="module")
def alcohol():
    """Chiral as it stands: the hydroxyl group of ethanol turned out of the plane."""
    atoms = molecule("CH3CH2OH")
    atoms.set_dihedral(*(int(i) for i in _chain(atoms)), 65.0)
    return atoms, computed(atoms)


def _chain(atoms: Atoms) -> list[int]:
    """Return the indices of C, C, O and its H."""
    oxygen = atoms.get_chemical_symbols().index("O")
    order = np.argsort(atoms.get_distances(oxygen, range(len(atoms))))
    hydrogen, carbon = (next(i for i in order if atoms.symbols[i] == symbol) for symbol in ("H", "C"))
    other = next(i for i, symbol in enumerate(atoms.symbols) if symbol == "C" and i != carbon)
    return [other, carbon, oxygen, hydrogen]


@pytest.mark.parametrize(
    "change",
    [
        lambda atoms: atoms.positions @ TURN.T,
        lambda atoms: atoms.positions + np.array([3.1, -20.7, 0.123]),
        lambda atoms: atoms.positions * [1, 1, -1],
        lambda atoms: -atoms.positions @ TURN.T + 1.5,
    ],
    ids=["turned", "shifted", "mirrored", "mirrored and turned"],
)
def test_a_molecule_has_one_potential(alcohol, change) -> None:
    """Noise of the mesh at 0.25 bohr: 0.1 kcal/mol in extrema, 0.05 in averages, 0.2 percent in variances."""
    atoms, (energy, reference) = alcohol
    other = atoms.copy()
    other.positions = change(atoms)
    order = np.random.default_rng(1).permutation(len(atoms))
    again, statistics = computed(other[order])
    assert again == pytest.approx(energy, abs=1e-6)
    for name in ("average", "average_positive", "average_negative", "charge_separation", "polarity_index", "spread"):
        assert getattr(statistics, name) == pytest.approx(getattr(reference, name), abs=0.05), name
    for name in ("variance_positive", "variance_negative", "variance", "steepness"):
        assert getattr(statistics, name) == pytest.approx(getattr(reference, name), rel=2e-3), name
    for name in ("area", "volume", "positive_area"):
        assert getattr(statistics, name) == pytest.approx(getattr(reference, name), rel=1e-3), name
    for name in ("maxima", "minima"):
        ours, theirs = getattr(statistics, name), getattr(reference, name)
        assert [e.value for e in ours] == pytest.approx([e.value for e in theirs], abs=0.1), name
    assert order[statistics.maximum.nearest_atom] == reference.maximum.nearest_atom
    assert order[statistics.minimum.nearest_atom] == reference.minimum.nearest_atom


def test_a_triangle_on_which_the_potential_changes_sign_is_cut_there() -> None:
    """2 at a corner and -1 at two: zero on a line at two thirds of both sides. Integrals over it by hand."""
    corners = np.array([[0.0, 0, 0], [3, 0, 0], [0, 2, 0]])  # area 3
    for turn in range(3):
        triangle = np.roll([0, 1, 2], turn)[None, :]
        for sign in (1, -1):
            values = sign * np.array([2.0, -1.0, -1.0])
            found = surface_statistics(corners, triangle, values, 1.0, Atoms("H"))
            large, small = (found.positive_area, found.negative_area)[::sign], 3 * 4 / 9
            assert large[0] == pytest.approx(small)
            assert large[1] == pytest.approx(3 - small)
            assert found.average == pytest.approx(0, abs=1e-12)
            averages = (found.average_positive, found.average_negative)[::sign]
            assert averages[0] == pytest.approx(sign * 2 / 3)
            assert averages[1] == pytest.approx(-sign * (2 / 3) * small / (3 - small))
            # Of a linear function: sum of squares of the corners and square of their sum, over 12.
            assert found.spread**2 == pytest.approx((4 + 1 + 1) / 12)
            assert found.polarity_index == pytest.approx(2 * (2 / 3) * small / 3)
            variances = (found.variance_positive, found.variance_negative)[::sign]
            assert variances[0] == pytest.approx((4 + 4) / 12 - 4 / 9)
