"""Cavities of continuum solvents: their radii are published ones, or said to be estimates."""

import numpy as np
import pytest
from ase import Atoms
from ase.data import atomic_numbers
from ase.units import Bohr

from azibflow.calculators.dft.levels import Solvent
from azibflow.calculators.dft.molecule import build_molecule
from azibflow.calculators.dft.scf import mean_field
from azibflow.calculators.dft.solvation import cavity_radii, estimated_radii
from azibflow.calculators.specs import PyscfSpec


@pytest.mark.parametrize(
    ("symbol", "radius"),
    [
        ("H", 1.2 * 1.10),  # Mantina et al.
        ("O", 1.2 * 1.52),  # Bondi
        ("Zn", 1.2 * 1.39),  # Bondi
        ("V", 1.1 * 3.144 / 2),  # half of x_I in Table I of UFF
        ("Mn", 1.1 * 2.961 / 2),
        ("Ti", 1.1 * 3.175 / 2),
        ("Mo", 1.1 * 3.052 / 2),
        ("Fe", 1.1 * 2.912 / 2),
    ],
)
def test_radii_of_a_cavity_are_those_of_their_sources(symbol, radius):
    assert cavity_radii()[atomic_numbers[symbol]] * Bohr == pytest.approx(radius, abs=2e-3)
    published = symbol in ("H", "O", "Zn")
    assert estimated_radii(Solvent(), ["O", symbol]) == ({} if published else {symbol: pytest.approx(radius, abs=2e-3)})


def test_the_first_transition_metals_and_the_lanthanides_have_no_published_radius():
    asked = ["Sc", "Ti", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zn", "Mo", "W", "La", "Lu", "U", "Li", "K", "I"]
    assert list(estimated_radii(Solvent(), asked)) == sorted(set(asked) - {"Ni", "Cu", "Zn", "U", "Li", "K", "I"})
    assert estimated_radii(None, asked) == estimated_radii(Solvent(model="smd"), asked) == {}


def test_the_cavity_that_is_computed_with_has_these_radii():
    atoms = Atoms("VO", positions=[[0, 0, 0], [0, 0, 1.55]], info={"charge": 2, "spin": 2})
    spec = PyscfSpec.model_validate({"functional": "hf", "basis": "sto-3g", "solvent": "water"})
    solvent = mean_field(build_molecule(atoms, spec.energy), spec.energy, spec).with_solvent
    solvent.build()
    places = solvent.surface["grid_coords"] * Bohr
    distances = np.linalg.norm(places[:, None] - atoms.positions, axis=2)
    owner = np.abs(distances - [1.729, 1.824]).argmin(axis=1)
    np.testing.assert_allclose(distances[owner == 0, 0], 1.729, atol=1e-3)
    np.testing.assert_allclose(distances[owner == 1, 1], 1.824, atol=1e-3)
