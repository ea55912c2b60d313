"""SevenNet in its own environment, which is installed here: forces, stress, weights, and beside another potential."""

from __future__ import annotations

import numpy as np
import pytest
from ase.build import bulk, molecule

from azibflow.calculators.factory import make_calculator, record
from azibflow.calculators.isolated.environments import environment
from azibflow.calculators.isolated.process import process_of
from azibflow.calculators.kinds.sevennet import SHA256, SevennetSpec
from azibflow.calculators.relaxation import relax
from azibflow.calculators.specs import parse_spec
from azibflow.errors import CapabilityError

pytestmark = pytest.mark.usefixtures("sevennet")


def zinc_oxide() -> object:
    atoms = bulk("ZnO", "wurtzite", a=3.25, c=5.2)
    atoms.rattle(0.1, seed=1)
    return atoms


@pytest.mark.parametrize("words", ["sevennet", "sevennet:0", pytest.param("sevennet:mf-0", marks=pytest.mark.slow)])
def test_forces_and_stress_are_slopes_of_the_energy(words: str) -> None:
    atoms = zinc_oxide()
    atoms.calc = make_calculator(parse_spec(words))
    forces, stress = atoms.get_forces(), atoms.get_stress()
    assert forces.sum(axis=0) == pytest.approx(np.zeros(3), abs=1e-4)
    step, direction = 0.01, np.random.default_rng(2).normal(size=(4, 3))

    def energy(along: float = 0.0, strain: float = 0.0) -> float:
        moved = atoms.copy()
        moved.positions += along * direction
        moved.set_cell(moved.cell.array * (1 + strain), scale_atoms=True)
        moved.calc = atoms.calc
        return float(moved.get_potential_energy())

    slope = (energy(along=step) - energy(along=-step)) / (2 * step)
    assert slope == pytest.approx(-(forces * direction).sum(), rel=5e-3)
    pressure = (energy(strain=step) - energy(strain=-step)) / (2 * step) / atoms.get_volume()
    assert pressure == pytest.approx(stress[:3].sum(), rel=2e-2, abs=1e-4)


def test_a_doubled_cell_has_twice_the_energy_and_a_molecule_has_one() -> None:
    calculator = make_calculator(parse_spec("sevennet:0"))
    one, two, water = zinc_oxide(), zinc_oxide() * (2, 1, 1), molecule("H2O")
    one.calc = two.calc = water.calc = calculator
    assert two.get_potential_energy() == pytest.approx(2 * one.get_potential_energy(), abs=1e-4)
    assert water.get_potential_energy() == pytest.approx(-14.2, abs=0.5)  # PBE: -14.22


def test_a_model_of_one_functional_has_no_choice_of_them() -> None:
    with pytest.raises(CapabilityError, match="model l3i5 knows one functional; leave modal out, or take model mf-0"):
        parse_spec({"kind": "sevennet", "modal": "PBE"})


@pytest.mark.slow
def test_two_functionals_are_two_potentials() -> None:
    energies = {}
    for modal in ("PBE", "R2SCAN"):
        atoms = zinc_oxide()
        atoms.calc = SevennetSpec(model="mf-0", modal=modal).make()
        energies[modal] = atoms.get_potential_energy()
    assert abs(energies["PBE"] - energies["R2SCAN"]) > 1.0
    default = zinc_oxide()
    default.calc = SevennetSpec(model="mf-0").make()
    assert default.get_potential_energy() == energies["PBE"]


def test_the_record_names_weights_and_the_versions_of_its_environment() -> None:
    found = record(SevennetSpec())
    assert found.weights[0].sha256 == SHA256["l3i5"]
    assert found.versions["sevenn"] == "0.13.0"
    assert found.versions["e3nn"] == environment("sevennet").versions()["e3nn"] != "0.4.4"
    assert found.device == "cpu"


def test_dispersion_is_added_to_it() -> None:
    bare, more = zinc_oxide(), zinc_oxide()
    bare.calc = make_calculator(parse_spec("sevennet:0"))
    more.calc = make_calculator(parse_spec({"kind": "sevennet", "model": "0", "dispersion": {}}))
    assert -1.0 < more.get_potential_energy() - bare.get_potential_energy() < -0.1


def test_it_relaxes_zinc_in_the_process_that_computes_with_mace_libraries_too() -> None:
    """Our e3nn is that of mace-torch, its e3nn another: both compute in one run."""
    import e3nn

    assert e3nn.__version__ == "0.4.4"
    zinc = bulk("Zn", "hcp", a=2.7, c=5.0)
    relaxed = relax(zinc, make_calculator(parse_spec("sevennet:0")), cell="full")
    a, _, c = relaxed.atoms.cell.lengths()
    assert a == pytest.approx(2.665, rel=0.02)
    assert c == pytest.approx(4.947, rel=0.04)


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from azibflow.errors import WeightsError

    monkeypatch.setitem(SHA256, "0", "0" * 64)
    with pytest.raises(WeightsError, match=r"is not the file that sevenn 0\.13\.0 brings"):
        SevennetSpec(model="0").make()


def test_all_images_share_a_process() -> None:
    spec = SevennetSpec(model="0")
    one, other = spec.make(), spec.make()
    assert one is not other
    assert process_of(*one._where) is process_of(*other._where)
