"""The published claims, and files of claims."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from azibflow.analysis.ledgers.checking import check_claims
from azibflow.analysis.ledgers.claims import Claims, load_claims, published_claims
from azibflow.analysis.ledgers.findings import Verdict
from azibflow.data.literature import published
from azibflow.errors import AzibflowError

ROOT = Path(__file__).parents[3]

VERDICTS = {
    "VOx-G-capacity": Verdict.INCONSISTENT,
    "Zn-capacity": Verdict.CONSISTENT,
    "Zn-volumetric-capacity": Verdict.CONSISTENT,
    "VN-rGO-capacity": Verdict.OPEN,
    "VN-rGO-rate": Verdict.COMPUTED,
    "Ov-VO2-capacity": Verdict.OPEN,
    "Ov-VO2-first-charge": Verdict.OPEN,
    "Ov-VO2-electrolyte": Verdict.COMPUTED,
    "VPO4F-carrier": Verdict.INCONSISTENT,
    "coin-cell-small": Verdict.INCONSISTENT,
    "coin-cell-large": Verdict.INCONSISTENT,
    "TiS2-TiO2-EQCM": Verdict.INCONSISTENT,
    "TiS2-EQCM": Verdict.OPEN,
    "S-MoO2-EQCM-Zn": Verdict.INCONSISTENT,
    "S-MoO2-EQCM-H": Verdict.INCONSISTENT,
    "S-MoO2-EQCM-CD": Verdict.OPEN,
    "Ov-VO2-current": Verdict.INCONSISTENT,
    "Ov-VO2-areal": Verdict.INCONSISTENT,
    "Ov-VO2-areal-later": Verdict.INCONSISTENT,
    "pouch-areal": Verdict.OPEN,
    "pouch-areal-introduction": Verdict.INCONSISTENT,
    "VOx-rGO-areal": Verdict.OPEN,
    "Ov-VO2-activation": Verdict.INCONSISTENT,
    "OH-F-mSiO2-activation": Verdict.COMPUTED,
    "Ov-VO2-GITT": Verdict.OPEN,
    "Ov-VO2-b-value": Verdict.CONSISTENT,
}


def one(**claim: object) -> object:
    """Check a single claim."""
    (finding,) = check_claims(Claims.model_validate({"claims": {"mine": claim}}))
    return finding


def test_verdicts_on_the_published_claims() -> None:
    assert {finding.name: finding.verdict for finding in check_claims(published_claims())} == VERDICTS


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("VOx-G-capacity", ["does not follow on any basis", "7/8 of the 819.9", "V(+4) -> V(+2.25)"]),
        ("VN-rGO-capacity", ["1.4 e per V,", "not by V alone"]),
        ("Ov-VO2-capacity", ["3.18 e per V,", "V(+4) -> V(+0.816)"]),
        ("Ov-VO2-first-charge", ["15.5 e per V,", "not by V alone, whose highest state is V(+5)"]),
        ("Ov-VO2-electrolyte", ["the pool holds 2.4 times the charge of the electrode"]),
        ("Ov-VO2-areal", ["0.846 mg/cm2"]),
        ("Ov-VO2-areal-later", ["0.972 mg/cm2"]),
        ("Ov-VO2-activation", ["prefactors would have to differ by a factor 7.49"]),
        ("VPO4F-carrier", ["H carries 68.2%"]),
        ("coin-cell-large", ["37.3 umol would be the Zn2+", "0.50 of what follows"]),
        ("TiS2-TiO2-EQCM", ["83.3% Zn2+, 16.7% H+"]),
        ("S-MoO2-EQCM-Zn", ["molar mass of Zn, not yet divided by 2", "3.65 H2O"]),
        ("S-MoO2-EQCM-H", ["it is the mass of H3O+"]),
        ("Ov-VO2-current", ["0.55 to 0.65 mA/cm2", "0.98 mg/cm2"]),
    ],
)
def test_what_would_be_consistent(name: str, words: list[str]) -> None:
    (remarks,) = [" | ".join(finding.remarks) for finding in check_claims(published_claims()) if finding.name == name]
    for word in words:
        assert word in remarks


@pytest.mark.parametrize(
    "key", ["VOx-G-capacity", "Zn-capacity", "VN-rGO-capacity", "TiS2-EQCM", "TiS2-TiO2-EQCM", "Ov-VO2-capacity"]
)
def test_claims_and_published_values_print_the_same_number(key: str) -> None:
    claim, value = published_claims().claims[key], published(key)
    assert value.value == getattr(claim, "capacity", None) or value.value == getattr(claim, "measured", None)
    assert published_claims().sources[claim.source] == value.source


def test_every_claim_has_a_source() -> None:
    claims = published_claims()
    assert all(claim.source in claims.sources for claim in claims.claims.values())


def test_the_example_is_the_published_file() -> None:
    assert load_claims(ROOT / "examples" / "claims.yaml") == published_claims()


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ({"n": 1, "capacity": 294.7, "basis": "host"}, Verdict.CONSISTENT),
        ({"n": 1, "capacity": 294.7}, Verdict.CONSISTENT),
        ({"n": 1, "capacity": 216.8}, Verdict.CONSISTENT),
        ({"n": 1, "capacity": 216.8, "basis": "host"}, Verdict.INCONSISTENT),
        ({"n": 1, "capacity": 147.4, "basis": "host", "charge": 1}, Verdict.CONSISTENT),
        ({"n": 1, "capacity": 289, "basis": "host"}, Verdict.INCONSISTENT),
        ({"n": 1, "capacity": 289, "basis": "host", "tolerance": 0.03}, Verdict.CONSISTENT),
        ({"n": 1, "capacity": 147.36, "basis": "composite", "support_mass": 181.878}, Verdict.CONSISTENT),
        ({"n": 1, "ion": "H", "capacity": 147.36, "basis": "host"}, Verdict.CONSISTENT),
    ],
)
def test_capacities_of_v2o5(claim: dict[str, object], verdict: Verdict) -> None:
    assert one(kind="specific_capacity", host="V2O5", **claim).verdict is verdict


def test_the_deviation_is_relative_to_what_follows() -> None:
    finding = one(kind="specific_capacity", host="V8O16", n=7, capacity=717.06, basis="host")
    assert finding.comparisons[0].deviation == pytest.approx(717.06 / 565.504 - 1, abs=1e-5)


def test_the_main_carrier_has_more_than_half() -> None:
    inserted = {"Zn": {"n": 0.14}, "H": {"n": 0.6}}
    assert one(kind="charge_share", inserted=inserted, carrier="H").verdict is Verdict.CONSISTENT
    assert one(kind="charge_share", inserted=inserted, carrier="H", share=0.68).verdict is Verdict.CONSISTENT
    assert one(kind="charge_share", inserted=inserted, carrier="Zn", share=0.5).verdict is Verdict.INCONSISTENT


def test_water_that_the_claim_admits_is_counted() -> None:
    assert one(kind="mass_per_charge", ion="Zn", measured=41.7, waters=1).verdict is Verdict.CONSISTENT


CAPACITY = "claims:\n  a:\n    kind: specific_capacity\n    host: V2O5\n    capacity: 1\n"
BAD_FILES = {
    "claims:\n  a: {host: V2O5, capacity: 1}\n": "claim 'a' has no kind; it is one of specific_capacity",
    CAPACITY.replace("specific_", ""): "line 2: claims.a: kind must be one of 'specific_capacity'",
    CAPACITY.replace("host", "hots"): "line 4: unknown key 'claims.a.hots'; did you mean 'host'",
    CAPACITY + "    charge: -2\n": "line 6: claims.a.charge",
    CAPACITY + "    basis: composite\n": "needs support_mass",
    "claims: {}\n": "at least 1",
    "- 1\n": "is a mapping with claims",
}


@pytest.mark.parametrize(("text", "message"), BAD_FILES.items())
def test_bad_files_are_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "claims.yaml"
    path.write_text(text)
    with pytest.raises(AzibflowError) as error:
        load_claims(path)
    assert message in str(error.value)
    assert str(path) in str(error.value)


def test_a_bad_formula_names_its_claim() -> None:
    with pytest.raises(AzibflowError, match=r"claim 'mine': .*unknown element 'Vz'"):
        one(kind="specific_capacity", host="VzO5", capacity=1)


def test_the_numbers_of_the_page_that_no_ledger_holds() -> None:
    """docs/ledgers.md recomputes them; here is the arithmetic."""
    page = (ROOT / "docs" / "ledgers.md").read_text(encoding="utf-8")
    boltzmann, gas = 8.617333e-5, 8.314463e-3
    numbers = [
        f"factor {math.exp((33.26 - 23.45) / gas / 298):.0f} at 298 K",
        f"{1e13 * math.exp(-3.4 / boltzmann / 298):.0e} hops",
        f"{4.62 / 1.35:.1f} cohesive energies",
        f"({819.868 * 7.134:.0f} with 7.134 g/cm3)",
        f"({577.1 / 300e3 * 3600:.2f} s;",
        f"({2 * 96485.33212 / 3.6 / 65.41:.1f} mAh/g with Zn 65.41",
    ]
    assert [number for number in numbers if number not in page] == []
    left, right = {"In": 2, "O": 3 + 2 + 3, "H": 2 + 6, "charge": -2}, {"In": 2, "O": 8, "H": 8, "charge": -2}
    assert left == right  # In2O3 + 2 OH- + 3 H2O = 2 In(OH)4-
