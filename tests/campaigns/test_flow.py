"""What a campaign becomes: one graph, with shared jobs once, and a plan that matches it."""

from __future__ import annotations

from pathlib import Path

import pytest

from azibflow.campaigns.files import load_campaign
from azibflow.campaigns.flow import campaign_flow
from azibflow.campaigns.plan import plan
from azibflow.errors import CapabilityError, StructureError

CAMPAIGN = """\
name: shared
systems:
  zinc: {prototype: Zn}
  zn002:
    prototype: Zn
    slab: {miller: (002), layers: 3, supercell: [2, 2]}
  graphene: {prototype: graphene, supercell: [3, 3, 1]}
studies:
  - {kind: adsorption, system: [zn002, graphene], adsorbate: [Zn, H2O]}
  - {kind: surface, system: zinc, facets: [(002)]}
"""


def load(tmp_path: Path, text: str):
    path = tmp_path / "campaign.yaml"
    path.write_text(text)
    return load_campaign(path)


def job_names(flow) -> list[str]:
    return [job.name for job, _ in flow.iterflow()]


def test_studies_share_bulk_slab_and_reference(tmp_path: Path) -> None:
    names = job_names(campaign_flow(load(tmp_path, CAMPAIGN)))
    assert [name for name in names if name.endswith("relax bulk")] == ["zn002: relax bulk", "graphene: relax bulk"]
    assert names.count("zn002: relax surface") == 1
    assert names.count("graphene: relax surface") == 1
    assert names.count("Zn: reference") == 1
    assert names.count("H2O: reference") == 1
    assert {"Zn on zn002: sites", "H2O on graphene: sites", "surfaces of zinc: slabs"} <= set(names)


def test_a_study_with_its_own_calculator_shares_nothing(tmp_path: Path) -> None:
    text = CAMPAIGN + (
        "  - kind: surface\n    name: other\n    system: zinc\n    facets: [(002)]\n"
        "    calculator: {kind: chgnet, dispersion: {}}\n"
    )
    names = job_names(campaign_flow(load(tmp_path, text)))
    assert (names.count("zn002: relax bulk"), names.count("zinc: relax bulk")) == (1, 1)


def test_the_graph_survives_json(tmp_path: Path) -> None:
    from monty.json import MontyDecoder, MontyEncoder

    flow = campaign_flow(load(tmp_path, CAMPAIGN))
    again = MontyDecoder().decode(MontyEncoder().encode(flow))
    assert sorted(job_names(again)) == sorted(job_names(flow))
    assert again.job_uuids == flow.job_uuids


def test_the_plan_counts_sites_orientations_and_slabs(tmp_path: Path) -> None:
    tasks = [entry.task for entry in plan(load(tmp_path, CAMPAIGN))]
    assert len(tasks) == len(set(tasks))
    assert sum(task.startswith("Zn on zn002") for task in tasks) == 4
    assert sum(task.startswith("H2O on graphene") for task in tasks) == 3 * 4
    assert tasks.count("H2O: relax molecule") == 1
    assert "zinc(001) t0, 8 layers: relax" in tasks


def test_a_charged_system_never_reaches_a_charge_blind_surrogate(tmp_path: Path) -> None:
    text = CAMPAIGN.replace("supercell: [3, 3, 1]}", "supercell: [3, 3, 1], charge: 2}")
    with pytest.raises(CapabilityError, match="charge"):
        plan(load(tmp_path, text))


def test_an_unknown_site_is_refused_before_anything_runs(tmp_path: Path) -> None:
    text = CAMPAIGN.replace("adsorbate: [Zn, H2O]", "adsorbate: Zn, sites: [hollow]")
    with pytest.raises(StructureError, match="no adsorption site hollow"):
        plan(load(tmp_path, text))
