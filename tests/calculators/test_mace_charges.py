"""Charge and multiplicity on their way from a stored structure into the network, which is real but untrained."""

import pytest
from ase.build import molecule

from azibflow.calculators.factory import make_calculator
from azibflow.calculators.guard import check
from azibflow.calculators.mace_foundations import import_mace
from azibflow.calculators.specs import MaceSpec
from azibflow.errors import CapabilityError
from azibflow.structures.documents import StructureDocument
from azibflow.workflows.common.relaxation_jobs import relax_structure
from azibflow.workflows.common.results import RelaxSettings
from azibflow.workflows.molecular.energies import electronic_state

pytest.importorskip("mace")
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning:torch",
    "ignore:The TorchScript type system:UserWarning",
    "ignore:Environment variable TORCH_FORCE:UserWarning",
)

CATEGORICAL = {
    "total_charge": {"type": "categorical", "per": "graph", "num_classes": 21, "emb_dim": 4, "offset": 10},
    "total_spin": {"type": "categorical", "per": "graph", "num_classes": 8, "emb_dim": 4},
}
CONTINUOUS = {"total_charge": {"type": "continuous", "per": "graph", "in_dim": 1, "emb_dim": 4}}


@pytest.fixture(scope="module")
def aware(tmp_path_factory, write_mace):
    return write_mace(tmp_path_factory.mktemp("aware") / "aware.model", embedding=CATEGORICAL)


@pytest.fixture(scope="module")
def blind(tmp_path_factory, write_mace):
    return write_mace(tmp_path_factory.mktemp("blind") / "blind.model")


def water(charge=0, spin=None):
    atoms = molecule("H2O")
    atoms.info["charge"] = charge
    if spin is not None:
        atoms.info["spin"] = spin
    return StructureDocument.from_atoms(atoms)


def energy(model, document):
    """The energy by azibflow's own path: document, atoms, check, calculator."""
    spec = MaceSpec(models=model)
    atoms = document.to_atoms()
    check(spec, atoms)
    atoms.calc = make_calculator(spec)
    return atoms.get_potential_energy()


def test_the_energy_depends_on_charge_and_multiplicity(aware):
    states = {(0, 1), (0, 3), (1, 2), (1, 4), (2, 1), (-1, 2)}
    energies = {state: energy(aware, water(*state)) for state in states}
    assert len({round(value, 6) for value in energies.values()}) == len(states)


def test_it_is_that_of_mace_itself(aware):
    import_mace()
    from mace.calculators import MACECalculator

    atoms = molecule("H2O")
    atoms.info = {"charge": 2, "spin": 3}
    atoms.calc = MACECalculator(model_paths=aware, default_dtype="float64")
    assert energy(aware, water(2, 3)) == pytest.approx(atoms.get_potential_energy(), abs=1e-9)


def test_a_multiplicity_left_unsaid_is_the_lowest_possible(aware):
    assert energy(aware, water(0)) == energy(aware, water(0, 1))
    assert energy(aware, water(1)) == energy(aware, water(1, 2)), "mace-torch itself would take 1"
    assert energy(aware, electronic_state(water(0, 1), charge=1, spin=None)) == energy(aware, water(1, 2))


def test_results_are_kept_while_the_atoms_are_the_same_and_no_longer(aware, monkeypatch):
    atoms = water(1).to_atoms()
    atoms.calc = make_calculator(MaceSpec(models=aware))
    calls = []
    forward = type(atoms.calc.models[0]).forward
    monkeypatch.setattr(
        type(atoms.calc.models[0]), "forward", lambda *args, **options: calls.append(1) or forward(*args, **options)
    )
    first = atoms.get_potential_energy()
    atoms.get_forces()
    assert len(calls) == 1
    assert "spin" not in atoms.info
    atoms.info["charge"] = 2
    assert atoms.get_potential_energy() != first
    assert len(calls) == 2


def test_a_relaxation_takes_charge_and_multiplicity_along(aware):
    spec, settings = MaceSpec(models=aware), RelaxSettings(max_steps=1)
    for state in ((0, 1), (2, 3)):
        result = relax_structure(water(*state).to_atoms(), spec, settings)
        assert (result.structure.charge, result.structure.spin) == state
        assert result.energy == pytest.approx(energy(aware, result.structure), abs=1e-9)


def test_limits_are_those_of_the_embedding(aware, blind, tmp_path, write_mace):
    limits = MaceSpec(models=aware).capabilities()
    assert limits.charges == frozenset(range(-10, 11))
    assert limits.reads_spin
    assert limits.multiplicities == frozenset(range(1, 8))
    assert limits.note.startswith("the network reads total charge and multiplicity")
    any_charge = write_mace(tmp_path / "any.model", embedding=CONTINUOUS)
    limits = MaceSpec(models=any_charge).capabilities()
    assert limits.charges is None
    assert not limits.reads_spin
    assert limits.note.startswith("the network reads total charge from the structure")
    limits = MaceSpec(models=blind).capabilities()
    assert limits.charges == {0}
    assert "reads" not in limits.note


def test_declared_charges_narrow_an_embedding_and_stand_in_for_none(aware, blind):
    assert MaceSpec(models=aware, charges=(0, 2)).capabilities().charges == {0, 2}
    assert MaceSpec(models=blind, charges=(0, 2)).capabilities().charges == {0, 2}
    with pytest.raises(CapabilityError, match=r"charges \[11\] are declared, but .*aware.model reads -10 to \+10 only"):
        MaceSpec(models=aware, charges=(0, 11)).capabilities()


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ((11, None), r"total charge \+11, but calculator mace knows only -10 to \+10; use"),
        ((1, 1), r"9 electrons \(charge \+1\) cannot have multiplicity 1"),
        ((0, 9), r"multiplicity 9, but calculator mace knows only 1 to 7"),
    ],
)
def test_states_outside_of_the_embedding_are_refused(aware, state, message):
    with pytest.raises(CapabilityError, match=message):
        energy(aware, water(*state))


def test_a_network_without_embedding_refuses_charge_and_ignores_multiplicity(blind):
    with pytest.raises(CapabilityError, match="its energy would not depend on the charge"):
        energy(blind, water(2))
    assert energy(blind, water(0, 3)) == energy(blind, water(0, 1))


def test_heads_of_a_network_that_reads_charge_are_not_vouched_for(tmp_path, write_mace):
    two = write_mace(tmp_path / "two.model", heads=["omol", "bulk"], embedding=CATEGORICAL)
    assert "which of its heads saw charges is not in the file" in MaceSpec(models=two, head="bulk").capabilities().note
