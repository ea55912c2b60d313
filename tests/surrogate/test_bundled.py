"""The surrogates that come with the package: whole, made by their campaigns, and as good as their cards say."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from untrained import azibflow

from azibflow.analysis.documents import load_results
from azibflow.calculators.guard import check
from azibflow.calculators.specs import SURROGATES, SurrogateSpec, bundled_surrogates, parse_spec
from azibflow.calculators.surrogates.card import read_card
from azibflow.calculators.surrogates.committee import networks
from azibflow.calculators.weights import file_sha256
from azibflow.campaigns.files import load_campaign
from azibflow.campaigns.model import SurrogateStudy
from azibflow.errors import CapabilityError
from azibflow.structures.clusters import cluster
from azibflow.workflows.desolvation import DesolvationResult, desolvation_energy
from azibflow.workflows.geometries import MoleculeSettings, optimize_molecule
from azibflow.workflows.results import Outcome
from azibflow.workflows.surrogate.datasets import ROLE
from azibflow.workflows.surrogate.publication import made_labels
from azibflow.workflows.surrogate.validation import errors_of, judged, labelled_frames

pytest.importorskip("mace")

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
NAMES = ("zn-water",)


def test_they_are_here() -> None:
    assert tuple(bundled_surrogates()) == NAMES
    assert sum(path.stat().st_size for path in SURROGATES.rglob("*") if path.is_file()) < 5e6


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
    assert min(card.domain.detected.values()) >= 0.95


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
