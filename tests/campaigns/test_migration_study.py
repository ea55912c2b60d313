"""Migration in campaigns: lists of hosts and surfaces, which hops are meant, what is left out, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from ase.build import fcc111

from azibflow.campaigns.files import load_campaign
from azibflow.campaigns.flow import campaign_flow
from azibflow.campaigns.model import Campaign
from azibflow.campaigns.plan import plan
from azibflow.campaigns.same_campaign import same_campaign
from azibflow.cli.main import main
from azibflow.errors import AzibflowError
from azibflow.workflows.migration.hops import WAYS_THROUGH, HopSettings

TEXT = """\
name: demo
calculator: {kind: ase, calculator: "ase.calculators.emt:EMT"}
systems:
  cu: {prototype: Cu}
  mno2: {prototype: alpha-MnO2}
  repeated: {prototype: alpha-MnO2, supercell: [1, 1, 3]}
  charged: {prototype: alpha-MnO2, supercell: [1, 1, 3], charge: 1}
  slab: {prototype: Cu, slab: {miller: (111), layers: 2, supercell: [2, 2], vacuum: 8}}
  sheet: {prototype: graphene, supercell: [2, 2, 1]}
  own: {file: own.vasp}
studies:
"""
DEFAULT_HOPS = """
  - kind: migration
    system: mno2
    ion: Zn
    hops: {direction: null, max_distance: 5.0, max_hops: 1, sites: null, supercell: null, min_length: 8.0}
"""


def write(folder: Path, studies: str) -> Path:
    fcc111("Cu", (2, 2, 2), vacuum=5.0, periodic=True).write(folder / "own.vasp")
    path = folder / "campaign.yaml"
    path.write_text(TEXT + studies)
    return path


def tasks(folder: Path, studies: str) -> list[str]:
    return [entry.task for entry in plan(load_campaign(write(folder, studies)))]


def test_a_study_of_several_hosts_and_surfaces_has_a_flow_for_each(tmp_path: Path) -> None:
    study = "  - {kind: migration, name: all, system: [cu, slab, own], ion: H, literature: []}\n"
    flow = campaign_flow(load_campaign(write(tmp_path, study)))
    names = ["all: H in cu", "all: H on slab", "all: H on own"]
    assert [part.name for part in flow.jobs if part.name.startswith("all")] == names
    alone = campaign_flow(load_campaign(write(tmp_path, study.replace("[cu, slab, own]", "cu"))))
    assert "all" in [part.name for part in alone.jobs]


def test_a_slab_is_relaxed_once_for_adsorption_and_for_hops(tmp_path: Path) -> None:
    studies = (
        "  - {kind: migration, system: slab, ion: H}\n  - {kind: adsorption, system: slab, adsorbate: H}\n"
        "  - {kind: migration, name: exchange, system: slab, ion: Cu, surface: {mechanism: exchange}}\n"
    )
    jobs = [job.name for job, _ in campaign_flow(load_campaign(write(tmp_path, studies))).iterflow()]
    assert jobs.count("slab: relax surface") == 1
    assert jobs.count("H on slab: sites") == 2


def test_zinc_on_tin_and_on_zinc_is_a_study_with_its_published_ordering(tmp_path: Path) -> None:
    """The column of diffusion barriers in comparisons of zinc anodes: Sn(200) below Zn(002)."""
    path = tmp_path / "campaign.yaml"
    path.write_text(
        "name: anodes\ncalculator: chgnet\nsystems:\n"
        "  sn200: {prototype: beta-Sn, slab: {miller: (200), layers: 3, supercell: [2, 2], fixed_layers: 1}}\n"
        "  zn002: {prototype: Zn, slab: {miller: (002), layers: 4, supercell: [3, 3], fixed_layers: 2}}\n"
        "studies:\n  - {kind: migration, system: [sn200, zn002], literature: ['Sn(200)']}\n"
    )
    found = [entry.task for entry in plan(load_campaign(path))]
    assert [task for task in found if task.endswith("relax surface")] == [
        "sn200: relax surface",
        "zn002: relax surface",
    ]
    assert "Zn on zn002, hollow-hcp: relax" in found
    assert any(task.startswith("Zn on sn200, hop 1 of about") for task in found)


def test_hops_that_lead_on_are_computed_unless_others_are_named(tmp_path: Path) -> None:
    """In alpha-MnO2 the shortest hop is 1.42 angstrom, within its tunnel; the way along it takes one of 2.85."""
    hops = {
        said: [task for task in tasks(tmp_path, f"  - {{kind: migration, system: mno2{said}}}\n") if "band" in task]
        for said in ("", ", hops: {max_hops: 1}", ", hops: {choose: percolating}")
    }
    assert hops[""] == ["Zn in mno2, O12 to O12 along c, 2.85 A: band of 5 images"]
    assert [task.rpartition(", ")[2] for task in hops[", hops: {max_hops: 1}"]] == ["1.42 A: band of 5 images"]
    assert hops[", hops: {choose: percolating}"] == hops[""]
    assert WAYS_THROUGH.max_hops == 6


def test_a_host_with_a_supercell_is_that_of_insertion_and_its_ion_hops_in_it(tmp_path: Path) -> None:
    hops = "{sites: [2x2 tunnel], max_hops: 1}"
    studies = f"  - {{kind: migration, system: repeated, hops: {hops}}}\n"
    campaign = load_campaign(write(tmp_path, studies))
    flow = campaign_flow(campaign)
    assert next(job for job, _ in flow.iterflow() if job.name.endswith(": hops")).function_args[2].supercell == (
        1,
        1,
        3,
    )
    bands = [entry for entry in plan(campaign) if "band" in entry.task]
    assert [len(entry.atoms) for entry in bands] == [24 * 3 + 1]
    said = studies.replace("repeated", "mno2").replace("max_hops: 1", "max_hops: 1, supercell: [1, 1, 3]")
    (alone,) = [entry for entry in plan(load_campaign(write(tmp_path, said))) if "band" in entry.task]
    assert bands[0].atoms == alone.atoms


def test_a_run_begun_with_the_shortest_hop_goes_on(tmp_path: Path) -> None:
    """Earlier versions wrote hops and a single name down, whatever the file said."""
    now = load_campaign(write(tmp_path, "  - {kind: migration, system: mno2}\n"))
    kept = load_campaign(write(tmp_path, DEFAULT_HOPS))
    assert kept.studies[0].hops == HopSettings()
    assert same_campaign(kept, now)
    asked = load_campaign(write(tmp_path, "  - {kind: migration, system: mno2, hops: {choose: percolating}}\n"))
    assert not same_campaign(kept, asked)
    other = load_campaign(write(tmp_path, "  - {kind: migration, system: [mno2, cu]}\n"))
    assert not same_campaign(kept, other)


def test_a_campaign_that_is_written_down_is_read_as_the_same(tmp_path: Path) -> None:
    study = "  - {kind: migration, system: [slab, cu], surface: {mechanism: exchange}, hops: {choose: percolating}}\n"
    campaign = load_campaign(write(tmp_path, study))
    assert same_campaign(Campaign.model_validate(campaign.model_dump(mode="json")), campaign)
    assert campaign.studies[0].surface.mechanism == ("exchange",)


def test_a_file_with_vacuum_is_a_surface_unless_hops_are_named(tmp_path: Path) -> None:
    on = tasks(tmp_path, "  - {kind: migration, system: own, ion: H}\n")
    assert "H on own, hollow-fcc: relax" in on
    within = tasks(
        tmp_path, "  - {kind: migration, system: own, ion: H, hops: {sites: [[0.6, 0.6, 0.45]], max_distance: 6}}\n"
    )
    assert not [task for task in within if "on own" in task]


def test_a_dry_run_says_what_caps_leave_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(
        tmp_path,
        "  - {kind: migration, system: slab, ion: H, surface: {max_sites: 2, max_hops: 1}}\n"
        "  - {kind: adsorption, system: slab, adsorbate: H2O, max_starts: 5}\n"
        "  - {kind: migration, system: cu, ion: H, hops: {max_hops: 2}}\n",
    )
    with pytest.raises(SystemExit) as stopped:
        main(["run", str(path), "--dry-run"])
    said = capsys.readouterr().out
    assert stopped.value.code == 0
    assert "2 of 4 adsorption sites are left out, since max_sites is 2; max_sites: null takes all" in said
    assert "11 of 16 sites and orientations are left out, since max_starts is 5; max_starts: null takes all" in said
    assert "5 of 7 distinct hops are left out, since max_hops is 2" in said
    assert said.count("H2O on slab, ") == 5
    assert said.count("band of 5 images") == 3


@pytest.mark.parametrize(
    ("study", "message"),
    [
        (
            "system: slab, hops: {direction: a}",
            "line 12.*hops: belongs to bulk hosts, and 'slab' is a slab.*surface",
        ),
        ("system: sheet, hops: {max_hops: 3}", "hops: belongs to bulk hosts, and 'sheet' is a sheet"),
        (
            "system: repeated, hops: {supercell: [1, 1, 4]}",
            r"supercell \[1, 1, 3\] and hops: .* \[1, 1, 4\].* remove one",
        ),
        ("system: charged", "charge 1 is that of a supercell, and hops are found in one cell; state the charge of one"),
        ("system: cu, surface: {}", "surface: belongs to slabs and sheets, and 'cu' is a bulk; cut a slab"),
        ("system: [slab, cu], surface: {}", "surface: belongs to slabs and sheets, and 'cu' is a bulk"),
        ("endpoints: [own, cu], surface: {}", "surface: belongs to a host; between endpoints"),
        ("system: slab, surface: {mechanism: [jump]}", "surface.mechanism.*must be 'hop' or 'exchange', not 'jump'"),
        ("system: slab, surface: {sites: [hollow]}", "no adsorption site hollow on this surface; its sites are top-Cu"),
        ("system: sheet, surface: {mechanism: exchange}", "exchange is for surfaces of metals, and this one holds C"),
        ("system: cuu", "line 12.*names the system 'cuu', which is not among the systems.*did you mean 'cu'"),
        ("system: [cu, slabs]", "names the system 'slabs', which is not among the systems.*did you mean 'slab'"),
        ("systems: [cu, slab]", "unknown key 'studies.0..systems'; did you mean 'system'"),
        ("system: []", "must have at least 1 item"),
    ],
)
def test_mistakes_are_told_in_one_line(study: str, message: str, tmp_path: Path) -> None:
    path = write(tmp_path, f"  - {{kind: migration, {study}}}\n")
    with pytest.raises(AzibflowError, match=message) as error:
        plan(load_campaign(path), path)
    assert str(path) in str(error.value)
    assert len(str(error.value).splitlines()) == 1
