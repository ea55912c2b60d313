"""Screenings: the ranking against the studies behind it, stage by stage, and what cannot be computed."""

from __future__ import annotations

from pathlib import Path

import pytest
from jobflow import run_locally

from azibflow.calculators.records import CalculatorRecord
from azibflow.calculators.specs import AseSpec, ChgnetSpec
from azibflow.structures.building import build_bulk
from azibflow.structures.percolation import Step, bottlenecks
from azibflow.structures.prototypes import prototype
from azibflow.structures.recipes import StructureRecipe
from azibflow.workflows.common.references import ReferenceEnergy
from azibflow.workflows.common.relaxation_jobs import relax_structure
from azibflow.workflows.common.results import Outcome, RelaxSettings
from azibflow.workflows.insertion.results import Insertion, InsertionState
from azibflow.workflows.insertion.voltage import VoltageMaker, voltage_study
from azibflow.workflows.migration.flow import migration_study
from azibflow.workflows.migration.hops import HopSettings
from azibflow.workflows.migration.results import BandSettings
from azibflow.workflows.screening.flow import ScreeningMaker, screening_study
from azibflow.workflows.screening.questions import AdsorptionQuestion, BarrierQuestion, SurfaceQuestion
from azibflow.workflows.screening.results import Found, ScreeningResult, Stage, ranked

METALS = ("Cu", "Al", "Ag")
EMT = AseSpec(calculator="ase.calculators.emt:EMT", elements=("Ag", "Al", "Cu", "H", "O"), charges=(0,))
RELAX = RelaxSettings(fmax=0.02)
BAND = BandSettings(images=3, fmax=0.05)
HYDROGEN = BarrierQuestion(ion="H", min_length=5.0, band=BAND)


def metals(folder: Path, *symbols: str) -> dict[str, StructureRecipe]:
    """Write crystals of face-centred cubic metals and return their recipes."""
    from ase.build import bulk
    from ase.io import write

    for symbol in symbols:
        write(folder / f"{symbol}.cif", bulk(symbol, cubic=True))
    return {symbol: StructureRecipe(file=folder / f"{symbol}.cif") for symbol in symbols}


def screened(maker: ScreeningMaker, recipes: dict[str, StructureRecipe], folder: Path, **more) -> list[ScreeningResult]:
    """Run a screening and return every answer."""
    (folder / "run").mkdir()
    responses = run_locally(maker.make(recipes, **more), log=False, root_dir=folder / "run", ensure_success=False)
    outputs = [response.output for by_index in responses.values() for response in by_index.values()]
    return [output for output in outputs if isinstance(output, ScreeningResult)]


@pytest.fixture(scope="module")
def barriers(tmp_path_factory: pytest.TempPathFactory) -> list[ScreeningResult]:
    """Hydrogen in three metals: by effective medium theory, the best two again, and the best by single points."""
    folder = tmp_path_factory.mktemp("screening")
    stages = (Stage(calculator=EMT, best=2), Stage(calculator=EMT, best=1, how="single points"))
    maker = ScreeningMaker(name="H", question=HYDROGEN, stages=stages, calculator=EMT, settings=RELAX)
    return screened(maker, metals(folder, *METALS), folder, left_out={"lost": "no such file"})


def test_the_barrier_is_that_of_the_way_through_the_host(barriers: list[ScreeningResult], tmp_path: Path) -> None:
    """Hops computed by themselves and joined to a way give the number of the screening."""
    recipe = metals(tmp_path, "Cu")["Cu"]
    hops = HopSettings(choose="percolating", min_length=5.0)
    found = migration_study(recipe, "H", EMT, hops=hops, band=BAND, settings=RELAX)
    steps = [Step(*hop.sites, hop.barrier_forward, hop.barrier_backward) for hop in found]
    ways = bottlenecks(relax_structure(build_bulk(recipe), EMT, RELAX).structure.to_atoms(), steps)

    copper = next(one for one in barriers if one.system == "Cu" and one.stage == 0)

    assert copper.outcome is Outcome.OK
    assert copper.found.value == pytest.approx(ways["a"].barrier, abs=1e-6)
    assert set(copper.found.along) == {"a", "b", "c"}
    assert copper.found.force_calls > 10


def test_every_stage_looks_at_the_best_of_the_one_before(barriers: list[ScreeningResult]) -> None:
    """Three structures, then two, then one; the last by single points, which the same method repeats."""
    stages = [[one for one in barriers if one.stage == stage and one.found.value is not None] for stage in range(3)]

    assert [len(some) for some in stages] == [3, 2, 1]
    first, second, third = (sorted(some, key=lambda one: one.found.value) for some in stages)
    assert {one.system for one in second} == {one.system for one in first[:2]}
    assert third[0].system == second[0].system
    assert third[0].how == "single points"
    assert third[0].corrected_by is not None
    assert third[0].found.value == pytest.approx(second[0].found.value, abs=1e-4)


def test_what_is_left_out_stays_with_its_reason(barriers: list[ScreeningResult]) -> None:
    """A file that cannot be read is the last of the ranking."""
    last = ranked(barriers)[-1]

    assert (last.system, last.outcome, last.reason) == ("lost", Outcome.FAILED, "no such file")
    assert ranked(barriers)[0].system == next(one.system for one in barriers if one.stage == 2)


def test_a_host_without_a_way_is_told_and_the_others_are_computed(tmp_path: Path) -> None:
    """Copper has no room for an ion as large as silver."""
    question = BarrierQuestion(ion="Ag", min_length=5.0, band=BAND)
    maker = ScreeningMaker(name="Ag", question=question, calculator=EMT, settings=RELAX)
    results = {one.system: one for one in screened(maker, metals(tmp_path, "Cu", "Ag"), tmp_path)}

    assert results["Cu"].outcome is Outcome.FAILED
    assert "no interstitial site with room for Ag" in results["Cu"].reason
    assert results["Ag"].outcome is Outcome.OK  # a vacancy
    assert results["Ag"].found.value > 0.3


def test_surfaces_are_ranked_by_their_best_facet(tmp_path: Path) -> None:
    """Of face-centred cubic metals (111) is the lowest facet, and silver has lower surfaces than copper."""
    maker = ScreeningMaker(name="surfaces", question=SurfaceQuestion(), calculator=EMT, settings=RELAX)
    order = ranked(screened(maker, metals(tmp_path, "Cu", "Ag"), tmp_path))

    assert [one.system for one in order] == ["Ag", "Cu"]
    assert all(one.found.at.startswith("(111)") for one in order)


def test_adsorption_takes_the_best_site(tmp_path: Path) -> None:
    """O on two surfaces: the number is the lowest of all sites."""
    slab = {"miller": (1, 1, 1), "layers": 2, "supercell": [1, 1], "vacuum": 8.0}
    recipes = {"one": StructureRecipe(prototype="Cu", slab=slab)}
    maker = ScreeningMaker(name="O", question=AdsorptionQuestion(adsorbate="O"), calculator=EMT, settings=RELAX)
    (result,) = screened(maker, recipes, tmp_path)

    assert result.outcome is Outcome.OK
    assert result.ion == "O"
    assert "fcc" in result.found.at or "hcp" in result.found.at


def test_the_plain_function_gives_what_the_flow_gives(barriers: list[ScreeningResult], tmp_path: Path) -> None:
    """The same structures at the same stages with the same numbers."""
    stages = (Stage(calculator=EMT, best=2), Stage(calculator=EMT, best=1, how="single points"))
    plain = screening_study(metals(tmp_path, *METALS), HYDROGEN, EMT, stages=stages, settings=RELAX)
    flow = {(one.system, one.stage): one.found.value for one in barriers if one.found.value is not None}

    assert {(one.system, one.stage) for one in plain} == set(flow)
    for one in plain:
        assert one.found.value == pytest.approx(flow[one.system, one.stage], abs=1e-5)


def test_the_plain_function_tells_what_has_no_answer(tmp_path: Path) -> None:
    """A host without room, and a calculator that does not know the element."""
    recipes = metals(tmp_path, "Cu", "Ag") | {"zinc": StructureRecipe(prototype="Zn")}
    question = BarrierQuestion(ion="Ag", min_length=5.0, band=BAND)
    results = {one.system: one for one in screening_study(recipes, question, EMT, settings=RELAX)}

    assert results["Ag"].outcome is Outcome.OK
    assert "no interstitial site with room for Ag" in results["Cu"].reason
    assert "Zn" in results["zinc"].reason


def state(name: str, energy: float, outcome: Outcome = Outcome.OK) -> InsertionState:
    """Return a state with nothing but an energy."""
    return InsertionState(name=name, outcome=outcome, energy=energy)


def insertion(empty: float, filled: list[InsertionState], n_ions: int, record: CalculatorRecord) -> Insertion:
    """Return an insertion whose metal has an energy of -1.3 eV."""
    metal = ReferenceEnergy(adsorbate="Zn", state="bulk", energy=-1.3, outcome=Outcome.OK, fmax=0.0, calculator=record)
    return Insertion(
        ion="Zn", n_ions=n_ions, empty=state("empty", empty), filled=filled, metal=metal, calculator=record
    )


def test_the_voltage_by_hand() -> None:
    """-(E[loaded] - E[empty] - n E[metal]) / 2n of the lowest sound state."""
    record = CalculatorRecord(spec=EMT, versions={})
    filled = [state("first", -103.0), state("lower", -103.7), state("lost", -110.0, Outcome.UNCONVERGED)]

    assert insertion(-100.0, filled, 1, record).voltage == pytest.approx((3.7 - 1.3) / 2)
    assert insertion(-100.0, [state("full", -110.0)], 4, record).voltage == pytest.approx((10.0 - 4 * 1.3) / 8)
    assert insertion(-100.0, [state("lost", -110.0, Outcome.UNCONVERGED)], 1, record).voltage is None
    sound = insertion(-100.0, filled, 1, record)
    metal = sound.metal.model_copy(update={"outcome": Outcome.UNCONVERGED})
    assert sound.model_copy(update={"metal": metal}).voltage is None


def test_a_real_voltage_is_that_of_energies_computed_alone(tmp_path: Path) -> None:
    """Zn in TiS2 by CHGNet: host, loaded host and metal, each relaxed here."""
    calculator, relax = ChgnetSpec(), RelaxSettings(fmax=0.05)
    flow = VoltageMaker(calculator=calculator, settings=relax, cell="fixed", max_sites=1).make(
        StructureRecipe(prototype="1T-TiS2")
    )
    responses = run_locally(flow, log=False, root_dir=tmp_path, ensure_success=True)
    outputs = [response.output for by_index in responses.values() for response in by_index.values()]
    found = next(output for output in outputs if isinstance(output, Insertion))

    host = relax_structure(prototype("1T-TiS2"), calculator, relax)
    loaded = host.structure.to_atoms()
    loaded.append("Zn")
    loaded.positions[-1] = found.filled[0].structure.to_atoms().positions[-1]
    energy = relax_structure(loaded, calculator, relax).energy
    metal = relax_structure(prototype("Zn"), calculator, relax, cell="relaxed").energy / 2

    assert found.voltage == pytest.approx(-(energy - host.energy - metal) / 2, abs=5e-3)
    plain = voltage_study(StructureRecipe(prototype="1T-TiS2"), "Zn", calculator, relax, cell="fixed", max_sites=1)
    assert plain.voltage == pytest.approx(found.voltage, abs=1e-4)


def answer(system: str, value: float | None, stage: int, record: CalculatorRecord) -> ScreeningResult:
    """Return a row with nothing but a value."""
    outcome = Outcome.FAILED if value is None else Outcome.OK
    return ScreeningResult(
        study=system,
        screening="s",
        system=system,
        quantity="insertion voltage",
        unit="V",
        prefer="highest",
        stage=stage,
        found=Found(outcome=outcome, value=value),
        calculator=record,
    )


def test_the_order_of_a_ranking() -> None:
    """Those that got farthest first, then by value, then those without; a failed stage leaves the number before."""
    record = CalculatorRecord(spec=EMT, versions={})
    rows = [
        answer("low", 1.0, 0, record),
        answer("none", None, 0, record),
        answer("high", 2.0, 0, record),
        answer("far", 1.5, 0, record),
        answer("far", 0.5, 1, record),
        answer("stuck", 3.0, 0, record),
        answer("stuck", None, 1, record),
    ]

    assert [(one.system, one.found.value) for one in ranked(rows)] == [
        ("far", 0.5),
        ("stuck", 3.0),
        ("high", 2.0),
        ("low", 1.0),
        ("none", None),
    ]
