"""One campaign with several calculators: what changes, what stays, and whose card its numbers belong onto."""

from __future__ import annotations

from pathlib import Path

import pytest

from azibflow.calculators.specs import AseSpec, ChgnetSpec, XtbSpec
from azibflow.campaigns.compared import AS_IT_IS, cards_to_write, compared_campaigns
from azibflow.campaigns.files import load_campaign
from azibflow.errors import CampaignError

TEXT = """\
name: pair
calculator: {kind: ase, calculator: "ase.calculators.emt:EMT"}
systems: {cu: {prototype: Cu}}
studies:
  - {kind: surface, system: cu, facets: ["(111)"]}
  - {kind: surface, name: with D3, system: cu, facets: ["(111)"], calculator: {kind: chgnet, dispersion: {}}}
  - {kind: binding, parts: [H2O, H2O], calculator: xtb}
"""


@pytest.fixture
def campaign(tmp_path: Path):
    (tmp_path / "pair.yaml").write_text(TEXT)
    return load_campaign(tmp_path / "pair.yaml")


def test_a_calculator_takes_the_place_of_all_and_dispersion_stays(campaign) -> None:
    compared = compared_campaigns(campaign, ["chgnet", "xtb"])
    assert list(compared) == ["chgnet", "xtb", AS_IT_IS]
    assert compared[AS_IT_IS] is campaign
    changed = compared["chgnet"]
    assert changed.calculator == ChgnetSpec()
    plain, dispersed, pair = (changed.calculator_of(study) for study in changed.studies)
    assert plain == pair == ChgnetSpec()
    assert dispersed.dispersion == campaign.studies[1].calculator.dispersion is not None
    assert {compared["xtb"].calculator_of(study) == XtbSpec() for study in compared["xtb"].studies} == {True}
    assert isinstance(campaign.calculator, AseSpec), "the campaign itself is left as it is"


def test_only_numbers_by_the_teacher_belong_onto_a_card(campaign) -> None:
    with pytest.raises(CampaignError, match="none of the calculators is a surrogate"):
        cards_to_write(campaign, ["xtb"])
    with pytest.raises(CampaignError, match="ase did not make the labels of zn-host"):
        cards_to_write(campaign, ["zn-host"])
    teacher = campaign.model_copy(update={"calculator": ChgnetSpec()})
    cards = cards_to_write(teacher, ["zn-host", "xtb"])
    assert list(cards) == ["zn-host"]
    assert cards["zn-host"].is_file()
