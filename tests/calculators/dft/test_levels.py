import json

import pytest
from pydantic import TypeAdapter, ValidationError

from azibflow.calculators.dft.levels import PRESETS, Level, Solvent
from azibflow.calculators.factory import identity
from azibflow.calculators.specs import CalculatorSpec, PyscfSpec, parse_spec, pyscf_preset
from azibflow.errors import CapabilityError


def test_the_protocol_of_yang2025():
    spec = pyscf_preset("yang2025")
    assert spec.geometry.title == "PBE0-D3BJ/6-31+g(d,p), iefpcm water"
    assert spec.geometry.cartesian
    assert spec.energy.title == "PBE0-D3BJ/6-311+g(d,p)"
    assert spec.energy.solvent is None
    assert spec.has_single_point


def test_quick_has_one_level_and_standard_two():
    quick, standard = pyscf_preset("quick"), pyscf_preset("standard")
    assert quick.geometry == quick.energy
    assert not quick.has_single_point
    assert (standard.geometry.basis, standard.energy.basis) == ({"default": "def2-svp"}, {"default": "def2-tzvpd"})
    assert standard.geometry.density_fit
    assert standard.energy.density_fit


def test_nothing_given_is_standard():
    assert parse_spec("pyscf") == pyscf_preset("standard")
    assert parse_spec({"kind": "pyscf", "grid": 4}).preset == "standard"


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_presets_by_string(name):
    assert parse_spec(f"pyscf:{name}") == pyscf_preset(name)


def test_a_key_beside_the_preset_changes_both_levels_and_one_inside_changes_one():
    spec = PyscfSpec.model_validate(
        {"preset": "standard", "solvent": "water", "dispersion": "d4", "energy": {"functional": "wb97x", "grid": 5}}
    )
    assert spec.geometry.solvent == spec.energy.solvent == Solvent(model="iefpcm", name="water")
    assert spec.geometry.dispersion == spec.energy.dispersion == "d4"
    assert (spec.geometry.functional, spec.energy.functional) == ("pbe0", "wb97x")
    assert (spec.geometry.grid, spec.energy.grid) == (3, 5)
    assert spec.energy.basis == {"default": "def2-tzvpd"}


def test_a_preset_can_lose_its_dispersion_and_solvent():
    spec = PyscfSpec.model_validate({"preset": "yang2025", "dispersion": None, "geometry": {"solvent": None}})
    assert spec.geometry.title == "PBE0/6-31+g(d,p)"
    assert spec.energy.dispersion is None


def test_functional_and_basis_without_a_preset():
    spec = parse_spec({"kind": "pyscf", "functional": "b3lyp", "basis": {"default": "6-31g", "V": "def2-svp"}})
    assert spec.preset is None
    assert spec.geometry == spec.energy == Level(functional="b3lyp", basis={"default": "6-31g", "V": "def2-svp"})


@pytest.mark.parametrize(
    "data",
    [
        {"preset": "yang2025"},
        {"preset": "standard", "solvent": {"model": "smd", "name": "acetonitrile"}, "max_cycles": 7},
        {"functional": "hf", "basis": {"default": "sto-3g", "Zn": "def2-svp"}, "reference": "unrestricted"},
    ],
)
def test_a_spec_survives_json(data):
    spec = PyscfSpec.model_validate(data)
    again = TypeAdapter(CalculatorSpec).validate_python(json.loads(spec.model_dump_json()))
    assert again == spec
    assert identity(again) == identity(spec)


def test_identity_follows_the_physics_and_not_the_memory():
    spec = pyscf_preset("quick")
    assert identity(spec.model_copy(update={"memory": 9000})) == identity(spec)
    assert identity(PyscfSpec.model_validate({"preset": "quick", "grid": 4})) != identity(spec)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("pyscf:fast", r"preset.*'quick', 'standard' or 'yang2025'"),
        ({"kind": "pyscf", "functional": "pbe"}, "key 'basis' is missing"),
        ({"kind": "pyscf", "basis": {"V": "def2-svp"}}, r"needs a default, as in \{default: def2-svp"),
        (
            {"kind": "pyscf", "preset": "quick", "dispersion": "d2"},
            "pyscf: dispersion: must be 'd3bj', 'd3zero' or 'd4', not 'd2'",
        ),
        ({"kind": "pyscf", "preset": "quick", "solvent": {"model": "cosmo"}}, r"solvent\.model: .*not 'cosmo'"),
        ({"kind": "pyscf", "preset": "quick", "energy": {"gird": 4}}, "'energy.gird'; did you mean 'grid'"),
        ({"kind": "pyscf", "preset": "quick", "memroy": 4}, "key 'memroy'; did you mean 'memory'"),
    ],
)
def test_errors_say_where_and_what(data, message):
    with pytest.raises(CapabilityError, match=message):
        parse_spec(data)


def test_levels_are_frozen():
    with pytest.raises(ValidationError, match="frozen"):
        pyscf_preset("quick").geometry.grid = 4


@pytest.mark.parametrize("geometry", ["xtb", {"kind": "xtb"}])
def test_structures_by_xtb_and_energies_by_a_level(geometry):
    spec = parse_spec({"kind": "pyscf", "preset": "standard", "geometry": geometry})
    assert spec.at_geometry_level() == parse_spec("xtb")
    assert spec.levels == (pyscf_preset("standard").energy,)
    assert spec.has_single_point
    assert TypeAdapter(CalculatorSpec).validate_python(json.loads(spec.model_dump_json())) == spec


def test_keys_beside_xtb_are_those_of_the_energy():
    spec = parse_spec({"kind": "pyscf", "geometry": "xtb", "functional": "hf", "basis": "sto-3g", "dispersion": None})
    assert spec.energy.title == "HF/sto-3g"
    with pytest.raises(CapabilityError, match="GFN3-xTB"):
        parse_spec({"kind": "pyscf", "geometry": {"kind": "xtb", "method": "GFN3-xTB"}})
