"""Barriers against a plain ASE band written here, with the same calculator."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.calculators.emt import EMT
from ase.mep import NEB
from ase.optimize import BFGS, FIRE
from jobflow import Flow, run_locally

from azibflow.analysis.tables.migration import barriers_table
from azibflow.calculators.specs import AseSpec
from azibflow.errors import StructureError
from azibflow.structures.building import build_bulk
from azibflow.structures.documents import StructureDocument
from azibflow.structures.files import read_structure
from azibflow.structures.recipes import StructureRecipe
from azibflow.workflows.common.relaxation_jobs import RelaxationResult
from azibflow.workflows.common.results import Outcome, RelaxSettings
from azibflow.workflows.migration.barriers import second_endpoint
from azibflow.workflows.migration.flow import MigrationMaker, migration_study
from azibflow.workflows.migration.hops import WAYS_THROUGH, HopSettings, hop_starts
from azibflow.workflows.migration.results import BandSettings, MigrationResult

COPPER = StructureRecipe(prototype="Cu")
SETTINGS = RelaxSettings(fmax=0.005)
BAND = BandSettings(images=5, fmax=0.01)
HOPS = HopSettings(sites=[(0.5, 0.5, 0.5)], supercell=(2, 2, 2))


@pytest.fixture(scope="module")
def hop(emt: AseSpec) -> MigrationResult:
    return migration_study(COPPER, "H", emt, hops=HOPS, band=BAND, settings=SETTINGS)[0]


def plain_band(initial, final, calculator, fmax: float, moving: int = 5) -> float:
    """Barrier by linear interpolation, plain elastic bands and FIRE: nothing of azibflow."""
    images = [initial.copy() for _ in range(moving + 1)] + [final.copy()]
    band = NEB(images, climb=False, method="aseneb", k=0.1)
    band.interpolate(mic=True)
    for image in images:
        image.calc = calculator()
    assert FIRE(band, logfile=None).run(fmax=4 * fmax, steps=400)
    band.climb = True
    assert FIRE(band, logfile=None).run(fmax=fmax, steps=800)
    energies = [image.get_potential_energy() for image in images]
    return max(energies) - energies[0]


def test_hydrogen_in_copper_agrees_with_a_plain_band(hop: MigrationResult) -> None:
    barrier = plain_band(hop.initial.to_atoms(), hop.final.to_atoms(), EMT, 0.01)
    assert hop.outcome is Outcome.OK
    assert hop.saddle_kind == "climbing image"
    assert hop.barrier_forward == pytest.approx(barrier, abs=5e-3)
    assert hop.barrier_forward - hop.barrier_backward == pytest.approx(hop.reaction_energy, abs=1e-9)


def test_what_the_table_states_is_what_was_computed(hop: MigrationResult) -> None:
    assert (hop.supercell, hop.n_atoms, hop.cell_policy) == ((2, 2, 2), 33, "relaxed")
    assert len(hop.path) == 7
    assert hop.path[0].energy == 0.0
    assert hop.path[-1].distance == hop.path_length
    assert hop.path_length >= hop.hop_distance > 1.0
    assert hop.fmax < 0.01
    moved = hop.saddle.to_atoms().positions[:-1] - hop.initial.to_atoms().positions[:-1]
    assert hop.host_displacement == pytest.approx(np.linalg.norm(moved, axis=1).max(), abs=1e-6)
    assert hop.cell[0] == pytest.approx(2 * 3.59, abs=0.05)


def test_the_table_joins_hops_to_ways(hop: MigrationResult) -> None:
    """By symmetry one hop between octahedra of copper leads along all axes, its barrier is that of the way."""
    table = barriers_table([hop])
    cells = table.rows[0].cells
    assert cells["bottleneck_of"] == "a, b, c"
    assert cells["way_barrier"] == pytest.approx(hop.barrier_forward, abs=1e-9)
    assert any("along a" in note and "no way" not in note for note in table.notes)


def test_the_bottleneck_is_above_the_lowest_site(hop: MigrationResult) -> None:
    """0.2 up to a site at 0.1, then 0.4 from there: 0.5 along a, by the second hop; nothing leads along b and c."""
    bare = Atoms("Ar", positions=[[0.4, 0.2, 0.1]], cell=[4, 5, 6], pbc=True)
    network = hop.network.model_copy(update={"crystal": StructureDocument.from_atoms(bare), "left_out": "2 of 4"})
    ends = [((0.0, 0.5, 0.5), (0.5, 0.5, 0.5)), ((0.5, 0.5, 0.5), (1.0, 0.5, 0.5))]
    into, on = (
        hop.model_copy(
            update={"network": network, "sites": sites, "hop": f"hop {number}"}
            | {"barrier_forward": up, "barrier_backward": down, "hop_distance": 1.2}
        )
        for number, (sites, up, down) in enumerate(zip(ends, (0.2, 0.4), (0.1, 0.5), strict=True))
    )
    table = barriers_table([into, on])
    assert [row.cells["bottleneck_of"] for row in table.rows] == [None, "a"]
    assert table.rows[1].cells["way_barrier"] == pytest.approx(0.5)
    notes = "\n".join(table.notes)
    assert "along a 0.500 eV (hop 1); no way along b and c by these hops" in notes
    assert "2 of 4." in notes
    assert "hop 0: a hop within one basin, no barrier of migration; hops: {choose: percolating} computes" in notes
    broken = on.model_copy(update={"outcome": Outcome.UNCONVERGED, "reason": "too few steps"})
    notes = "\n".join(barriers_table([into, broken]).notes)
    assert "the hops that are results lead on along no axis" in notes
    earlier = hop.model_copy(update={"network": None})
    assert "way_barrier" not in barriers_table([earlier]).rows[0].cells


def test_the_flow_gives_what_the_plain_function_gives(hop: MigrationResult, emt: AseSpec, tmp_path) -> None:
    maker = MigrationMaker(name="H in Cu", ion="H", hops=HOPS, band=BAND, calculator=emt, settings=SETTINGS)
    responses = run_locally(maker.make(COPPER), log=False, root_dir=tmp_path, ensure_success=True)
    outputs = [response.output for by_index in responses.values() for response in by_index.values()]
    result = next(output for output in outputs if isinstance(output, MigrationResult))
    assert result.barrier_forward == pytest.approx(hop.barrier_forward, abs=1e-6)
    assert np.allclose([p.energy for p in result.path], [p.energy for p in hop.path], atol=1e-6)
    assert result.files[0].path.startswith("files/band-")
    assert (tmp_path / result.files[0].path).is_file()


def test_two_given_structures_give_the_same_barrier(hop: MigrationResult, emt: AseSpec, tmp_path) -> None:
    maker = MigrationMaker(calculator=emt, settings=SETTINGS, band=BAND)
    flow = maker.make_between(hop.initial.to_atoms(), hop.final.to_atoms())
    responses = run_locally(flow, log=False, root_dir=tmp_path, ensure_success=True)
    result = responses[flow.output.uuid][1].output
    assert result.final_endpoint == "relaxed"
    assert result.barrier_forward == pytest.approx(hop.barrier_forward, abs=2e-3)


def test_endpoints_of_different_systems_are_refused(hop: MigrationResult) -> None:
    other = hop.final.to_atoms()
    other.symbols[0] = "Al"
    with pytest.raises(StructureError):
        MigrationMaker().make_between(hop.initial.to_atoms(), other)


def test_a_band_without_enough_steps_is_marked(emt: AseSpec) -> None:
    band = BandSettings(images=3, fmax=0.001, max_steps=2)
    result = migration_study(COPPER, "H", emt, hops=HOPS, band=band, settings=SETTINGS)[0]
    assert result.outcome is Outcome.UNCONVERGED
    assert "the band" in result.reason
    assert result.barrier_forward is not None


def test_a_path_through_a_deeper_state_is_no_hop(hop: MigrationResult) -> None:
    from types import SimpleNamespace

    from azibflow.workflows.migration import barriers

    relaxed = SimpleNamespace(converged=True, fmax=0.0)
    read = SimpleNamespace(kind="climbing image", forward=0.12, backward=0.12)
    deep = SimpleNamespace(converged=True, energies=[0.0, 0.03, -0.275, 0.03, 0.0])
    outcome, reason = barriers._outcome(relaxed, relaxed, deep, read)
    assert outcome is Outcome.INTERMEDIATE
    assert "0.275 eV below" in reason
    shallow = SimpleNamespace(converged=True, energies=[0.0, 0.12, 0.042, 0.12, 0.0])
    assert barriers._outcome(relaxed, relaxed, shallow, read)[0] is Outcome.OK


def outcome_of(kind: str, forward: float, curve: float, backward: float = 0.5) -> tuple[Outcome, str]:
    """Ask how a hop ended whose band converged on one top."""
    from types import SimpleNamespace

    from azibflow.workflows.migration import barriers

    relaxed = SimpleNamespace(converged=True, fmax=0.0)
    band = SimpleNamespace(converged=True, energies=[0.0, forward, 0.0])
    read = SimpleNamespace(kind=kind, forward=forward, backward=backward, interpolated_forward=curve)
    return barriers._outcome(relaxed, relaxed, band, read)


def test_only_a_climbed_top_is_a_barrier() -> None:
    assert outcome_of("climbing image", 0.5, 0.5)[0] is Outcome.OK
    assert outcome_of("highest image", 0.5, 0.5)[0] is Outcome.UNCONVERGED
    assert outcome_of("endpoint", 0.0, 0.0) == (Outcome.OK, "no barrier: the highest image is an endpoint")
    outcome, reason = outcome_of("endpoint", 0.0, 0.05)
    assert outcome is Outcome.UNCONVERGED
    assert "rises to 0.050 eV" in reason


def test_a_saddle_below_an_endpoint_is_said_to_be_no_barrier_from_there() -> None:
    """A climbing image counts as the top up to 0.01 eV below another image, and that may be an endpoint."""
    assert outcome_of("climbing image", 0.3, 0.3) == (Outcome.OK, "")
    outcome, reason = outcome_of("climbing image", 0.3, 0.3, backward=-0.004)
    assert outcome is Outcome.OK
    assert reason.startswith("no barrier one way: the second endpoint, 0.004 eV above the saddle, is no minimum")
    assert outcome_of("climbing image", -0.002, 0.0, backward=-0.001)[1].startswith("no barrier: the first endpoint")


def test_a_mapped_endpoint_takes_no_time(hop: MigrationResult) -> None:
    first = RelaxationResult(
        structure=hop.initial,
        energy=0.0,
        fmax=0.001,
        converged=True,
        steps=4,
        force_calls=5,
        seconds=2.0,
        cell_policy="fixed",
        settings=SETTINGS,
        calculator=hop.calculator,
    )
    (start,) = hop_starts(build_bulk(COPPER), "H", HOPS, label="Cu")
    last = second_endpoint(start, first, hop.calculator.spec, SETTINGS)
    assert (last.seconds, last.force_calls) == (0.0, 0)
    cells = barriers_table([hop]).rows[0].cells
    assert (cells["endpoint_force_calls"], cells["endpoint_seconds"]) == (
        hop.endpoint_force_calls,
        hop.endpoint_seconds,
    )
    assert cells["endpoint_force_calls"] > 0


NO_ZINC = AseSpec(calculator="ase.calculators.emt:EMT")
"""Effective medium theory without a word of what it knows: with zinc its first evaluation fails."""


def rows_in_spite_of_failures(flow: Flow, folder: Path) -> list[MigrationResult]:
    responses = run_locally(flow, log=False, root_dir=folder, ensure_success=False)
    outputs = [response.output for by_index in responses.values() for response in by_index.values()]
    return [output for output in outputs if isinstance(output, MigrationResult)]


def test_a_failed_endpoint_is_a_row(hop: MigrationResult, tmp_path: Path) -> None:
    ends = [document.to_atoms() for document in (hop.initial, hop.final)]
    for end in ends:
        end.symbols[-1] = "Zn"
    maker = MigrationMaker(name="Zn in Cu", calculator=NO_ZINC, settings=SETTINGS, place=(3,))
    (row,) = rows_in_spite_of_failures(maker.make_between(*ends), tmp_path)
    assert (row.outcome, row.study, row.place, row.ion) == (Outcome.FAILED, "Zn in Cu", (3,), "Zn")
    assert row.hop.startswith("first to second, ")
    assert "relaxation of the first endpoint failed" in row.reason
    assert row.n_atoms == 33
    assert [line.outcome for line in barriers_table([row]).problems()] == [Outcome.FAILED]


def test_a_failed_host_is_a_row(tmp_path: Path) -> None:
    maker = MigrationMaker(name="Zn in Zn", calculator=NO_ZINC, settings=SETTINGS)
    (row,) = rows_in_spite_of_failures(maker.make(StructureRecipe(prototype="Zn")), tmp_path)
    assert (row.outcome, row.host, row.hop) == (Outcome.FAILED, "Zn", "none found")
    assert "relaxation of the host failed" in row.reason
    table = barriers_table([row])
    assert table.rows[0].cells["cell"] is None
    assert len(table.problems()) == 1


def test_a_relaxed_host_without_a_hop_is_a_row(emt: AseSpec, tmp_path: Path) -> None:
    maker = MigrationMaker(name="H in Cu", ion="H", hops=HopSettings(max_distance=0.5), calculator=emt)
    (row,) = rows_in_spite_of_failures(maker.make(COPPER), tmp_path)
    assert (row.outcome, row.ion) == (Outcome.FAILED, "H")
    assert "no hop of at most 0.5 angstrom" in row.reason


@pytest.mark.slow  # over a minute; the same with EMT runs by default
def test_zinc_in_v2o5_agrees_with_a_plain_band() -> None:
    """The demo's host in a smaller cell, with CHGNet's own calculator on the other side."""
    from chgnet.model.dynamics import CHGNetCalculator
    from chgnet.model.model import CHGNet

    model = CHGNet.load(model_name="0.3.0", use_device="cpu", verbose=False)
    hops = HopSettings(direction="b", supercell=(1, 3, 1))
    settings = RelaxSettings(fmax=0.01)
    host = StructureRecipe(prototype="alpha-V2O5")
    result = migration_study(host, hops=hops, band=BandSettings(images=3, fmax=0.02), settings=settings)[0]
    assert result.final_endpoint == "symmetry"
    assert result.barrier_forward == pytest.approx(result.barrier_backward, abs=1e-4)
    assert np.allclose([p.energy for p in result.path], [p.energy for p in reversed(result.path)], atol=5e-3)

    final = result.final.to_atoms()
    final.calc = CHGNetCalculator(model, use_device="cpu")
    assert BFGS(final, logfile=None).run(fmax=0.01, steps=100)
    barrier = plain_band(
        result.initial.to_atoms(), final.copy(), lambda: CHGNetCalculator(model, use_device="cpu"), 0.02, moving=3
    )
    assert result.barrier_forward == pytest.approx(barrier, abs=5e-3)
    assert isinstance(result.saddle, StructureDocument)


def test_longer_hops_are_considered_where_shorter_ones_lead_nowhere() -> None:
    """In a spinel of 11.6 angstrom the sites of zinc are 5.003 apart: none within 5, one way with all of them."""
    spinel = read_structure(Path(__file__).parents[2] / "examples" / "screening" / "ZnY2Se4.cif")
    (start,) = hop_starts(spinel, "Zn", WAYS_THROUGH, label="spinel")
    assert start.hop is not None
    assert start.hop.distance == pytest.approx(3**0.5 / 4 * spinel.cell.lengths()[0], rel=1e-3)
    with pytest.raises(StructureError, match="no hop of at most 5"):
        hop_starts(spinel, "Zn", WAYS_THROUGH.model_copy(update={"reach": 5.0}), label="spinel")
