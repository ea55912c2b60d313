"""What potentials are worth on published hops: arithmetic against the published bands, and what counts as a barrier."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from azibflow.analysis.benchmarks.barriers import (
    Measured,
    MeasuredHop,
    barriers_of,
    by_name,
    errors_by_class,
    errors_of,
    kept,
    measured,
    read_measured,
    together,
    with_kept,
    worth,
)
from azibflow.analysis.figures.benchmarks import plot_barrier_parity
from azibflow.analysis.tables.benchmarks import hops_table, worth_table
from azibflow.analysis.tables.migration import barriers_table
from azibflow.calculators.factory import record
from azibflow.calculators.specs import ChgnetSpec, parse_spec
from azibflow.campaigns.barrier_benchmark import barrier_benchmark
from azibflow.campaigns.files import dump_campaign, load_campaign
from azibflow.cli.main import main
from azibflow.data.barriers import published_hops
from azibflow.errors import CapabilityError, RunError
from azibflow.structures.files import read_structure
from azibflow.workflows.common.results import Outcome
from azibflow.workflows.migration.hops import hop_between
from azibflow.workflows.migration.results import BandSettings, MigrationResult

POTENTIALS = ("CHGNet", "MACE", "SevenNet", "Orb-v3")


def result(name: str, barrier: float | None, **changes: object) -> MigrationResult:
    return MigrationResult(
        study=name,
        host=name,
        ion="Zn",
        hop="1",
        outcome=Outcome.OK,
        barrier_forward=barrier,
        saddle_kind="climbing image",
        force_calls=100,
        endpoint_force_calls=20,
        seconds=5.0,
        endpoint_seconds=1.0,
        band=BandSettings(),
        calculator=record(ChgnetSpec()),
    ).model_copy(update=changes)


@pytest.mark.parametrize(
    ("name", "absolute", "rank"),
    [("CHGNet", 0.337, 0.51), ("MACE", 0.233, 0.58), ("SevenNet", 0.139, 0.62), ("Orb-v3", 0.132, 0.58)],
)
def test_errors_of_the_published_bands(name: str, absolute: float, rank: float) -> None:
    """Computed by hand from the compilation, over the 21 hops for which all four have a band."""
    all_four = [hop for hop in published_hops().values() if len(hop.potentials) == len(POTENTIALS)]
    errors = errors_of({hop.name: hop.potentials[name] for hop in all_four})
    assert errors.number == 21
    assert errors.absolute == pytest.approx(absolute, abs=5e-4)
    assert errors.rank == pytest.approx(rank, abs=5e-3)


@pytest.mark.parametrize("hop", published_hops().values(), ids=lambda hop: hop.name)
def test_between_the_endpoints_the_ion_hops_and_nothing_else(hop: object) -> None:
    first, second = (read_structure(file) for file in hop.endpoints)
    found = hop_between(first, second)
    assert found.ion == hop.ion
    moved = found.final.to_atoms().get_positions() - found.initial.to_atoms().get_positions()
    steps = np.sort(np.linalg.norm(moved, axis=1))
    assert steps[-1] > 2.0
    assert steps[-2] < 0.6


def test_a_perfect_potential_and_one_that_is_off_by_a_constant() -> None:
    dft = {name: hop.dft for name, hop in published_hops().items() if hop.ion == "Zn"}
    perfect = errors_of(dft)
    assert (perfect.mean, perfect.spread, perfect.absolute, perfect.rank) == (0.0, 0.0, 0.0, 1.0)
    low = errors_of({name: barrier - 0.3 for name, barrier in dft.items()})
    assert (low.mean, low.absolute, low.rank) == (pytest.approx(-0.3), pytest.approx(0.3), pytest.approx(1.0))
    assert low.spread == pytest.approx(0.0)
    assert low.in_words() == "23 published DFT barriers of Zn: error -0.30 +- 0.00 eV"
    assert {hosts: errors.number for hosts, errors in errors_by_class(dft).items()} == {
        "layered": 6,
        "oxide spinel": 8,
        "chalcogenide spinel": 9,
    }
    assert errors_of({"ZnIn2S4": 0.8}) is None


def test_only_results_count_and_only_hops_of_zinc() -> None:
    results = [
        result("ZnIn2S4", 0.5),
        result("ZnSc2S4", 0.6, outcome=Outcome.UNCONVERGED, reason="not converged"),
        result("MgZnSiO4_2", 0.5, ion="Mg"),
        result("somebody's own", 0.1),
        result("ZnY2S4", None, outcome=Outcome.FAILED, reason="lost"),
    ]
    (one,) = measured(results)
    assert barriers_of(one) == {"ZnIn2S4": 0.5}
    assert [hop.name for hop in one.hops] == ["ZnIn2S4", "ZnSc2S4", "MgZnSiO4_2", "ZnY2S4"]
    assert (one.hops[0].force_calls, one.hops[0].seconds) == (120, 6.0)
    table = hops_table(by_name([one]))
    assert "ZnSc2S4, chgnet 0.3.0: unconverged; not converged." in table.notes
    cells = {row.name: row.cells.get("chgnet 0.3.0") for row in table.rows}
    assert (cells["ZnIn2S4"], cells["ZnSc2S4"], cells["MgZnSiO4_2"]) == (0.5, None, 0.5)


def test_a_barrier_of_zero_is_a_barrier() -> None:
    (one,) = measured([result("ZnIn2S4", 0.0)])
    assert barriers_of(one) == {"ZnIn2S4": 0.0}


def test_the_summary_says_what_failed_and_what_it_cost() -> None:
    (one,) = measured([result("ZnIn2S4", 0.5), result("ZnSc2S4", 0.5), result("ZnY2S4", None, outcome=Outcome.FAILED)])
    row = worth_table(by_name([one])).rows[0]
    assert row.name == "chgnet 0.3.0, all"
    assert (row.cells["number"], row.cells["failed"], row.cells["force_calls"]) == (2, 1, 120)
    assert row.cells["mean"] == pytest.approx((0.5 - 0.827 + 0.5 - 0.78) / 2)


def test_a_potential_without_a_single_barrier_is_shown() -> None:
    zn_host = record(parse_spec("zn-host"))
    (one,) = measured([result("Ti2S4_Zn", 0.5, outcome=Outcome.OUTSIDE, calculator=zn_host)])
    row = worth_table(by_name([one])).rows[0]
    assert (row.name, row.cells["number"], row.cells["failed"], row.cells["mean"]) == ("zn-host, all", 0, 1, None)


def test_every_potential_that_is_kept_is_known_by_its_weights_and_settings() -> None:
    for one in kept():
        assert worth(one.calculator) is one
    assert worth(record(parse_spec({"kind": "chgnet", "dispersion": {}}))) is None
    assert worth(record(parse_spec({"kind": "chgnet", "version": "r2scan"}))) is None


def test_one_s_own_run_stands_for_what_is_kept_and_like_names_are_numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    (one,) = measured([result("ZnIn2S4", 0.5)])
    (other,) = measured([result("ZnIn2S4", 0.4, calculator=record(parse_spec({"kind": "chgnet", "dispersion": {}})))])
    monkeypatch.setattr(
        "azibflow.analysis.benchmarks.barriers.kept", lambda: (one.model_copy(update={"hops": []}), other)
    )
    assert with_kept([one]) == [one, other]
    assert list(by_name([one, other])) == ["chgnet 0.3.0 (1)", "chgnet 0.3.0 (2)"]


def test_a_barrier_table_says_what_its_calculator_is_worth(monkeypatch: pytest.MonkeyPatch) -> None:
    (one,) = measured([result("ZnIn2S4", 0.5), result("ZnSc2S4", 0.5)])
    monkeypatch.setattr("azibflow.analysis.benchmarks.barriers.kept", lambda: (one,))
    note = "chgnet 0.3.0, measured on 2 published DFT barriers of Zn: error -0.30 +- 0.03 eV."
    assert note in barriers_table([result("mine", 0.4)]).notes
    assert not any("published DFT" in note for note in barriers_table([result("mine", 0.4, ion="Mg")]).notes)
    other = result("mine", 0.4, calculator=record(ChgnetSpec(version="r2scan")))
    assert any("has not been measured on published barriers" in note for note in barriers_table([other]).notes)
    monkeypatch.setattr(
        "azibflow.analysis.benchmarks.barriers.kept",
        lambda: (one.model_copy(update={"hops": [hop.model_copy(update={"barrier": None}) for hop in one.hops]}),),
    )
    wanted = "chgnet 0.3.0 gave 0 barriers for 2 published hops that it was asked."
    assert wanted in barriers_table([result("mine", 0.4)]).notes


def test_hops_of_one_potential_that_were_measured_in_several_runs_are_put_together() -> None:
    (first,) = measured([result("ZnIn2S4", 0.5), result("ZnSc2S4", None, outcome=Outcome.FAILED)])
    (again,) = measured([result("ZnSc2S4", 0.7), result("ZnY2S4", 0.8)])
    (whole,) = together([first, again])
    assert {hop.name: hop.barrier for hop in whole.hops} == {"ZnIn2S4": 0.5, "ZnSc2S4": 0.7, "ZnY2S4": 0.8}
    other = again.model_copy(update={"calculator": record(parse_spec("xtb"))})
    assert together([first, other]) == [first, other]


def test_what_is_saved_is_read_and_something_else_refused(tmp_path: Path) -> None:
    (one,) = measured([result("ZnIn2S4", 0.5)])
    path = tmp_path / "one.json"
    path.write_text(one.model_dump_json())
    assert read_measured(path) == one
    path.write_text("{}")
    with pytest.raises(RunError, match=r"one\.json holds no measured potential"):
        read_measured(path)


def test_the_parity_plot_has_a_panel_for_each(tmp_path: Path) -> None:
    calculators = [record(ChgnetSpec()), record(ChgnetSpec(version="r2scan"))]
    hops = [
        MeasuredHop(name=name, outcome=Outcome.OK, barrier=hop.potentials["CHGNet"])
        for name, hop in published_hops().items()
        if "CHGNet" in hop.potentials
    ]
    plot_barrier_parity(by_name([Measured(calculator=one, hops=hops) for one in calculators]), tmp_path / "parity.png")
    assert (tmp_path / "parity.png").stat().st_size > 20_000


def test_the_campaign_of_a_calculator_leaves_out_what_it_cannot_compute(tmp_path: Path) -> None:
    made = barrier_benchmark("zn-host")
    assert [study.name for study in made.campaign.studies] == ["a-V2O5_Zn", "d-V2O5_Zn", "d-ZnV2O5", "Ti2S4_Zn"]
    assert "has never seen Mn" in made.refused["ZnMn2O4"]
    assert len(made.refused) == 20
    (tmp_path / "hops.yaml").write_text(dump_campaign(made.campaign))
    assert load_campaign(tmp_path / "hops.yaml") == made.campaign
    with pytest.raises(CapabilityError, match="no published hop is called 'ZnIn2S5'"):
        barrier_benchmark("chgnet", ["ZnIn2S5"])
    with pytest.raises(CapabilityError, match="can compute none of the published hops"):
        barrier_benchmark("zn-host", ["ZnMn2O4"])


def status(*words: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    return int(ended.value.code or 0)


def test_a_model_named_by_its_path_gives_a_campaign_with_a_name(write_mace: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "my models").mkdir()
    path = write_mace(tmp_path / "my models" / "one.model", numbers=(16, 21, 30))
    made = barrier_benchmark(f"mace:{path}", ["ZnSc2S4"])
    assert re.fullmatch(r"barriers-mace-[A-Za-z0-9._-]+", made.campaign.name)
    assert len(made.campaign.name) <= 100


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (one,) = measured([result("ZnIn2S4", 0.5), result("ZnSc2S4", 0.5)])
    (tmp_path / "saved.json").write_text(one.model_dump_json())
    assert status("benchmark", "barriers", tmp_path / "saved.json") == 0
    shown = capsys.readouterr().out
    assert "CHGNet, as published" in shown
    assert "chgnet 0.3.0            all                     2  -0.30" in shown
    assert "arXiv:2508.06459" in shown
    file = tmp_path / "hops.yaml"
    assert status("benchmark", "barriers", "--calculator", "zn-host", "--hop", "Ti2S4_Zn", "--campaign", file) == 0
    assert "hops: 1; azibflow run or azibflow submit computes them" in capsys.readouterr().out
    assert [study.name for study in load_campaign(file).studies] == ["Ti2S4_Zn"]
    assert status("benchmark", "barriers", "--hop", "Ti2S4_Zn") == 2
    assert "name a --calculator" in capsys.readouterr().err
    assert status("benchmark", "barriers", "--calculator", "chgnet", "--hop", "Ti3S4_Zn") == 2
    assert "no published hop is called 'Ti3S4_Zn'" in capsys.readouterr().err
