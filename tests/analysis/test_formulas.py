"""Formulas in names: indices below, charges above, and everything else as it is."""

from __future__ import annotations

import pytest

from azibflow.analysis.figures.formulas import set_formulas


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("V2O5/graphene", "V₂O₅/graphene"),
        ("Zn in alpha-V2O5, b 3.56", "Zn in alpha-V₂O₅, b 3.56"),
        ("2H-MoS2 on Ti3C2(OH)2", "2H-MoS₂ on Ti₃C₂(OH)₂"),
        ("VO2(R) and VO2(B)", "VO₂(R) and VO₂(B)"),
        ("H2O(g) - H2(g)", "H₂O(g) - H₂(g)"),
        ("[Zn(H2O)6]2+", "[Zn(H₂O)₆]²⁺"),
        ("[Zn(H2O)4]2+.H2O", "[Zn(H₂O)₄]²⁺.H₂O"),
        ("Zn2+, SO42-, NH4+, OH-", "Zn²⁺, SO₄²⁻, NH₄⁺, OH⁻"),
        ("EMIM+ OTf-", "EMIM⁺ OTf⁻"),
        ("V8C84O16", "V₈C₈₄O₁₆"),
    ],
)
def test_formulas_are_set(name: str, printed: str) -> None:
    assert set_formulas(name) == printed


@pytest.mark.parametrize(
    "name",
    [
        "cu111: Cu(111)",
        "Cu111",
        "Zn(002)",
        "bridge-Cu-Cu-2",
        "hollow-Cu4",
        "hop A1-B2",
        "PBE0-D3BJ/def2-svp",
        "PW91",
        r"100$ & <x> $\nonsense{",
        "x_H2O",
        "(H2O",
        "No.2",
        "",
    ],
)
def test_what_is_no_formula_stays(name: str) -> None:
    assert set_formulas(name) == name
