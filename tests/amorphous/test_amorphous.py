"""Amorphous solids: by seed, judged, with a file, a table and a figure; without Jobflow and in a campaign."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from jobflow import JobStore, run_locally
from maggma.stores import MemoryStore
from short_melts import ALLOY, EMT, LOOSE, SHORT

from azibflow.analysis.figures.amorphous import amorphous_figure
from azibflow.analysis.tables.amorphous import amorphous_table
from azibflow.calculators.dynamics import Dynamics
from azibflow.campaigns.files import load_campaign
from azibflow.campaigns.flow import campaign_flow
from azibflow.campaigns.plan import plan
from azibflow.errors import AzibflowError
from azibflow.structures.building import build
from azibflow.structures.files import read_structure
from azibflow.structures.packing import density_of
from azibflow.structures.prototypes.catalogue import prototype
from azibflow.structures.recipes import StructureRecipe
from azibflow.workflows.amorphous.flow import AmorphousMaker, melt_quench
from azibflow.workflows.amorphous.judging import fallen_apart, judge, moved
from azibflow.workflows.amorphous.protocol import MeltQuench
from azibflow.workflows.amorphous.results import AmorphousResult
from azibflow.workflows.common.results import Outcome

CAMPAIGN = """\
name: glass
calculator: {kind: ase, calculator: "ase.calculators.emt:EMT"}
relax: {fmax: 0.2}
systems:
  copper: {prototype: Cu, supercell: [2, 2, 1]}
  slab: {prototype: Cu, slab: {miller: (111), layers: 2}}
  water: {molecule: H2O}
studies:
  - kind: amorphous
    system: copper
    cell: fixed
    seeds: 2
    protocol: {melt: 3000, melt_time: 0.12, rate: 30000, final_time: 0.06, timestep: 3.0, density: 8.5}
"""


@pytest.fixture
def campaign(tmp_path: Path):
    def written(old: str = "", new: str = ""):
        file = tmp_path / "glass.yaml"
        file.write_text(CAMPAIGN.replace(old, new))
        return file

    return written


def test_each_seed_gives_a_solid_of_its_own_above_the_crystal(glass: AmorphousResult) -> None:
    assert [one.seed for one in glass.seeds] == [0, 1]
    first, second = glass.seeds
    assert [one.outcome for one in glass.seeds] == [Outcome.OK, Outcome.OK], [one.reason for one in glass.seeds]
    assert first.density == pytest.approx(density_of(ALLOY)) and first.temperatures[-1][1] == pytest.approx(300)
    assert 0.01 < glass.above_crystal(first) < 0.5
    assert glass.above_crystal(first) == pytest.approx(
        first.energy / 16 - glass.crystal.energy / len(glass.crystal.structure.symbols)
    )
    assert abs(first.energy - second.energy) > 1e-3
    assert [shell.pair for shell in first.shells] == [("Au", "Au"), ("Au", "Cu"), ("Cu", "Cu")]
    assert first.shells[1].peak == pytest.approx(2.7, abs=0.3)
    assert first.shells[1].neighbours == first.shells[1].reverse > 2, "as many gold atoms as copper"
    assert first.force_calls > SHORT.steps


def test_the_same_seed_gives_the_same_solid_in_a_flow_and_one_whose_job_failed_stays(
    glass: AmorphousResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    maker = AmorphousMaker(name="glass", protocol=SHORT, seeds=2, calculator=EMT, settings=LOOSE, cell="fixed")
    monkeypatch.setattr("azibflow.workflows.amorphous.flow.melt_quench", _second_fails(melt_quench))
    flow = maker.make(ALLOY)
    outputs = run_locally(flow, store=JobStore(MemoryStore()), log=False, ensure_success=False)
    found = AmorphousResult.model_validate(outputs[flow.output.uuid][1].output)
    assert found.seeds[0].structure.positions == glass.seeds[0].structure.positions
    assert found.seeds[0].energy == glass.seeds[0].energy
    assert (found.seeds[1].outcome, found.seeds[1].structure) == (Outcome.FAILED, None)
    assert [row.outcome for row in amorphous_table([found]).rows] == ["ok", "ok", "ok", "failed"]


def _second_fails(compute):
    def computed(crystal, calculator, protocol, settings, seed, folder=None):
        if seed == 1:
            raise RuntimeError("no more memory")
        return compute(crystal, calculator, protocol, settings, seed, folder)

    return computed


def test_its_file_is_a_system_for_other_studies(glass: AmorphousResult, glass_folder: Path) -> None:
    first = glass.seeds[0]
    path = glass_folder / first.file.path
    again = build(StructureRecipe(file=path))
    assert again.positions == pytest.approx(np.array(first.structure.positions), abs=1e-7)
    assert read_structure(path).pbc.all() and path.name == "amorphous-Au8Cu8-seed-0.extxyz"


def test_a_crystal_that_does_not_melt_and_a_melt_that_falls_apart_are_marked(glass: AmorphousResult) -> None:
    cold = SHORT.model_copy(update={"start": "crystal", "melt": 310.0, "rate": 1000.0, "density": None})
    kept = melt_quench(glass.crystal, EMT, cold, LOOSE, 0)
    assert kept.outcome is Outcome.CRYSTALLINE and "it did not melt; raise melt" in kept.reason
    wild = SHORT.model_copy(update={"timestep": 40.0, "friction": 0.001, "melt_time": 2.0})
    lost = melt_quench(glass.crystal, EMT, wild, LOOSE, 0)
    assert (lost.outcome, lost.structure, lost.energy) == (Outcome.FAILED, None, None)
    assert lost.reason.startswith("the melt fell apart after ") and lost.force_calls < wild.steps
    tight = melt_quench(glass.crystal, EMT, SHORT.model_copy(update={"density": 60.0}), LOOSE, 0)
    assert tight.outcome is Outcome.FAILED and "cannot be packed at 60 g/cm3" in tight.reason


def test_bonds_tell_a_glass_from_what_is_none() -> None:
    quartz = prototype("alpha-quartz") * (2, 1, 1)
    shaken = quartz.copy()
    shaken.rattle(0.12, seed=1)
    assert judge(shaken, quartz, None, 0.1) == (Outcome.OK, "")
    outcome, reason = judge(quartz, quartz, None, 0.1)
    assert outcome is Outcome.CRYSTALLINE and "it has space group 152 within" in reason
    outcome, reason = judge(shaken, quartz, None, 1.9)
    assert outcome is Outcome.UNCONVERGED and "still moved 1.90 angstrom" in reason
    oxygens = [atom.index for atom in shaken if atom.symbol == "O"]
    paired = shaken.copy()
    paired.positions[oxygens[0]] = paired.positions[oxygens[1]] + [0.8, 0.8, 0.8]
    outcome, reason = judge(paired, quartz, None, 0.1)
    assert outcome is Outcome.REARRANGED and "2 O-O (1.34 angstrom)" in reason
    wide = quartz.copy()
    wide.set_cell(quartz.cell * 1.0 + np.diag([0, 0, 20.0]))
    wide.rattle(0.12, seed=1)
    wide.positions[oxygens[0]] = [0.0, 0.0, 15.0]
    outcome, reason = judge(wide, quartz, None, 0.1)
    assert outcome is Outcome.DISSOCIATED and reason == "atoms without a bond: 1 O"


def test_silicon_atoms_that_share_an_edge_are_not_bonded() -> None:
    """Two SiO4 with two O in common: 2.5 angstrom from Si to Si, as near as a bond of silicon is long."""
    places = [[0, 0, 0], [2.5, 0, 0], [1.25, 1.1, 0], [1.25, -1.1, 0]]
    ends = [[-0.9, 0, 1.3], [-0.9, 0, -1.3], [3.4, 0, 1.3], [3.4, 0, -1.3]]
    edge = Atoms("Si2O6", positions=[*places, *ends], cell=[9, 8, 7], pbc=True)
    edge.rattle(0.1, seed=1)
    quartz = prototype("alpha-quartz")
    assert edge.get_distance(0, 1) < 2.66
    assert judge(edge, quartz, None, 0.1) == (Outcome.OK, "")
    bare = edge[[0, 1, 4, 5, 6, 7]]
    assert "1 Si-Si" in judge(bare, quartz, None, 0.1)[1]


def test_dynamics_that_are_worth_no_further_step() -> None:
    fused = Atoms("Cu2", positions=[[0, 0, 0], [1.0, 0, 0]], cell=[8] * 3, pbc=True)
    assert fallen_apart(fused, 300.0) == "Cu-Cu 1.00 angstrom: atoms fused"
    hot = Atoms("Cu2", positions=[[0, 0, 0], [2.5, 0, 0]], cell=[8] * 3, pbc=True, momenta=[[90, 0, 0], [-90, 0, 0]])
    assert "in a bath of 300 K" in fallen_apart(hot, 300.0)
    hot.positions[0] = np.nan
    assert fallen_apart(hot, 300.0) == "positions are not finite"
    drift = np.full((2, 3), 5.0)
    assert moved(fused.positions, fused.positions + drift) == pytest.approx(0.0)


def test_table_and_figure_put_published_distances_beside_their_pairs(glass: AmorphousResult) -> None:
    keyed = glass.model_copy(update={"literature": ("a-SiO2-Si-O", "a-SiO2-neighbours")})
    oxide = keyed.seeds[0].model_copy(
        update={"shells": [keyed.seeds[0].shells[0].model_copy(update={"pair": ("O", "Si")}), *keyed.seeds[0].shells]}
    )
    table = amorphous_table([keyed.model_copy(update={"seeds": [oxide]})], literature=True)
    assert [(row.cells["pair"], row.cells["published"]) for row in table.rows[:2]] == [("O-Si", 1.62), ("Au-Au", None)]
    assert any("a-SiO2-neighbours: coordination number" in note and "2 Si around O: 4;" in note for note in table.notes)
    assert any("2000 K for 0.12 ps, cooled to 300 K at 20000 K/ps" in note for note in table.notes)
    panels = amorphous_figure([glass]).axes
    assert [panel.get_ylabel() for panel in panels] == ["g(r) Au-Au", "g(r) Au-Cu", "g(r) Cu-Cu"]
    crystal, _ = panels[1].lines[:2]
    assert crystal.get_xdata()[np.argmax(crystal.get_ydata())] == pytest.approx(3.9 / 2**0.5, abs=0.05)


def test_a_dry_run_shows_what_is_melted_and_how_many_steps_it_takes(campaign) -> None:
    file = campaign()
    planned = plan(load_campaign(file), file)
    assert [one.task for one in planned][-2:] == [f"copper: melt and quench, seed {seed}, 90 steps" for seed in (0, 1)]
    assert [one.evaluations for one in planned][-1] == 110
    assert not np.allclose(planned[-1].atoms.positions, planned[-2].atoms.positions)
    names = [job.name for job, _ in campaign_flow(load_campaign(file)).iterflow()]
    assert [name for name in names if "melt" in name] == [
        f"amorphous copper: melt and quench, seed {seed}" for seed in (0, 1)
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("melt: 3000", "melt: 200", "final: 300 K is no lower than the temperature of the melt, 200 K"),
        ("timestep: 3.0", "timestep: 70", "timestep: one of 70 fs is longer than the melt or the end"),
        ("    system: copper", "    system: slab", "cannot honour slab: it melts a crystal; remove slab"),
        ("    system: copper", "    system: water", "the system 'water' is a molecule; name a crystal"),
        ("density: 8.5", "density: 60", "cannot be packed at 60 g/cm3"),
        ("rate: 30000", "speed: 30000", "unknown key 'studies[0].protocol.speed'"),
    ],
)
def test_mistakes(old: str, new: str, said: str, campaign) -> None:
    file = campaign(old, new)
    with pytest.raises(AzibflowError) as error:
        plan(load_campaign(file), file)
    assert said in str(error.value) and str(error.value).startswith(str(file))


def test_a_protocol_says_its_steps() -> None:
    protocol = MeltQuench()
    assert [stretch.steps for stretch in protocol.stretches] == [3000, 7400, 1000] and protocol.steps == 11400
    assert Dynamics(Atoms()).turns == []
