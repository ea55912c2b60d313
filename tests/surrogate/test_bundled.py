"""The surrogates that come with the package: whole, made by their campaigns, and as good as their cards say."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from ase.build import bulk
from untrained import azibflow

from azibflow.analysis.stored import load_results
from azibflow.analysis.tables.compared import compare_calculators
from azibflow.calculators.guard import check
from azibflow.calculators.specs import SURROGATES, SurrogateSpec, bundled_surrogates, parse_spec
from azibflow.calculators.surrogates.card import read_card
from azibflow.calculators.surrogates.committee import networks
from azibflow.calculators.surrogates.trust import assess
from azibflow.calculators.weights import file_sha256
from azibflow.campaigns.files import load_campaign
from azibflow.campaigns.studies.surrogate import SurrogateStudy
from azibflow.errors import CapabilityError
from azibflow.structures.clusters import cluster
from azibflow.structures.foreign import foreign_structures
from azibflow.structures.recipes import StructureRecipe
from azibflow.workflows.adsorption.flow import adsorption_study
from azibflow.workflows.common.results import Outcome
from azibflow.workflows.molecular.desolvation_results import DesolvationResult, desolvation_energy
from azibflow.workflows.molecular.geometries import MoleculeSettings, optimize_molecule
from azibflow.workflows.surrogate.datasets import ROLE
from azibflow.workflows.surrogate.publication import made_labels
from azibflow.workflows.surrogate.validation import errors_of, judged, labelled_frames

pytest.importorskip("mace")

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
NAMES = ("zn-host", "zn-water")


def test_they_are_here() -> None:
    assert tuple(bundled_surrogates()) == NAMES
    assert sum(path.stat().st_size for path in SURROGATES.rglob("*") if path.is_file()) < 6e6


@pytest.mark.parametrize("name", NAMES)
def test_files_are_those_of_the_card(name: str) -> None:
    card, home = read_card(name), SURROGATES / name
    for file in (*card.models, card.labels, card.environments):
        assert file_sha256(home / file.path) == file.sha256
    counted = Counter((frame.info[ROLE], frame.info["system"]) for frame in labelled_frames(name))
    assert counted == {(role, system): n for role, systems in card.frames.items() for system, n in systems.items()}


@pytest.mark.parametrize("name", NAMES)
def test_the_campaign_beside_it_is_the_one_that_made_it(name: str) -> None:
    campaign = load_campaign(EXAMPLES / f"{name}.yaml")
    (study,) = campaign.studies
    assert isinstance(study, SurrogateStudy)
    card = read_card(name)
    assert made_labels(campaign.calculator, card)
    assert study.training.model_dump(mode="json") == card.training
    assert [f"seed-{seed}.model" for seed in study.seeds] == [model.path for model in card.models]
    assert {sample.system for sample in study.samples} == {s for systems in card.frames.values() for s in systems}
    for role in ("validation", "test"):
        assert set(getattr(study.split, role)) == set(card.frames[role])
    about = study.about
    assert (about.name, about.charges, about.ion_charges) == (card.name, card.charges, card.ion_charges)
    assert about.limits == card.limits


@pytest.mark.parametrize("name", NAMES)
def test_errors_of_the_smallest_test_system_are_those_of_the_card(name: str) -> None:
    card = read_card(name)
    system = min(card.frames["test"], key=lambda system: card.errors[system].frames)
    frames = [frame for frame in labelled_frames(name) if frame.info["system"] == system]
    found = errors_of(judged(networks(SurrogateSpec(card=name)), frames, "test"))
    for quantity, value in card.errors[system].model_dump().items():
        assert getattr(found, quantity) == pytest.approx(value, rel=0.02, abs=1e-6), quantity


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_validation_finds_the_whole_card_again(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("surrogate", "validate", name) == 0
    assert "all numbers are those of the card" in capsys.readouterr().out


@pytest.mark.parametrize("name", NAMES)
def test_error_bars_and_domain_mean_what_they_say(name: str) -> None:
    """Sixty-eight percent is what one sigma should cover, five percent of frames may be outside by construction."""
    card = read_card(name)
    assert 0.55 <= card.calibration.energy_coverage <= 0.80
    assert 0.55 <= card.calibration.forces_coverage <= 0.80
    assert card.domain.false_alarms < 0.10
    assert len(card.domain.detected) == 4
    for kind, found in card.domain.detected.items():
        assert found >= 0.95 or any(kind in limit for limit in card.limits), kind


def test_zn_host_notices_whatever_is_torn_but_zinc() -> None:
    """A torn zinc slab is what a limit on the card names; interfaces, oxides and sheets leave no such doubt."""
    spec, known = parse_spec("zn-host"), read_card("zn-host").elements
    frames = [frame for frame in labelled_frames("zn-host") if frame.info[ROLE] == "test"]
    torn = {
        number: assess(spec, foreign_structures(frame, known, number)["torn"])
        for number, frame in enumerate(frames)
        if set(frame.symbols) != {"Zn"}
    }
    assert len(torn) == 37
    assert [number for number, trust in torn.items() if trust is None or not trust.flagged] == []


@pytest.mark.slow
def test_zn_water_climbs_the_ladder_of_its_own_level() -> None:
    """D_6 to D_1 on structures that each method relaxed for itself; PBE0-D3(BJ)/def2-SVP is kept with the package."""
    (kept, _) = load_results([EXAMPLES / "results" / "desolvation"], DesolvationResult)
    assert kept.calculator.spec.geometry.title == read_card("zn-water").method.removesuffix(" by PySCF")
    expected = {member.waters: member.molecule.geometry.energy for member in kept.members}
    water = kept.water.geometry.energy  # with frequencies, as here: a built cluster may end at a saddle point
    spec = parse_spec("zn-water")
    names = ["H2O", "Zn2+", *(f"[Zn(H2O){n}]2+" for n in range(1, 7))]
    minima = [optimize_molecule([cluster(name)], spec, MoleculeSettings(frequencies=True)) for name in names]
    assert all(minimum.outcome is Outcome.OK for minimum in minima)
    own_water, *found = (minimum.energy for minimum in minima)
    for n in range(1, 7):
        ours = desolvation_energy(found[n], found[n - 1], own_water)
        theirs = desolvation_energy(expected[n], expected[n - 1], water)
        assert ours == pytest.approx(theirs, abs=0.05), f"D_{n}"


@pytest.mark.slow
def test_zn_host_adsorbs_zinc_as_chgnet_does() -> None:
    """Each calculator relaxes surface, adsorbate and bulk zinc for itself."""
    sheet = StructureRecipe(prototype="graphene", supercell=(4, 4, 1))
    ours, theirs = (adsorption_study(sheet, "Zn", parse_spec(name)) for name in ("zn-host", "chgnet"))
    assert [row.site for row in ours.rows] == [row.site for row in theirs.rows]
    for one, other in zip(ours.rows, theirs.rows, strict=True):
        assert one.outcome is other.outcome is Outcome.OK
        assert one.trust is not None
        assert not one.trust.flagged
        assert one.e_ads_vs_bulk == pytest.approx(other.e_ads_vs_bulk, abs=0.1)


@pytest.mark.slow
def test_zn_host_finds_what_its_card_says_and_what_chgnet_finds(tmp_path: Path) -> None:
    azibflow("surrogate", "compare", EXAMPLES / "zn-host-check.yaml", "zn-host", "--run-dir", tmp_path)
    runs = {"zn-host": tmp_path / "zn-host", "chgnet": tmp_path / "campaign"}
    found = {row.cells["title"]: row.cells for row in compare_calculators(runs).rows}
    for one in read_card("zn-host").quantities:
        cells = found[one.name]
        assert cells["value zn-host"] == pytest.approx(one.value, abs=0.01), one.name
        assert cells["value chgnet"] == pytest.approx(one.expected, abs=0.01), one.name
        if not one.problem:
            target = 0.05 if " along " in one.name else 0.1  # barriers; adsorption energies
            assert cells["value zn-host"] == pytest.approx(cells["value chgnet"], abs=target), one.name


@pytest.mark.parametrize("name", NAMES)
def test_quantities_beyond_the_target_are_named_among_the_limits(name: str) -> None:
    card = read_card(name)
    assert card.quantities
    for one in card.quantities:
        if abs(one.value - one.expected) > 0.05 and not one.problem:
            assert any(f"{one.value - one.expected:+.2f} eV" in limit for limit in card.limits), one.name


@pytest.mark.parametrize(("name", "molecule", "charge"), [("zn-water", "[Zn(H2O)6]2+", 0), ("zn-water", "OH-", -1)])
def test_what_they_were_not_trained_for_is_refused(name: str, molecule: str, charge: int) -> None:
    atoms = cluster(molecule)
    atoms.info["charge"] = charge
    with pytest.raises(CapabilityError, match=r"calculator surrogate knows only"):
        check(parse_spec(name), atoms)


def test_a_lithium_host_is_none_that_zn_host_knows() -> None:
    with pytest.raises(CapabilityError, match="calculator surrogate has never seen Li"):
        check(parse_spec("zn-host"), bulk("LiO", "rocksalt", a=4.3))
