"""Refined barriers: a better method goes on from a surrogate's structures to its own, as its own band would."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk, molecule
from ase.calculators import emt as ase_emt
from ase.calculators.emt import EMT
from jobflow import Flow, run_locally

from azibflow.analysis.tables.migration import barriers_table
from azibflow.calculators.kinds.corrected import RefineSettings
from azibflow.calculators.relaxation import relax
from azibflow.calculators.saddle import settle, tangent_at
from azibflow.calculators.specs import AseSpec, CorrectedSpec
from azibflow.campaigns.files import load_campaign
from azibflow.cli.main import main
from azibflow.errors import CampaignError, StructureError
from azibflow.structures.documents import StructureDocument
from azibflow.structures.recipes import StructureRecipe
from azibflow.workflows.common import refinement
from azibflow.workflows.common.corrections import correct
from azibflow.workflows.common.results import Outcome, RelaxSettings
from azibflow.workflows.migration.flow import MigrationMaker, compute_hop
from azibflow.workflows.migration.hops import HopSettings, HopStart, hop_between
from azibflow.workflows.migration.results import BandSettings, MigrationResult

COPPER = StructureRecipe(prototype="Cu")
BAND = BandSettings(images=3, fmax=0.02)
HOPS = HopSettings(sites=[(0.5, 0.5, 0.5)], supercell=(2, 2, 2))
REFINE = RefineSettings(fmax=0.02)


def vacancy_hop() -> HopStart:
    """An atom of copper that hops into the vacancy beside it: one saddle, halfway."""
    copper = bulk("Cu", "fcc", a=3.6, cubic=True).repeat(2)
    moving = 1 + int(np.argmin(copper.get_distances(0, range(1, len(copper)), mic=True)))
    initial, final = copper.copy(), copper.copy()
    final.positions[moving] = copper.positions[0]
    del initial[0], final[0]
    return hop_between(initial, final, pairing="as-given")


@pytest.fixture(scope="module")
def hop(emt: AseSpec) -> MigrationResult:
    return compute_hop(vacancy_hop(), emt, band=BAND, settings=RelaxSettings(fmax=0.02))


def displaced(document: StructureDocument, seed: int) -> StructureDocument:
    atoms = document.to_atoms()
    atoms.positions += np.random.default_rng(seed).normal(scale=0.04, size=atoms.positions.shape)
    return StructureDocument.from_atoms(atoms)


@pytest.fixture
def misplaced(hop: MigrationResult) -> MigrationResult:
    """The hop as a surrogate would have it that is off by 0.04 angstrom along each axis."""
    return hop.model_copy(
        update={
            "initial": displaced(hop.initial, 1),
            "final": displaced(hop.final, 2),
            "saddle": displaced(hop.saddle, 3),
            "final_endpoint": "relaxed",
        }
    )


def test_a_misplaced_hop_is_brought_back_to_the_barrier_of_the_methods_own_band(hop, misplaced, emt: AseSpec) -> None:
    result = correct(misplaced, CorrectedSpec(surrogate=emt, correct_with=emt, refine=REFINE))
    assert result.outcome is Outcome.OK
    assert abs(result.correction.barrier_forward - hop.barrier_forward) > 0.05  # single points are of no use here
    for quantity in ("barrier_forward", "barrier_backward", "reaction_energy"):
        assert getattr(result.refinement, quantity) == pytest.approx(getattr(hop, quantity), abs=2e-3)
    assert result.refinement.fmax < 0.02
    assert 0.04 < result.refinement.moved < 0.3
    saddle = next(point for point in result.single_points.points if point.state == "saddle").refined
    assert np.abs(np.subtract(saddle.structure.positions, hop.saddle.positions)).max() < 0.1


def test_every_call_is_counted_once_and_the_single_points_are_the_first_of_them(misplaced, monkeypatch) -> None:
    counted = []

    class Counting(ase_emt.EMT):
        def calculate(self, *args, **kwargs):
            super().calculate(*args, **kwargs)
            counted.append(self.results["energy"])

    monkeypatch.setattr(ase_emt, "CountingEMT", Counting, raising=False)
    better = AseSpec(calculator="ase.calculators.emt:CountingEMT")
    result = correct(misplaced, CorrectedSpec(surrogate=better, correct_with=better, refine=REFINE))
    assert len(counted) == result.refinement.calls > result.correction.calls == 3
    assert counted[0] == pytest.approx(result.single_points.points[0].energy, abs=1e-9)
    assert result.refinement.seconds > result.correction.seconds > 0


def refined_by_jobs(flow: Flow, folder: Path) -> MigrationResult:
    responses = run_locally(flow, log=False, root_dir=folder, ensure_success=True)
    outputs = [response.output for by_index in responses.values() for response in by_index.values()]
    return next(one for one in outputs if isinstance(one, MigrationResult) and one.refinement is not None)


def test_a_second_endpoint_by_symmetry_has_the_energy_of_the_first(emt: AseSpec, tmp_path: Path) -> None:
    spec = CorrectedSpec(surrogate=emt, correct_with=emt, refine=REFINE)
    maker = MigrationMaker(name="H in Cu", ion="H", hops=HOPS, band=BAND, calculator=spec)
    found = refined_by_jobs(maker.make(COPPER), tmp_path)
    assert [point.state for point in found.single_points.points] == ["first endpoint", "saddle"]
    assert found.refinement.reaction_energy == 0
    assert found.refinement.barrier_backward == found.refinement.barrier_forward > 0.5


def test_jobs_refine_as_the_plain_function_does_and_the_table_shows_it(
    hop: MigrationResult, emt: AseSpec, tmp_path: Path
) -> None:
    spec = CorrectedSpec(surrogate=emt, correct_with=emt, refine=REFINE)
    maker = MigrationMaker(name="vacancy", band=BAND, calculator=spec, settings=RelaxSettings(fmax=0.02))
    found = refined_by_jobs(maker.make_hop(vacancy_hop()), tmp_path)
    assert [point.state for point in found.single_points.points] == ["first endpoint", "second endpoint", "saddle"]
    assert found.refinement.barrier_forward == pytest.approx(hop.barrier_forward, abs=1e-3)
    plain = correct(hop, spec)
    assert plain.refinement.barrier_forward == pytest.approx(found.refinement.barrier_forward, abs=1e-6)

    table = barriers_table([found])
    row = table.rows[0]
    assert row.cells["barrier_forward_refined"] == found.refinement.barrier_forward
    assert row.cells["refined_calls"] == found.refinement.calls
    assert any("settled the saddle itself" in note for note in table.notes)


def test_what_does_not_converge_is_marked_and_keeps_its_numbers(misplaced, emt: AseSpec) -> None:
    spec = CorrectedSpec(surrogate=emt, correct_with=emt, refine=RefineSettings(fmax=0.001, max_steps=2))
    result = correct(misplaced, spec)
    assert result.outcome is Outcome.UNCONVERGED
    assert result.reason.startswith("the refinement of the first endpoint and the second endpoint and the saddle")
    assert result.refinement.barrier_forward is not None


def test_a_result_without_direction_is_refused(hop: MigrationResult, emt: AseSpec) -> None:
    earlier = hop.model_copy(update={"tangent": None})
    with pytest.raises(StructureError, match="compute the band anew"):
        correct(earlier, CorrectedSpec(surrogate=emt, correct_with=emt, refine=REFINE))
    assert correct(earlier, CorrectedSpec(surrogate=emt, correct_with=emt)).correction is not None


def test_the_tangent_points_from_the_first_endpoint_to_the_second(hop: MigrationResult) -> None:
    tangent = np.array(hop.tangent)
    assert np.linalg.norm(tangent) == pytest.approx(1)
    way = np.subtract(hop.final.positions, hop.initial.positions)
    assert (tangent * way).sum() / np.linalg.norm(way) > 0.8


def test_a_tangent_follows_the_higher_neighbour() -> None:
    """Energies rise along the path: the improved tangent is that to the next image."""
    images = [molecule("H2") for _ in range(3)]
    images[1].positions[0] += [0.1, 0, 0]
    images[2].positions[0] += [0.1, 0.1, 0]
    for number, image in enumerate(images):
        image.calc = _Fixed(float(number))
    assert tangent_at(images, 1)[0] == pytest.approx([0, 1, 0])
    images[2].calc = _Fixed(0.5)  # a top between 0 and 0.5: the larger difference weighs the way to the higher one
    assert tangent_at(images, 1)[0] == pytest.approx(np.array([0.5, 1.0, 0]) / np.sqrt(1.25))


class _Fixed:
    def __init__(self, energy: float) -> None:
        self.energy = energy

    def get_potential_energy(self, *_args, **_options) -> float:
        return self.energy


def test_a_killed_refinement_goes_on_from_its_journal(hop: MigrationResult, tmp_path: Path) -> None:
    start, tangent = displaced(hop.saddle, 3).to_atoms(), np.array(hop.tangent)
    calls = []

    class Dying(EMT):
        def calculate(self, *args, **kwargs):
            if len(calls) == 3:
                raise KeyboardInterrupt
            calls.append(1)
            super().calculate(*args, **kwargs)

        @property
        def identity(self) -> str:
            return "emt"

    journal = tmp_path / "saddle"
    with pytest.raises(KeyboardInterrupt):
        settle(start, tangent, Dying(), fmax=0.02, checkpoint=journal)
    calls.clear()
    calls.append(-100)

    class Living(Dying):
        def calculate(self, *args, **kwargs):
            calls.append(1)
            EMT.calculate(self, *args, **kwargs)

    found = settle(start, tangent, Living(), fmax=0.02, checkpoint=journal)
    assert found.converged
    assert found.replayed == 3
    assert len(calls) - 1 == found.force_calls - 3
    whole = settle(start, tangent, EMT(), fmax=0.02)
    assert found.energy == pytest.approx(whole.energy, abs=1e-9)


def test_a_minimum_is_left_uphill_only_along_the_tangent() -> None:
    """From a minimum, moving up along one direction finds no saddle where there is none: it is told, not printed."""
    copper = bulk("Cu", "fcc", a=3.6, cubic=True)
    tangent = np.zeros((4, 3))
    tangent[0, 0] = 1.0
    copper.rattle(0.05, seed=1)
    found = settle(copper, tangent, EMT(), fmax=0.01, max_steps=5)
    assert not found.converged
    assert relax(copper, EMT(), fmax=0.01).converged


CAMPAIGN = """\
name: refined
calculator: {surrogate: xtb, correct_with: xtb, refine: {fmax: 0.05}}
systems:
  host: {prototype: Cu}
studies:
  - {kind: migration, system: host}
"""


def test_a_study_of_something_else_refuses_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "campaign.yaml"
    path.write_text(CAMPAIGN)
    assert load_campaign(path).calculator.refine.fmax == 0.05
    path.write_text(CAMPAIGN.replace("migration, system: host", "desolvation, waters: [1, 0]"))
    with pytest.raises(CampaignError, match=r"study 1 \(desolvation\): refine is for studies of migration"):
        load_campaign(path)
    with pytest.raises(SystemExit) as stopped:
        main(["validate", str(path)])
    assert stopped.value.code == 2
    assert "refine is for studies of migration" in capsys.readouterr().err


def test_the_work_of_a_refinement_is_that_of_the_better_method(hop: MigrationResult, emt: AseSpec) -> None:
    made = refinement.refine_job("saddle", hop.saddle, hop.tangent, emt, REFINE)
    assert made.function_args[0] == "saddle"
