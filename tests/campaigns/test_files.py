"""Campaign files: what is accepted, and what a mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from azibflow.campaigns.files import brief_campaign, dump_campaign, load_campaign
from azibflow.errors import CampaignError

VALID = """\
name: demo
systems:
  zinc: {prototype: Zn}
  host: {prototype: alpha-V2O5, cell: {c: 4.3}}
studies:
  - kind: surface
    system: zinc
    facets: [(002), "(10-10)", [1, 0, 1]]
  - kind: migration
    system: host
    hops: {direction: b}
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "campaign.yaml"
    path.write_text(text)
    return path


def message(tmp_path: Path, text: str) -> str:
    with pytest.raises(CampaignError) as error:
        load_campaign(write(tmp_path, text))
    return str(error.value)


def test_facets_are_read_as_people_write_them(tmp_path: Path) -> None:
    study = load_campaign(write(tmp_path, VALID)).studies[0]
    assert study.facets == [(0, 0, 1), (1, 0, -1, 0), (1, 0, 1)], "four indices stay: only hexagonal cells have them"


def test_what_is_dumped_reads_back_the_same(tmp_path: Path) -> None:
    campaign = load_campaign(write(tmp_path, VALID))
    again = load_campaign(write(tmp_path, dump_campaign(campaign)))
    assert again.model_dump() == campaign.model_dump(), "four indices, checked by then, are written as three"
    assert dump_campaign(again) == dump_campaign(campaign)


def test_what_is_written_in_brief_reads_back_the_same_and_says_no_default(tmp_path: Path) -> None:
    """Methods in a list, each of a kind, a question that is all default, a relaxation that differs in one number."""
    stages = "[{calculator: {kind: mace, models: [small]}, best: 2}, {calculator: {kind: pyscf-gamma}, best: 1}]"
    text = f"{VALID}  - {{kind: screening, system: [zinc, host], question: {{kind: voltage}}, then: {stages}}}\n"
    campaign = load_campaign(write(tmp_path, f"{text}relax: {{fmax: 0.02}}\n"))
    brief = brief_campaign(campaign)
    assert dump_campaign(load_campaign(write(tmp_path, brief))) == dump_campaign(campaign)
    assert len(brief.splitlines()) < 50 < 120 < len(dump_campaign(campaign).splitlines())
    assert "relax:\n  fmax: 0.02\n" in brief
    assert "max_steps" not in brief


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("direction: b", "directon: b", "line 11: unknown key 'studies[1].hops.directon'; did you mean 'direction'?"),
        ("  - kind: migration", "  - kind: migrate", "line 9: studies[1]: kind must be one of"),
        ("{prototype: Zn}", "{prototipe: Zn}", "line 3: unknown key 'systems.zinc.prototipe'"),
        ("system: zinc", "system: zinq", "did you mean 'zinc'?"),
        ("prototype: Zn}", "prototype: Zm}", "line 3: systems.zinc: no prototype is called 'Zm'"),
        ("name: demo\n", "", "key 'name' is missing"),
        ("{c: 4.3}", "{c: -4.3}", "line 4: systems.host.cell.c: must be greater than 0, not -4.3"),
        ("[1, 0, 1]", "[0, 0, 0]", "line 8: studies[0].facets[2]: "),
        ("    hops:", "    hosp:", "line 11: unknown key 'studies[1].hosp'; did you mean 'hops'?"),
        ("{prototype: Zn}", "{prototype: Zn, file: a.cif}", "line 3: systems.zinc: a structure needs exactly one"),
        ("    system: host\n", "", "line 9: studies[1]: a migration study needs either system or endpoints"),
        ("name: demo", "name: demo\ncalculator: chgnett", "unknown calculator kind 'chgnett'"),
        (
            "    hops:",
            "    literature: [a-V2O5_Zm]\n    hops:",
            "line 11: studies[1].literature[0]: no published value",
        ),
        ("studies:", "studies: [", "not valid YAML"),
        ("name: demo", "name: demo\nname: again", "line 2: the key 'name' is there twice, first on line 1"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in VALID
    text = message(tmp_path, VALID.replace(old, new, 1))
    assert expected in text
    assert "campaign.yaml" in text


@pytest.mark.parametrize(
    "study",
    [
        "{kind: orbitals, molecules: ['smiles:*CC*']}",
        "{kind: esp, molecules: 'smiles:*CC*'}",
        "{kind: binding, parts: [Zn2+, 'smiles:*CC*']}",
        "{kind: binding, parts: [Zn2+, NMP], complex: 'smiles:*CC*'}",
        "{kind: desolvation, support: 'smiles:*CC*'}",
        "{kind: adsorption, system: zinc, adsorbate: 'smiles:*CC*'}",
    ],
)
def test_a_repeat_unit_is_found_where_it_is_written(tmp_path: Path, study: str) -> None:
    head = "name: demo\ncalculator: pyscf:standard\nsystems:\n  zinc: {prototype: Zn}\n"
    text = message(tmp_path, f"{head}studies:\n  - {study}\n")
    assert "line 6" in text
    assert "'*CC*': * stands for no element" in text
    assert "line 5: systems.unit" in message(
        tmp_path, f"{head}  unit: {{molecule: 'smiles:*CC*'}}\nstudies: [{{kind: orbitals, molecules: unit}}]\n"
    )


def test_two_studies_of_one_name_are_refused(tmp_path: Path) -> None:
    text = VALID.replace("  - kind: ", "  - name: same\n    kind: ")
    assert "two studies are called 'same'" in message(tmp_path, text)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(CampaignError, match=r"nowhere\.yaml: no such campaign file"):
        load_campaign(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize("text", ["", "just words", "- a\n- list\n", "!!python/object/apply:os.system ['true']"])
def test_what_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    assert "campaign.yaml" in message(tmp_path, text)


def test_files_are_relative_to_the_campaign(tmp_path: Path) -> None:
    text = VALID.replace("{prototype: Zn}", "{file: own/zinc.cif}")
    recipe = load_campaign(write(tmp_path, text)).systems["zinc"]
    assert recipe.file == tmp_path / "own" / "zinc.cif"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.text(st.characters(categories=["Ll"]), min_size=1, max_size=12))
def test_no_unknown_key_slips_through(tmp_path: Path, key: str) -> None:
    known = {"name", "description", "calculator", "relax", "systems", "studies"}
    text = VALID + f'"{key}": 1\n'
    if key in known:
        return
    assert f"unknown key '{key}'" in message(tmp_path, text)
