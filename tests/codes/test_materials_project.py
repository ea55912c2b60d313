"""The Materials Project's moments and U by a word: the values of pymatgen, where they belong, and in every record."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ase.build import bulk
from monty.serialization import loadfn
from pymatgen.io.vasp import sets

from azibflow.calculators.kinds.materials_project import MOMENTS, U_VALUES
from azibflow.calculators.records import CalculatorRecord
from azibflow.calculators.specs import GpawSpec, VaspSpec, parse_spec
from azibflow.campaigns.files import load_campaign
from azibflow.cli.main import main
from azibflow.errors import CapabilityError

WORDS = {"kind": "gpaw", "hubbard": "materials-project", "moments": "materials-project", "smearing": 0.05}


def test_the_values_are_those_of_pymatgen() -> None:
    base, relax = (loadfn(f"{sets.MODULE_DIR}/{name}.yaml")["INCAR"] for name in ("VASPIncarBase", "MPRelaxSet"))
    assert relax["LDAUU"] == {"O": U_VALUES, "F": U_VALUES}
    assert {symbol: base["MAGMOM"][symbol] for symbol in U_VALUES} == MOMENTS


def test_u_is_that_of_oxides_and_of_nothing_else() -> None:
    spec = parse_spec(WORDS)
    assert spec.u_values(bulk("MnO", "rocksalt", a=4.44)) == {"Mn": 3.9}
    assert spec.u_values(bulk("MnS", "rocksalt", a=5.2)) == {}
    assert spec.u_values(bulk("Fe")) == {}
    own = GpawSpec(hubbard={"Mn": 3.9})
    assert own.u_values(bulk("MnS", "rocksalt", a=5.2)) == {"Mn": 3.9}, "values of one's own are for every structure"
    nickel = parse_spec({"kind": "gpaw", "hubbard": {"values": {"Ni": 5.0}, "hosts": ["S"]}})
    assert nickel.u_values(bulk("NiO", "rocksalt", a=4.2)) == {}
    assert nickel.u_values(bulk("NiS", "rocksalt", a=4.2)) == {"Ni": 5.0}


def test_moments_are_those_of_the_elements_that_are_there() -> None:
    assert parse_spec(WORDS).initial_moments(bulk("MnO", "rocksalt", a=4.44)).tolist() == [5.0, 0.0]
    assert parse_spec({"kind": "gpaw", "moments": {"V": 1.0}}).moments == {"V": 1.0}


def test_the_record_of_a_result_shows_the_values() -> None:
    written = CalculatorRecord(spec=parse_spec(WORDS), versions={}).model_dump(mode="json")["spec"]
    assert written["hubbard"] == {"values": U_VALUES, "hosts": ["O", "F"]}
    assert written["moments"] == MOMENTS
    assert CalculatorRecord.model_validate({"spec": written, "versions": {}}).spec == parse_spec(WORDS)


def test_a_campaign_says_the_word_and_validate_prints_what_it_stands_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    method = "{kind: gpaw, hubbard: materials-project, moments: materials-project, smearing: 0.05}"
    (tmp_path / "campaign.yaml").write_text(
        f"name: a\ncalculator: {{surrogate: chgnet, correct_with: {method}}}\nsystems: {{oxide: {{prototype: ZnO}}}}\n"
        "studies: [{kind: adsorption, system: oxide, adsorbate: H2O}]\n"
    )
    campaign = load_campaign(tmp_path / "campaign.yaml")
    assert campaign.calculator.correct_with == parse_spec(WORDS)
    with pytest.raises(SystemExit):
        main(["validate", str(tmp_path / "campaign.yaml")])
    printed = yaml.safe_load(capsys.readouterr().out)["calculator"]["correct_with"]
    assert (printed["moments"], printed["hubbard"]["values"]) == (MOMENTS, U_VALUES)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"hubbard": "material-project"}, "hubbard: must be a mapping .* or materials-project.*did you mean"),
        ({"moments": "high"}, "moments: must be a mapping of elements to numbers, or materials-project, not 'high'"),
        ({"smearing": None}, "without smearing their sum would be kept; name smearing"),
        ({"hubbard": {"values": {"Mn": 3.9}}}, "hosts"),
        ({"hubbard": {"Mm": 3.9}}, "'Mm' is no chemical symbol"),
        ({"hubbard": 3.9}, "hubbard: must be a mapping"),
        ({"hubbard": {"Mn": "3.9 eV"}}, "hubbard.Mn: must be a number"),
    ],
)
def test_what_is_wrong_is_named(changed: dict, message: str) -> None:
    with pytest.raises(CapabilityError, match=message):
        parse_spec(WORDS | changed)


def test_vasp_lets_moments_settle_by_itself() -> None:
    spec = parse_spec({"kind": "vasp", "moments": "materials-project"})
    assert isinstance(spec, VaspSpec)
    assert spec.moments == MOMENTS
