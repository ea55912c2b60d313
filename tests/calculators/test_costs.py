"""Estimates of cost: sizes, laws through measured points, and what a dry run says of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from command_line import azibflow

from azibflow.calculators.codes.cp2k_data import AtomBasis, atom_basis, products_on_grid, valence_electrons
from azibflow.calculators.costs.estimate import cost_model
from azibflow.calculators.costs.law import fitted
from azibflow.calculators.costs.measured import DELIVERED, MeasuredCosts, MeasuredPoint, read_costs
from azibflow.calculators.costs.size import Size, computed_kpoints, plane_waves
from azibflow.calculators.specs import ChgnetSpec, Cp2kSpec, VaspSpec
from azibflow.campaigns.costs import planned_costs
from azibflow.campaigns.plan import PlannedStructure
from azibflow.cli.costs import cost_notes, cost_words
from azibflow.errors import AzibflowError
from azibflow.hpc.profiles import Resources, load_profile

SECONDS, PER_BLOCK, PER_PRODUCT = 3.0, 0.01, 2e-8
"""The law behind the points below: of the start, of a k-point, of orbitals times bands times plane waves."""


def size(bands: int, kpoints: int = 1, method: str = "gpaw") -> Size:
    return Size(
        method=method,
        atoms=bands // 4,
        electrons=2 * bands,
        kpoints=kpoints,
        bands=bands,
        functions=50 * bands,
        grid=400 * bands,
    )


def point(bands: int, kpoints: int, scale: float = 1.0, method: str = "gpaw") -> MeasuredPoint:
    of = size(bands, kpoints, method)
    seconds = SECONDS + PER_BLOCK * kpoints + PER_PRODUCT * of.orbitals * bands * of.functions
    return MeasuredPoint(
        system=f"{bands} bands, {kpoints}",
        size=of,
        seconds=scale * seconds,
        next_seconds=scale * seconds / 2,
        memory=100 + 1e-5 * of.orbitals * of.functions,
        disk=1 + 1e-4 * of.grid,
    )


SMALL = ((8, 10), (16, 10), (16, 2), (32, 2), (8, 1), (16, 1))
SIZES = ((8, 300), (16, 100), (32, 20), (64, 4), (128, 1), (16, 400))


def costs(*points: MeasuredPoint) -> MeasuredCosts:
    return MeasuredCosts(machine="an abacus", date="2026-01-01", versions={"gpaw": "22.8"}, points=list(points))


EXACT = costs(*(point(*one) for one in SIZES))


def test_points_of_a_law_give_that_law_also_far_beyond_them() -> None:
    model = cost_model("gpaw", EXACT)
    assert model.factor == pytest.approx(1, abs=1e-3)
    far = size(512, 8)
    expected = SECONDS + PER_BLOCK * 8 + PER_PRODUCT * far.orbitals * 512 * far.functions
    estimate = model.of(far)
    assert estimate.first == pytest.approx(expected, rel=1e-3)
    assert estimate.of(11) == pytest.approx(6 * expected, rel=1e-3)
    assert estimate.memory == pytest.approx(100 + 1e-5 * far.orbitals * far.functions, rel=1e-3)
    assert estimate.disk == pytest.approx(1 + 1e-4 * far.grid, rel=1e-3)
    assert estimate.beyond == pytest.approx(expected / max(one.seconds for one in EXACT.points), rel=1e-3)


def test_the_factor_is_that_by_which_a_point_left_out_is_missed() -> None:
    alike = [point(16, 100), point(16, 100), point(16, 100, scale=3)]
    law = fitted(alike, lambda one: one.seconds, (lambda _: 1.0,))
    assert law.factor == pytest.approx(3)
    assert cost_model("gpaw", costs(*EXACT.points, point(32, 20, scale=2.0))).factor > 1.5
    assert cost_model("gpaw", costs(*EXACT.points[:4])) is None
    assert cost_model("cp2k, orbital transformation", EXACT) is None


def test_sizes_are_counted_as_codes_count_them() -> None:
    assert computed_kpoints((1, 1, 1)) == 1
    assert computed_kpoints((2, 2, 2)) == 8, "each of them is its own opposite"
    assert computed_kpoints((11, 11, 6)) == 364, "as GPAW 22.8 says of such a mesh without symmetries"
    zinc = bulk("Zn", a=2.665, c=4.947)
    assert plane_waves(zinc.get_volume(), 450) == pytest.approx(657, rel=0.01)
    box = Atoms("H", cell=np.eye(3) * 10, pbc=True)
    assert plane_waves(box.get_volume(), 400) == pytest.approx(2**1.5 * plane_waves(box.get_volume(), 200))


BASES = """\
# a comment
 H  SZV-MOLOPT SZV-MOLOPT-q1
 1
 2 0 0 2 1
      1.0 0.1
      0.2 0.3
 Zn DZVP-MOLOPT-SR-GTH DZVP-MOLOPT-SR-GTH-q12
 2
 2 0 3 1 2 2 2 1
      6.4  0.0  0.0  0.0  0.0  0.3  0.0  0.0
 3 1 1 1 1
      0.8  0.0
"""


def test_basis_functions_and_electrons_are_those_of_the_files(tmp_path: Path) -> None:
    (tmp_path / "BASES").write_text(BASES)
    (tmp_path / "POTENTIALS").write_text("Zn GTH-PBE-q20\n 4 6 10\nZn GTH-PBE-q12 GTH-PBE\n    2    0   10\n  0.51 0\n")
    # two sets: 2 s, 2 p, 2 d, 1 f; then one p
    zinc = atom_basis(tmp_path / "BASES", "Zn", "DZVP-MOLOPT-SR-GTH")
    assert zinc == AtomBasis(2 + 6 + 10 + 7 + 3, 0.8)
    hydrogen = atom_basis(tmp_path / "BASES", "H", "SZV-MOLOPT-q1")
    assert hydrogen == AtomBasis(1, 0.2)
    assert hydrogen.reach == pytest.approx(2 * zinc.reach)
    assert valence_electrons(tmp_path / "POTENTIALS", "Zn", "GTH-PBE") == 12
    assert valence_electrons(tmp_path / "POTENTIALS", "Zn", "GTH-PBE-q20") == 20


def test_neighbours_are_counted_as_often_as_they_are_there() -> None:
    one = AtomBasis(5, 0.2)
    alone = products_on_grid([one], 100.0, 50.0)
    assert products_on_grid([one] * 2, 200.0, 50.0) == pytest.approx(2 * alone), "of a doubled crystal"
    assert products_on_grid([one] * 2, 100.0, 50.0) == pytest.approx(4 * alone), "of a denser one"
    diffuse = AtomBasis(5, 0.05)
    assert products_on_grid([diffuse], 100.0, 50.0) == pytest.approx(64 * alone), "twice as far, in eight times"


class Sized(VaspSpec):
    """A method with a size that needs no program."""

    def size(self, atoms: Atoms) -> Size:
        return size(128, 2)


def planned(task: str, calculator: object = Sized()) -> PlannedStructure:
    return PlannedStructure("a study", task, bulk("Zn"), calculator)


@pytest.mark.parametrize(
    ("task", "evaluations"),
    [
        ("Zn: relax bulk", 20),
        ("Zn: relax bulk, cell fixed", 20),
        ("Zn in V2O5: band of 5 images, climbing", 100),
        ("ZnO, cutoff 450: single point", 1),
        ("hop: single point, first endpoint", 1),
        ("V8O16: relax and anneal", None),
        ("V8O16: search up to n = 5", None),
    ],
)
def test_what_is_done_says_how_many_evaluations_it_takes(task: str, evaluations: int | None) -> None:
    assert planned(task).evaluations == evaluations


def said(task: str, source: MeasuredCosts = EXACT, resources: Resources | None = None) -> str:
    (cost,) = planned_costs([planned(task)], [source])
    return cost_words(cost, resources)


def test_a_calculation_is_told_with_what_the_estimate_rests_on() -> None:
    tasks = [planned("Zn: relax bulk"), planned("Zn: relax bulk", ChgnetSpec()), planned("Zn: relax bulk", VaspSpec())]
    known, unknown = planned_costs(tasks, [EXACT])
    first = SECONDS + PER_BLOCK * 2 + PER_PRODUCT * 2 * 128**2 * 50 * 128
    assert known.seconds == pytest.approx(first * (1 + 19 / 2), rel=1e-3)
    words = cost_words(known)
    assert words == f"2 k-points, first SCF {first:.2g} s, job of 20 1:15, memory 116 MB, disk 6 MB"
    assert cost_words(unknown) == "cost not estimated"
    assert "their number not known" in said("V8O16: search up to n = 5")
    notes = " ".join(cost_notes([known, unknown]))
    assert "gpaw: estimates for one core, within a factor of about 1.0 (memory 1.0, disk 1.0)" in notes
    assert "from 6 points of 2 to 32 atoms measured on an abacus (2026-01-01, version 22.8)" in notes
    assert "cost not estimated: no measured points of vasp" in notes
    assert "nobody knows their number before" in notes
    assert f"DFT: about {known.seconds / 3600:.2g} core hours" in notes


def test_a_profile_says_on_how_many_cores_and_whether_its_memory_is_enough() -> None:
    words = said("Zn: relax bulk", resources=Resources(cpus=4, tasks=2, memory="100M"))
    assert "job of 20 1:15, at best 9.5 s on 8 cores" in words
    assert "memory 116 MB (more than the 100M asked for)" in words
    assert "asked for" not in said("Zn: relax bulk", resources=Resources(memory="1G"))


def test_what_is_far_beyond_the_points_is_said_to_be() -> None:
    assert "beyond" not in said("x: single point")
    assert "2 times beyond what was measured" in said("x: single point", costs(*(point(*one) for one in SMALL)))


def test_the_first_file_with_points_of_a_method_is_taken() -> None:
    other = costs(*(point(*one, method="cp2k, orbital transformation") for one in SIZES))
    slower = costs(*(point(*one, scale=10) for one in SIZES))
    for sources, source in (([other, EXACT], EXACT), ([slower, EXACT], slower)):
        (cost,) = planned_costs([planned("x: single point")], sources)
        assert cost.basis.source is source


CAMPAIGN = """\
name: costly
calculator: {kind: cp2k, kpoints: [1, 1, 1]}
systems: {h: {file: h.vasp}}
studies: [{kind: convergence, system: h, vary: {cutoff: [300, 400]}}]
"""


@pytest.fixture
def campaign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A campaign of CP2K, a program that is never run, and no measured points of one's own."""
    (tmp_path / "cp2k").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "cp2k").chmod(0o755)
    (tmp_path / "BASIS_MOLOPT").write_text(" H DZVP-MOLOPT-SR-GTH\n 1\n 2 0 1 1 2 1\n      1.0 0.1 0.1 0.1\n")
    (tmp_path / "GTH_POTENTIALS").write_text("H GTH-PBE-q1 GTH-PBE\n    1\n")
    monkeypatch.setenv("AZIBFLOW_COMMAND_CP2K", str(tmp_path / "cp2k"))
    monkeypatch.setenv("CP2K_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "h.vasp").write_text("H\n1\n5 0 0\n0 5 0\n0 0 5\nH\n2\nDirect\n0 0 0\n0 0 0.15\n")
    (tmp_path / "costly.yaml").write_text(CAMPAIGN)
    return tmp_path / "costly.yaml"


def test_a_dry_run_takes_the_points_of_ones_own_machine(campaign: Path, capsys: pytest.CaptureFixture[str]) -> None:
    method = Cp2kSpec(kpoints=(1, 1, 1)).size(bulk("H", "sc", a=5)).method
    assert method == "cp2k, orbital transformation"
    assert azibflow("run", campaign, "--dry-run") == 0
    assert "1 k-point, first SCF" in (delivered := capsys.readouterr().out)
    assert "an abacus" not in delivered
    assert "cp2k, orbital transformation: estimates for one core" in delivered
    own = campaign.parent / "config" / "azibflow" / "dft_costs.json"
    own.parent.mkdir(parents=True)
    own.write_text(costs(*(point(*one, method=method) for one in SIZES)).model_dump_json())
    assert azibflow("run", campaign, "--dry-run") == 0
    assert "measured on an abacus" in capsys.readouterr().out
    own.write_text("{}")
    assert azibflow("run", campaign, "--dry-run") == 2
    assert f"{own} holds no measured costs; benchmarks/dft_costs.py writes such a file" in capsys.readouterr().err


def test_a_profile_names_the_points_of_its_machine(campaign: Path, capsys: pytest.CaptureFixture[str]) -> None:
    points = costs(*(point(*one, method="cp2k, orbital transformation") for one in SIZES))
    (campaign.parent / "there.json").write_text(points.model_dump_json())
    machine = campaign.parent / "machine.yaml"
    machine.write_text("costs: there.json\nwork: {dft: {cpus: 16, memory: 60G}}\n")
    assert load_profile(str(machine)).costs == campaign.parent / "there.json"
    assert azibflow("submit", campaign, "--profile", machine, "--dry-run") == 0
    shown = capsys.readouterr().out
    assert "h, cutoff 300: single point: 1 k-point, first SCF" in shown
    assert "on 16 cores" in shown
    assert "measured on an abacus" in shown


def test_algorithms_are_told_apart(campaign: Path) -> None:
    def method(**keys: object) -> str:
        return Cp2kSpec(**keys).size(bulk("H", "sc", a=5)).method

    assert method(kpoints=(2, 2, 2)) == "cp2k, diagonalisation at several k-points"
    assert method(kpoints=(1, 1, 1), smearing=0.1) == "cp2k, diagonalisation at one k-point"


def test_the_points_that_come_with_the_package_serve_estimates() -> None:
    delivered = read_costs()
    for method in ("gpaw", "cp2k, orbital transformation"):
        model = cost_model(method, delivered)
        assert model is not None
        assert 1 < model.factor < 3
    with pytest.raises(AzibflowError, match="holds no measured costs"):
        read_costs(DELIVERED.with_name("literature.yaml"))


def test_what_is_missing_in_the_size_of_a_calculation_is_said_and_stops_nothing(
    campaign: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from azibflow.errors import CapabilityError

    def refuse(*_: object) -> None:
        raise CapabilityError("cp2k: nobody knows")

    monkeypatch.setattr(Cp2kSpec, "size", refuse)
    assert azibflow("run", campaign, "--dry-run") == 0
    assert "cost not estimated: cp2k: nobody knows" in capsys.readouterr().out
