"""Ensembles: structures by the first, energies by all, their spread, and marks where they disagree."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azibflow.analysis.figures.migration import barrier_figure
from azibflow.analysis.stored import load_results
from azibflow.analysis.tables.adsorption import QUESTION as SITES
from azibflow.analysis.tables.adsorption import adsorption_table
from azibflow.analysis.tables.migration import barriers_table
from azibflow.calculators.specs import AseSpec, CorrectedSpec, EnsembleSpec, geometry_method, methods, parse_spec
from azibflow.campaigns.files import dump_campaign, load_campaign
from azibflow.campaigns.plan import plan
from azibflow.cli.main import main
from azibflow.errors import CalculationError, CampaignError, CapabilityError
from azibflow.structures.recipes import SlabRecipe, StructureRecipe
from azibflow.workflows.adsorption.flow import adsorption_study
from azibflow.workflows.adsorption.results import AdsorptionResult
from azibflow.workflows.common import corrections
from azibflow.workflows.common.corrections import correct
from azibflow.workflows.common.results import Outcome, RelaxSettings
from azibflow.workflows.migration.flow import migration_study
from azibflow.workflows.migration.hops import HopSettings
from azibflow.workflows.migration.results import BandSettings, MigrationResult

LOOSE = RelaxSettings(fmax=0.05)
LENNARD_JONES = AseSpec(
    calculator="ase.calculators.lj:LennardJones", options={"sigma": 2.0, "epsilon": 0.05, "rc": 5.0, "smooth": True}
)
MORSE = AseSpec(calculator="ase.calculators.morse:MorsePotential", options={"r0": 2.5, "epsilon": 0.5})
QUANTITIES = ("barrier_forward", "barrier_backward", "reaction_energy")
CAMPAIGN = """\
name: three
calculator:
  ensemble:
    - ase:ase.calculators.emt:EMT
    - {kind: ase, calculator: "ase.calculators.lj:LennardJones", options: {sigma: 2.0, epsilon: 0.05, rc: 5.0}}
    - {kind: ase, calculator: "ase.calculators.morse:MorsePotential", options: {r0: 2.5, epsilon: 0.5}}
relax: {fmax: 0.05}
systems:
  copper: {prototype: Cu, slab: {miller: (111), layers: 2, supercell: [2, 2], vacuum: 8.0, fixed_layers: 1}}
studies:
  - {kind: adsorption, system: copper, adsorbate: O}
"""


@pytest.fixture(scope="module")
def ensemble(emt: AseSpec) -> EnsembleSpec:
    return EnsembleSpec(ensemble=(emt, LENNARD_JONES, MORSE))


@pytest.fixture(scope="module")
def hop(emt: AseSpec) -> MigrationResult:
    hops = HopSettings(sites=[(0.5, 0.5, 0.5)], supercell=(2, 2, 2))
    band = BandSettings(images=3, fmax=0.05)
    found = migration_study(StructureRecipe(prototype="Cu"), "H", emt, hops=hops, band=band, settings=LOOSE)[0]
    return found.model_copy(update={"final_endpoint": "relaxed"})


@pytest.fixture(scope="module")
def judged(hop: MigrationResult, ensemble: EnsembleSpec) -> MigrationResult:
    return correct(hop, ensemble)


@pytest.fixture(scope="module")
def sites(emt: AseSpec) -> AdsorptionResult:
    slab = SlabRecipe(miller="(111)", layers=2, supercell=(2, 2), vacuum=8.0, fixed_layers=1)
    return adsorption_study(StructureRecipe(prototype="Cu", slab=slab), "O", emt, LOOSE)


def test_words_mappings_and_the_kind_are_read_alike(ensemble: EnsembleSpec) -> None:
    spec = parse_spec({"ensemble": ["chgnet", "xtb"]})
    assert isinstance(spec, EnsembleSpec)
    assert [one.kind for one in methods(spec)] == ["chgnet", "xtb"]
    assert geometry_method(spec).kind == "chgnet"
    assert parse_spec({"kind": "ensemble", "ensemble": [{"kind": "chgnet"}, "xtb"]}) == spec
    assert parse_spec(spec.model_dump(mode="json")) == spec
    assert [pair.correct_with for pair in ensemble.pairs()] == [LENNARD_JONES, MORSE]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"ensemble": ["chgnet"]}, "ensemble: must have at least 2 items"),
        ({"ensemble": ["chgnet", {"kind": "chgnet"}]}, "ensemble: names chgnet 0.3.0 twice"),
        ({"ensemble": ["chgnet", {"ensemble": ["xtb", "chgnet"]}]}, "an ensemble cannot be nested"),
        ({"ensemble": ["chgnet", {"surrogate": "xtb", "correct_with": "xtb"}]}, "a correction cannot be nested"),
        ({"surrogate": "xtb", "correct_with": {"ensemble": ["xtb", "chgnet"]}}, "an ensemble cannot be nested"),
        ({"ensemble": ["chgnet", "xtb"], "when": "always"}, "unknown key 'when'"),
    ],
)
def test_bad_specs_say_what_and_where(value, message: str) -> None:
    with pytest.raises(CapabilityError, match=message):
        parse_spec(value)


def test_every_member_says_what_it_would_say_as_a_correction(
    hop: MigrationResult, judged: MigrationResult, ensemble: EnsembleSpec
) -> None:
    for opinion, pair in zip(judged.opinions, ensemble.pairs(), strict=True):
        alone = correct(hop, CorrectedSpec(surrogate=pair.surrogate, correct_with=pair.correct_with)).correction
        for quantity in QUANTITIES:
            assert getattr(opinion, quantity) == pytest.approx(getattr(alone, quantity), abs=1e-12)
            assert abs(opinion.barrier_forward - hop.barrier_forward) > 0.1
    assert [one.calculator.spec for one in judged.ensemble] == [LENNARD_JONES, MORSE]
    assert (judged.barrier_forward, judged.outcome, judged.correction) == (hop.barrier_forward, Outcome.OK, None)


def test_the_spread_is_that_of_all_members(hop: MigrationResult, judged: MigrationResult) -> None:
    cells = barriers_table([judged]).rows[0].cells
    numbers = [hop.barrier_forward, *(opinion.barrier_forward for opinion in judged.opinions)]
    assert cells["barrier_forward"] == numbers[0]
    assert cells["barrier_forward_by_lennardjones"] == numbers[1]
    assert cells["barrier_forward_by_morsepotential"] == numbers[2]
    assert cells["barrier_forward_spread"] == pytest.approx(max(numbers) - min(numbers), abs=1e-12)
    title = barrier_figure([judged]).axes[0].get_title(loc="left")
    assert f"LennardJones {numbers[1]:.2f} eV" in " ".join(title.split())
    plain = [column.key for column in barriers_table([hop]).columns]
    assert not [key for key in plain if "_by_" in key or "spread" in key or "disagree" in key]


@settings(max_examples=30)  # each makes a table
@given(reaction=st.tuples(*[st.floats(-0.05, 0.05)] * 3))
def test_a_sign_is_disputed_where_two_members_are_surely_on_either_side(
    judged: MigrationResult, reaction: tuple[float, float, float]
) -> None:
    own, *others = reaction
    opinions = [
        opinion.model_copy(update={"reaction_energy": energy})
        for opinion, energy in zip(judged.opinions, others, strict=True)
    ]
    row = barriers_table([judged.model_copy(update={"reaction_energy": own, "opinions": opinions})]).rows[0]
    disputed = min(reaction) < -0.01 and max(reaction) > 0.01
    assert ("sign of dE reaction" in (row.cells["members_disagree"] or "")) is disputed


def test_another_order_of_sites_marks_both_rows_and_says_who(sites: AdsorptionResult, ensemble: EnsembleSpec) -> None:
    judged = correct(sites, ensemble)
    places = [place for place, row in enumerate(judged.rows) if row.outcome is Outcome.OK][:2]
    assert len(places) == 2
    first = {places[0]: -2.0, places[1]: -1.9}
    second = {places[0]: -1.0, places[1]: -1.5}

    def with_numbers(opinions: dict[int, float]) -> AdsorptionResult:
        rows = [
            row.model_copy(
                update={
                    "outcome": Outcome.OK if place in first else Outcome.MERGED,
                    "e_ads_vs_molecule": first.get(place),
                    "opinions": [
                        row.opinions[0].model_copy(update={"e_ads_vs_molecule": opinions[place]}),
                        row.opinions[1].model_copy(update={"e_ads_vs_molecule": first[place]}),
                    ]
                    if place in first
                    else [],
                }
            )
            for place, row in enumerate(judged.rows)
        ]
        return judged.model_copy(update={"rows": rows})

    table = adsorption_table([with_numbers(second)])
    assert [row.cells["members_disagree"] for row in table.rows if row.outcome is Outcome.OK] == ["lowest", "lowest"]
    names = [judged.rows[place].name for place in places]
    assert (
        f"Members disagree on the lowest: O on Cu(111), {names[0]} by EMT (0.100 eV), O on Cu(111), {names[1]} by "
        "LennardJones (0.500 eV)."
    ) in table.notes
    agreed = adsorption_table([with_numbers(first)])
    assert "members_disagree" not in [column.key for column in agreed.printed_columns()]
    assert SITES.best == "lowest"


def test_a_member_that_fails_is_left_out(hop: MigrationResult, ensemble: EnsembleSpec, monkeypatch) -> None:
    original = corrections.single_point

    def failing(state, structure, calculator, folder=None):
        if calculator == MORSE:
            raise CalculationError("no")
        return original(state, structure, calculator, folder)

    monkeypatch.setattr(corrections, "single_point", failing)
    judged = correct(hop, ensemble)
    assert [opinion is None for opinion in judged.opinions] == [False, True]
    assert (judged.outcome, judged.barrier_forward) == (Outcome.OK, hop.barrier_forward)
    row = barriers_table([judged]).rows[0]
    assert row.cells["barrier_forward_by_morsepotential"] is None
    spread = abs(judged.opinions[0].barrier_forward - hop.barrier_forward)
    assert row.cells["barrier_forward_spread"] == pytest.approx(spread, abs=1e-12)


def test_the_command_line_gives_what_python_gives(
    sites: AdsorptionResult, ensemble: EnsembleSpec, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, run = tmp_path / "campaign.yaml", tmp_path / "run"
    file.write_text(CAMPAIGN)
    campaign = load_campaign(file)
    assert isinstance(campaign.calculator, EnsembleSpec)
    (tmp_path / "again.yaml").write_text(dump_campaign(campaign))
    assert load_campaign(tmp_path / "again.yaml") == campaign
    planned = plan(campaign)
    assert {entry.calculator.kind for entry in planned} == {"ase"}
    members = {entry.calculator.in_words() for entry in planned if "single point" in entry.task}
    assert members == {"LennardJones", "MorsePotential"}

    with pytest.raises(SystemExit) as ending:
        main(["run", str(file), "--run-dir", str(run), "--workers", "1"])
    assert not ending.value.code
    (found,) = load_results([run], AdsorptionResult)
    by_hand = correct(sites, campaign.calculator)
    for row, same in zip(found.rows, by_hand.rows, strict=True):
        assert row.e_ads_vs_molecule == pytest.approx(same.e_ads_vs_molecule, abs=1e-9)
        for one, other in zip(row.opinions, same.opinions, strict=True):
            assert (one is None) is (other is None)
            if one is not None:
                assert one.e_ads_vs_molecule == pytest.approx(other.e_ads_vs_molecule, abs=1e-9)
    with pytest.raises(SystemExit):
        main(["table", "adsorption", str(run)])
    printed = capsys.readouterr().out
    assert "by LennardJones" in printed
    assert "structures by EMT; judged by LennardJones, MorsePotential" in " ".join(printed.split())


def test_a_study_that_no_single_points_decide_says_so(tmp_path: Path) -> None:
    file = tmp_path / "campaign.yaml"
    before, _ = CAMPAIGN.split("systems:")
    file.write_text(
        f"{before}systems:\n  copper: {{prototype: Cu}}\n"
        "studies:\n  - {kind: surface, system: copper, facets: [(111)]}\n"
    )
    with pytest.raises(CampaignError, match=r"study 1 \(surface\): .*studies of migration, ads.* an ensemble judges"):
        load_campaign(file)
