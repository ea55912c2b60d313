import hashlib
import importlib.metadata
from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk, fcc111, molecule
from ase.calculators.calculator import PropertyNotImplementedError
from chgnet.model import CHGNet, CHGNetCalculator

from azibflow.calculators import chgnet_network
from azibflow.calculators.dispersion import d3_calculator
from azibflow.calculators.factory import available, identity, make_calculator, record
from azibflow.calculators.specs import AseSpec, ChgnetSpec, Dispersion
from azibflow.errors import CapabilityError
from azibflow.structures.prototypes import prototype


@pytest.fixture
def zinc_oxide():
    atoms = bulk("ZnO", "wurtzite", a=3.25, c=5.2)
    atoms.rattle(0.08, seed=7)
    return atoms


def test_chgnet_equals_its_own_calculator(zinc_oxide, capsys):
    theirs = CHGNetCalculator(use_device="cpu")
    capsys.readouterr()
    ours = make_calculator(ChgnetSpec())
    for name in ("energy", "forces", "stress"):
        np.testing.assert_allclose(
            ours.get_property(name, zinc_oxide), _voigt(theirs.get_property(name, zinc_oxide)), atol=1e-6
        )
    assert capsys.readouterr() == ("", "")


def test_chgnet_moments_come_when_asked_for_and_cost_no_forces():
    oxide = prototype("VO2(B)")
    ours, theirs = make_calculator(ChgnetSpec()), CHGNetCalculator(use_device="cpu")
    moments = ours.get_property("magmoms", oxide)
    np.testing.assert_allclose(moments, theirs.get_property("magmoms", oxide).ravel(), atol=1e-5)
    assert "forces" not in ours.results
    assert ours.get_forces(oxide).shape == (24, 3)
    assert abs(moments[oxide.symbols == "V"].mean() - 1) < 0.2, "V4+ has one d electron"


def _voigt(value):
    return value.ravel()[[0, 4, 8, 5, 2, 1]] if np.shape(value) == (3, 3) and value.size == 9 else value


def test_chgnet_forces_are_the_slope_of_its_energy(zinc_oxide):
    zinc_oxide.calc = make_calculator(ChgnetSpec())
    forces = zinc_oxide.get_forces()
    # Steps of 0.01 angstrom: the network computes in single precision.
    for atom, axis in ((0, 2), (1, 0), (3, 1)):
        energies = []
        for step in (-0.01, 0.01):
            moved = zinc_oxide.copy()
            moved.positions[atom, axis] += step
            moved.calc = zinc_oxide.calc
            energies.append(moved.get_potential_energy())
        assert forces[atom, axis] == pytest.approx(-(energies[1] - energies[0]) / 0.02, abs=0.02)
    assert np.abs(forces).max() > 0.5


def test_chgnet_stress_is_the_slope_of_its_energy(zinc_oxide):
    calculator = make_calculator(ChgnetSpec())
    energies = []
    for strain in (-0.002, 0.002):
        strained = zinc_oxide.copy()
        strained.set_cell(strained.cell.array @ np.diag([1, 1, 1 + strain]), scale_atoms=True)
        energies.append(calculator.get_property("energy", strained))
    slope = (energies[1] - energies[0]) / 0.004 / zinc_oxide.get_volume()
    assert calculator.get_property("stress", zinc_oxide)[2] == pytest.approx(slope, abs=5e-4)


def test_open_directions_equal_a_large_box():
    slab = fcc111("Cu", (1, 1, 3), vacuum=8.0)
    assert not slab.pbc[2]
    boxed = slab.copy()
    boxed.pbc = True
    water = molecule("H2O")
    water_in_box = molecule("H2O", cell=[20, 20, 20], pbc=True)
    calculator = make_calculator(ChgnetSpec())
    for free, periodic in ((slab, boxed), (water, water_in_box)):
        for name in ("energy", "forces"):
            np.testing.assert_allclose(
                calculator.get_property(name, free), calculator.get_property(name, periodic), atol=2e-4
            )
    np.testing.assert_allclose(
        calculator.get_property("stress", slab), calculator.get_property("stress", boxed), atol=1e-6
    )
    with pytest.raises(PropertyNotImplementedError, match="three cell vectors"):
        calculator.get_property("stress", water)


def test_network_is_loaded_once_and_shared(monkeypatch):
    loads = []
    original = CHGNet.load
    monkeypatch.setattr(CHGNet, "load", lambda **options: loads.append(options) or original(**options))
    chgnet_network.load_network.cache_clear()
    first, second = make_calculator(ChgnetSpec()), make_calculator(ChgnetSpec(dispersion=Dispersion()))
    assert first is not second
    assert second.mixer.calcs[0].network is first.network
    assert len(loads) == 1
    make_calculator(ChgnetSpec(version="r2scan"))
    assert [load["model_name"] for load in loads] == ["0.3.0", "r2scan"]


def test_stress_is_computed_only_when_asked_for(zinc_oxide):
    calculator = make_calculator(ChgnetSpec())
    calculator.get_property("forces", zinc_oxide)
    assert set(calculator.results) == {"energy", "free_energy", "forces"}


def test_record_names_versions_and_the_weights_that_are_loaded(monkeypatch):
    opened = []
    original = CHGNet.from_file.__func__

    def spy(cls, path, **options):
        opened.append(Path(path))
        return original(cls, path, **options)

    monkeypatch.setattr(CHGNet, "from_file", classmethod(spy))
    chgnet_network.load_network.cache_clear()
    make_calculator(ChgnetSpec())
    written = record(ChgnetSpec(dispersion=Dispersion()))
    (weights,) = written.weights
    assert weights.sha256 == hashlib.sha256(opened[0].read_bytes()).hexdigest()
    assert written.versions["chgnet"] == importlib.metadata.version("chgnet")
    assert written.versions["dftd3"] == importlib.metadata.version("dftd3")
    assert type(written).model_validate_json(written.model_dump_json()) == written


def test_identity_follows_what_changes_the_numbers():
    specs = [ChgnetSpec(), ChgnetSpec(version="r2scan"), ChgnetSpec(dispersion=Dispersion())]
    assert len({identity(spec) for spec in specs}) == 3
    assert identity(ChgnetSpec(device="cuda")) == identity(ChgnetSpec())


def test_dispersion_is_the_sum_of_its_parts(zinc_oxide):
    plain, both = make_calculator(ChgnetSpec()), make_calculator(ChgnetSpec(dispersion=Dispersion()))
    d3 = d3_calculator(Dispersion())
    for name in ("energy", "forces", "stress"):
        correction = d3.get_property(name, zinc_oxide)
        assert np.abs(correction).max() > 1e-3
        np.testing.assert_allclose(
            both.get_property(name, zinc_oxide), plain.get_property(name, zinc_oxide) + correction, atol=1e-6
        )


def test_dispersion_matches_the_published_damping_parameters():
    # PBE-D3(BJ): s8 = 0.7875, a1 = 0.4289, a2 = 4.4407 (10.1002/jcc.21759), given here by value.
    from dftd3.ase import DFTD3

    benzene = molecule("C6H6")
    for three_body, s9 in ((False, 0.0), (True, 1.0)):
        by_value = DFTD3(damping="d3bj", params_tweaks={"s8": 0.7875, "a1": 0.4289, "a2": 4.4407, "s9": s9})
        by_name = d3_calculator(Dispersion(three_body=three_body))
        assert by_name.get_property("energy", benzene) == pytest.approx(by_value.get_property("energy", benzene))


def test_unknown_functional_is_refused():
    with pytest.raises(CapabilityError, match="no d3bj parameters for functional 'pbee'"):
        make_calculator(ChgnetSpec(dispersion=Dispersion(functional="pbee")))


@pytest.mark.parametrize("path", ["ase.calculators.emt:EMT", "ase.calculators.emt.EMT"])
def test_any_ase_calculator_by_import_path(path):
    copper = bulk("Cu", a=3.7)
    from ase.calculators.emt import EMT

    made = make_calculator(AseSpec(calculator=path, options={"asap_cutoff": True}))
    assert made.get_property("energy", copper) == EMT(asap_cutoff=True).get_property("energy", copper)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (AseSpec(calculator="ase.calculators.emt:ETM"), "cannot import 'ase.calculators.emt:ETM'"),
        (AseSpec(calculator="no_such_package:Calc"), "cannot import 'no_such_package:Calc'"),
        (AseSpec(calculator="EMT"), "'EMT' is no import path; write one as in ase.calculators.emt:EMT"),
        (AseSpec(calculator="pathlib:Path"), "is no class of an ASE calculator"),
        (AseSpec(calculator="ase.calculators.lj:LennardJones", options={"directory": 3}), "does not take these"),
    ],
)
def test_calculators_that_cannot_be_made(spec, message):
    with pytest.raises(CapabilityError, match=message):
        make_calculator(spec)


def test_available_lists_every_kind_with_its_limits():
    listed = {entry.kind: entry for entry in available()}
    assert list(listed) == [
        "chgnet",
        "sevennet",
        "mace",
        "surrogate",
        "pyscf",
        "pyscf-gamma",
        "cp2k",
        "gpaw",
        "espresso",
        "vasp",
        "xtb",
        "ase",
        "dispersion",
    ]
    assert listed["chgnet"].usable
    assert "lone atoms" in listed["chgnet"].remark
