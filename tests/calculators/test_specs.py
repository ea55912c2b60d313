import pytest
from pydantic import BaseModel, ValidationError

from azibflow.calculators.specs import (
    AseSpec,
    CalculatorSpec,
    ChgnetSpec,
    Dispersion,
    MaceSpec,
    parse_spec,
)
from azibflow.errors import CapabilityError


def test_short_forms():
    assert parse_spec("chgnet") == ChgnetSpec()
    assert parse_spec("mace:medium-mpa-0").models[0].path == "medium-mpa-0"
    assert parse_spec("ase:ase.calculators.emt:EMT").calculator == "ase.calculators.emt:EMT"


def test_a_committee_is_read_from_paths_and_from_hashed_weights():
    spec = parse_spec({"kind": "mace", "models": ["a.model", {"path": "b.model", "sha256": "0" * 64}]})
    assert [(w.path, w.sha256) for w in spec.models] == [("a.model", None), ("b.model", "0" * 64)]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            "chgnett",
            "unknown calculator kind .chgnett..*pyscf-gamma, cp2k, gpaw, espresso, vasp, xtb, ase.*mean .chgnet.",
        ),
        ({}, "unknown calculator kind"),
        ("mace", "calculator mace: key 'models' is missing"),
        ({"kind": "chgnet", "verison": "0.3.0"}, "calculator chgnet: unknown key 'verison'; did you mean 'version'"),
        ({"kind": "chgnet", "version": "0.1"}, "calculator chgnet: version"),
        ({"kind": "mace", "models": []}, "calculator mace: models"),
        ({"kind": "chgnet", "device": "gpu"}, "calculator chgnet: device: .*'gpu' is no device; use auto, cpu, cuda"),
        (
            {"kind": "mace", "models": {"path": "a", "sha256": "xyz"}},
            "models.sha256: 'xyz' does not fit: SHA-256",
        ),
        (
            {"kind": "chgnet", "dispersion": {"dampping": "d3bj"}},
            "'dispersion.dampping'; did you mean 'damping'",
        ),
    ],
)
def test_bad_specs_say_what_and_where(value, message):
    with pytest.raises(CapabilityError, match=message):
        parse_spec(value)


def test_specs_survive_json_inside_a_larger_model():
    class Study(BaseModel):
        calculator: CalculatorSpec

    for spec in (
        ChgnetSpec(dispersion=Dispersion(functional="pbe", three_body=True)),
        MaceSpec(models=("a.model", "b.model"), charges=(0, 2)),
        AseSpec(calculator="ase.calculators.emt:EMT", options={"asap_cutoff": True}, periodic=False),
    ):
        assert Study.model_validate_json(Study(calculator=spec).model_dump_json()).calculator == spec


def test_specs_cannot_be_changed():
    with pytest.raises(ValidationError):
        ChgnetSpec().version = "r2scan"


def test_anchoring_makes_files_absolute_and_leaves_names(tmp_path):
    spec = MaceSpec(models=("zn.model", "medium-mpa-0", "/elsewhere/a.model")).anchored(tmp_path)
    assert [w.path for w in spec.models] == [str(tmp_path / "zn.model"), "medium-mpa-0", "/elsewhere/a.model"]
    assert ChgnetSpec().anchored(tmp_path) == ChgnetSpec()
