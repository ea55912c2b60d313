"""Error bars of barriers, adsorption energies and interfaces: the same sums as the numbers, member by member."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import add_adsorbate, bulk, fcc111
from untrained import NARROW, make_surrogate

from azibflow.calculators.specs import SurrogateSpec
from azibflow.calculators.surrogates.trust import assess
from azibflow.structures.documents import StructureDocument
from azibflow.workflows.adsorption.adsorbing import adsorb
from azibflow.workflows.adsorption.placement import Placement
from azibflow.workflows.common.references import metal_reference
from azibflow.workflows.common.relaxation_jobs import RelaxationResult, relax_structure
from azibflow.workflows.common.results import Outcome, RelaxSettings, StudyLabel
from azibflow.workflows.interfaces.results import collect_interface
from azibflow.workflows.interfaces.sides import InterfaceGeometry
from azibflow.workflows.migration.barriers import migrate
from azibflow.workflows.migration.hops import hop_between
from azibflow.workflows.migration.results import BandSettings

pytest.importorskip("mace")

AS_BUILT = RelaxSettings(fmax=1000.0)
LABEL = StudyLabel(study="test")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two surrogates of the same networks: one believes everything, one nothing."""
    home = tmp_path_factory.mktemp("solids")
    periodic = {"periodic": True, "charges": (0,), "ion_charges": {}}
    make_surrogate(home / "wide", **periodic)
    make_surrogate(
        home / "narrow",
        domain=NARROW,
        **periodic,
    )
    return home


@pytest.fixture
def wide(folder: Path) -> SurrogateSpec:
    return SurrogateSpec(card=str(folder / "wide"))


@pytest.fixture
def narrow(folder: Path) -> SurrogateSpec:
    return SurrogateSpec(card=str(folder / "narrow"))


def relaxed(atoms: Atoms, spec: SurrogateSpec) -> RelaxationResult:
    return relax_structure(atoms, spec, AS_BUILT)


def members(result: RelaxationResult) -> np.ndarray:
    assert result.trust is not None
    return np.array(result.trust.member_energies)


def slab() -> Atoms:
    atoms = fcc111("Zn", (2, 2, 2), a=3.9, vacuum=6.0)
    atoms.pbc = True
    atoms.rattle(0.05, seed=1)
    return atoms


def with_oxygen(x: float) -> Atoms:
    atoms = slab()
    add_adsorbate(atoms, "O", 1.6, position=(x, 1.0))
    return atoms


@pytest.mark.parametrize("which", ["wide", "narrow"])
def test_a_barrier_carries_the_spread_of_the_barrier_and_the_worst_image_of_its_path(
    which: str, request: pytest.FixtureRequest
) -> None:
    spec: SurrogateSpec = request.getfixturevalue(which)
    first, last = with_oxygen(0.5), with_oxygen(1.4)
    start = hop_between(first, last)
    result = migrate(
        start, relaxed(first, spec), relaxed(last, spec), spec, BandSettings(images=2, fmax=1000.0), LABEL, None
    )
    assert result.trust is not None
    assert result.saddle is not None
    assert result.initial is not None
    highest = max(result.path, key=lambda point: point.energy)
    assert result.trust.member_energies[0] == pytest.approx(highest.energy, abs=1e-8)
    saddle, initial = (assess(spec, document.to_atoms()) for document in (result.saddle, result.initial))
    assert saddle is not None
    assert initial is not None
    assert result.trust.member_energies == pytest.approx(
        np.array(saddle.member_energies) - np.array(initial.member_energies), abs=1e-8
    )
    assert result.trust.force_deviation >= max(saddle.force_deviation, initial.force_deviation) - 1e-9
    if which == "narrow":
        assert result.outcome is Outcome.OUTSIDE
        assert "outside the surrogate's domain" in result.reason
    else:
        assert result.outcome is not Outcome.OUTSIDE


@pytest.mark.parametrize("which", ["wide", "narrow"])
def test_an_adsorption_energy_carries_the_spread_of_its_three_terms(which: str, request: pytest.FixtureRequest) -> None:
    spec: SurrogateSpec = request.getfixturevalue(which)
    bare = relaxed(slab(), spec)
    metal = relaxed(bulk("Zn", "hcp", a=2.66, c=4.95), spec)
    reference = metal_reference("Zn", metal)
    both = slab()
    add_adsorbate(both, "Zn", 2.2, position=(0.5, 1.0))
    placement = Placement(site="here", orientation="", multiplicity=1, structure=StructureDocument.from_atoms(both))
    row = adsorb(placement, bare, reference, spec, AS_BUILT)
    assert row.trust is not None
    assert row.structure is not None
    together = assess(spec, row.structure.to_atoms())
    assert together is not None
    expected = np.array(together.member_energies) - members(bare) - members(metal) / 2
    assert row.trust.member_energies == pytest.approx(expected, abs=1e-8)
    assert row.trust.member_energies[0] == pytest.approx(row.e_ads_vs_bulk, abs=1e-8)
    assert row.trust.standard_error == pytest.approx(2.0 * np.std(expected, ddof=1))
    assert (row.outcome is Outcome.OUTSIDE) == (which == "narrow")


def test_an_adhesion_energy_carries_the_spread_of_both_sides_and_the_whole(wide: SurrogateSpec) -> None:
    whole = with_oxygen(0.5)
    tags = [1] * 8 + [2]
    whole.set_tags(tags)
    together, film, support = relaxed(whole, wide), relaxed(whole[[8]], wide), relaxed(whole[:8], wide)
    geometry = InterfaceGeometry(name="O/Zn", structure=StructureDocument.from_atoms(whole))
    result = collect_interface(geometry, together, film, support, wide, AS_BUILT, LABEL)
    assert result.trust is not None
    assert result.trust.member_energies == pytest.approx(members(film) + members(support) - members(together))
    assert result.trust.member_energies[0] == pytest.approx(result.adhesion_energy, abs=1e-8)
