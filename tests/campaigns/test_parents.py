"""Parents and published names in a campaign: what is refused, and that a run may learn of them later."""

from __future__ import annotations

from pathlib import Path

import pytest

from azibflow.analysis.tables.declared import declared_by
from azibflow.campaigns.files import load_campaign
from azibflow.campaigns.parents import of_each, parents_of_each
from azibflow.campaigns.plan import plan
from azibflow.campaigns.same_campaign import same_campaign
from azibflow.cli.coordinate import folder_of
from azibflow.errors import AzibflowError, RunError

TEXT = """\
name: pairs
calculator: {kind: ase, calculator: "ase.calculators.emt:EMT"}
systems:
  cu111: {prototype: Cu, slab: {miller: (111), layers: 2}}
  cu100: {prototype: Cu, slab: {miller: (100), layers: 2}}
  water: {molecule: H2O}
  vapour: {file: vapour.xyz}
studies:
  - {kind: adsorption, system: [cu111, cu100], adsorbate: [O, water, vapour], cell: fixed}
parents: {cu100: cu111}
published: {cu111: Cu, cu100: [Zn, Zn(100)]}
"""
WATER = "3\n\nO 0 0 0\nH 0.76 0.59 0\nH -0.76 0.59 0\n"


@pytest.fixture
def write(tmp_path: Path):
    """Write the campaign with something else in it."""

    def file(old: str = "", new: str = "", name: str = "campaign") -> Path:
        (tmp_path / "vapour.xyz").write_text(WATER)
        path = tmp_path / f"{name}.yaml"
        path.write_text(TEXT.replace(old, new) if old else TEXT)
        return path

    return file


def test_a_campaign_names_parents_and_published_names(write) -> None:
    campaign = load_campaign(write())
    assert campaign.parents == {"cu100": "cu111"}
    assert campaign.published == {"cu111": ["Cu"], "cu100": ["Zn", "Zn(100)"]}
    assert plan(campaign)
    assert load_campaign(write("parents: {cu100: cu111}", "parents: {O: water}")).parents == {"O": "water"}


@pytest.mark.parametrize(
    ("parents", "said"),
    [
        (
            "{cu100: cu11}",
            "line 10: parents.cu100: names the system 'cu11', which is not among the systems (cu111, cu100, water, "
            "vapour, O); did you mean 'cu111'?",
        ),
        ("{cu10: cu111}", "line 10: parents.cu10: names the system 'cu10', which is not among"),
        ("{cu100: cu100}", "line 10: parents.cu100: the system 'cu100' is its own parent"),
        (
            "{cu100: cu111, cu111: cu100}",
            "line 10: parents.cu100: parents go round in a circle: 'cu100' -> 'cu111' -> 'cu100'",
        ),
        (
            "{cu100: water}",
            "line 10: parents.cu100: the system 'cu100' is a crystal or a surface and its parent 'water' is a molecule",
        ),
        ("{cu100: O}", "the system 'cu100' is a crystal or a surface and its parent 'O' is a molecule"),
        ("{vapour: cu100}", "line 10: parents.vapour: the system 'vapour' is a molecule and its parent 'cu100' is a"),
        ("[cu100]", "line 10: parents: must be a mapping, not ['cu100']"),
    ],
)
def test_parents_that_cannot_be_are_refused(write, parents: str, said: str) -> None:
    file = write("{cu100: cu111}", parents)
    with pytest.raises(AzibflowError) as error:
        plan(load_campaign(file), file)
    message = str(error.value)
    assert message.startswith(str(file))
    assert said in message
    assert "\n" not in message


def test_a_circle_that_a_system_only_leads_to_is_told_of_its_own(write) -> None:
    systems = "  cu: {prototype: Cu, slab: {miller: (110), layers: 2}}\n  water:"
    file = write("  water:", systems)
    text = file.read_text().replace("{cu100: cu111}", "{cu: cu100, cu100: cu111, cu111: cu100}")
    file.write_text(text.replace("[cu111, cu100]", "[cu111, cu100, cu]"))
    with pytest.raises(AzibflowError, match=r"parents\.cu100: parents go round in a circle"):
        load_campaign(file)


@pytest.mark.parametrize(
    ("published", "said"),
    [
        ("{cu111: Cuu}", "published.cu111: no published ordering has a system 'Cuu'; did you mean 'Cu'?"),
        ("{cu11: Cu}", "published.cu11: names the system 'cu11', which is not among the systems"),
        ("{cu111: []}", "published.cu111: must have at least 1 item, not 0"),
    ],
)
def test_names_that_no_paper_orders_are_refused(write, published: str, said: str) -> None:
    file = write("{cu111: Cu, cu100: [Zn, Zn(100)]}", published)
    with pytest.raises(AzibflowError) as error:
        load_campaign(file)
    assert f"{file}, line 11: {said}" in str(error.value)


def test_a_run_may_learn_later_who_is_whose_parent(write, tmp_path: Path) -> None:
    before = load_campaign(write("parents: {cu100: cu111}\npublished: {cu111: Cu, cu100: [Zn, Zn(100)]}\n"))
    now = load_campaign(write(name="now"))
    assert same_campaign(before, now)
    run = tmp_path / "run"
    folder_of(run, before)
    assert not declared_by([run]).parents
    folder_of(run, now)
    said = declared_by([run])
    assert said.parents == {"cu100": "cu111"}
    assert said.published == {"cu111": ["Cu"], "cu100": ["Zn", "Zn(100)"]}
    assert load_campaign(run / "source.yaml").studies == now.studies
    with pytest.raises(RunError, match="a different campaign"):
        folder_of(run, load_campaign(write("[O, water, vapour]", "[O, water]", "other")))


def test_what_one_system_has_become_has_its_parent() -> None:
    """Such as the distinct edits of a system, each of which is one."""
    names = {"vo2-o": ["vo2-o#0", "vo2-o#1"]}
    assert parents_of_each({"vo2-o": "vo2"}, names) == {"vo2-o#0": "vo2", "vo2-o#1": "vo2"}
    assert of_each({"vo2-o": ["Ov-VO2"], "vo2": ["VO2"]}, names)["vo2-o#1"] == ["Ov-VO2"]
    with pytest.raises(AzibflowError, match="'vo2-o' is 2 systems"):
        parents_of_each({"vo2": "vo2-o"}, names)
