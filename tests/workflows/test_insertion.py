"""Insertion studies: every number against energies computed alone, the sites against rules that are checked by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.geometry import find_mic
from jobflow import run_locally

from azibflow.calculators.specs import AseSpec
from azibflow.calculators.surrogates.trust import Trust
from azibflow.errors import CapabilityError, StructureError
from azibflow.structures.building import as_recipe, build
from azibflow.structures.hydroxyls import LENGTH, hydroxyl_places
from azibflow.structures.places import named_places
from azibflow.structures.prototypes import prototype
from azibflow.structures.recipes import StructureRecipe
from azibflow.structures.symmetry import crystal_operations
from azibflow.workflows.common.electrodes import Correction, proton_shift
from azibflow.workflows.common.references import reference_energy
from azibflow.workflows.common.relaxation_jobs import relax_structure
from azibflow.workflows.common.results import Outcome, RelaxSettings
from azibflow.workflows.insertion.expansion import gap_change
from azibflow.workflows.insertion.flow import InsertionMaker, insertion_study
from azibflow.workflows.insertion.results import InsertionResult, InsertionState
from azibflow.workflows.insertion.sites import SiteSettings, filled_hosts, starting_sites

EMT = AseSpec(calculator="ase.calculators.emt:EMT", elements=("Al", "Cu", "H", "O", "Pd"), charges=(0,))
RELAX = RelaxSettings(fmax=0.02)
SITES, ONE = SiteSettings(max_sites=2), SiteSettings(max_sites=1)
NUMBERS = (1, 2, 4)
ADDED = Correction(energy=0.24, label="by hand")


def palladium() -> StructureRecipe:
    return as_recipe(bulk("Pd", cubic=True))


@pytest.fixture(scope="module")
def hydrogen() -> InsertionResult:
    """Hydrogen in palladium by effective medium theory, in its cell."""
    return insertion_study(palladium(), "H", EMT, RELAX, numbers=NUMBERS, sites=SITES, cell="fixed")


@pytest.fixture(scope="module")
def swollen() -> InsertionResult:
    """The same for one hydrogen in a repeated cell that is relaxed."""
    recipe = palladium().model_copy(update={"supercell": (1, 1, 2)})
    return insertion_study(recipe, "H", EMT, RELAX, sites=ONE, cell="relaxed")


def test_tunnels_are_called_by_their_names_and_asked_for_by_them() -> None:
    recipe = StructureRecipe(prototype="alpha-MnO2", supercell=(1, 1, 2))
    host = build(recipe)
    found = starting_sites(host, "Zn", SITES, "inside", named_places(recipe))
    assert [site.label for site in found[:2]] == ["2x2 tunnel", "1x1 tunnel"]
    (narrow,) = starting_sites(host, "Zn", SiteSettings(at="1x1 tunnel"), "inside", named_places(recipe))
    assert narrow.label == "1x1 tunnel"
    assert len(narrow.places) == 8  # 4 in a cell
    np.testing.assert_allclose(narrow.places[0], (0, 1 / 2, 1 / 8))
    oxygen = host.positions[host.numbers == 8]
    away = find_mic(oxygen - narrow.places[0] @ host.cell.array, host.cell)[1]
    assert sorted(away)[:4] == pytest.approx([1.773] * 4, abs=1e-3)
    (proton,) = starting_sites(host, "H", SiteSettings(at=["2x2 tunnel"]), "inside", named_places(recipe))
    np.testing.assert_allclose(proton.places[0], (0, 0, 1 / 4))
    with pytest.raises(StructureError, match=r"at: it has no site 3x3 tunnel for Zn; it has 2x2 tunnel, 1x1 tunnel"):
        starting_sites(host, "Zn", SiteSettings(at=["3x3 tunnel"]), "inside", named_places(recipe))


def test_energies_and_voltages_are_those_of_the_states_alone(hydrogen: InsertionResult) -> None:
    """(E[n] - E[0]) / n - E[H2] / 2, and voltages of the means and of the steps, from structures computed here."""
    empty = relax_structure(bulk("Pd", cubic=True), EMT, RELAX)
    half = reference_energy("H", EMT, RELAX).energy
    energies = {0: empty.energy}
    for loading in hydrogen.loadings:
        atoms = loading.loaded.structure.to_atoms()
        assert atoms.get_chemical_symbols().count("H") == loading.n_ions
        energies[loading.n_ions] = relax_structure(atoms, EMT, RELAX).energy

    gained = {n: energy - empty.energy - n * half for n, energy in energies.items()}
    for row, before in zip(hydrogen.rows, (0, 1, 2), strict=True):
        assert row.outcome is Outcome.OK
        assert row.energy == pytest.approx(gained[row.n] / row.n, abs=5e-3)
        assert row.voltage == pytest.approx(-gained[row.n] / row.n, abs=5e-3)
        assert row.step == pytest.approx(-(gained[row.n] - gained[before]) / (row.n - before), abs=1e-2)
        assert row.potential == pytest.approx(row.voltage)


def test_the_lowest_start_counts_and_all_are_kept(hydrogen: InsertionResult) -> None:
    for loading, row in zip(hydrogen.loadings, hydrogen.rows, strict=True):
        assert [state.name for state in loading.filled] == ["Pd6", "Pd4"]
        lowest = min(loading.filled, key=lambda state: state.energy)
        assert row.site == lowest.name
    assert hydrogen.left_out == []
    assert hydrogen.rows[0].volume_change is None


def test_what_is_beyond_the_number_of_sites_is_named(swollen: InsertionResult) -> None:
    assert swollen.left_out == ["Pd4"]
    assert [state.name for state in swollen.loadings[0].filled] == ["Pd6"]


def test_the_volume_is_that_of_the_cells(swollen: InsertionResult) -> None:
    """A repeated crystal is relaxed with and without the ion, by the policy that the study asks for."""
    (loading,), (row,) = swollen.loadings, swollen.rows
    assert (swollen.cell, row.formula) == ("relaxed", "HPd8")
    empty, loaded = loading.empty.structure.cell, loading.loaded.structure.cell
    assert row.volume_change == pytest.approx(100 * (np.linalg.det(loaded) / np.linalg.det(empty) - 1))
    assert row.volume_change > 1
    assert row.spacing_change is None
    layered = swollen.model_copy(update={"stacking_axis": 2})
    assert layered.rows[0].spacing_change == pytest.approx(loaded[2][2] - empty[2][2])


def test_a_unit_of_ph_takes_59_millivolt_and_what_is_added_is_added(hydrogen: InsertionResult) -> None:
    assert proton_shift(1.0) == pytest.approx(0.05916, abs=1e-5)
    assert proton_shift(1.0, 310.0) == pytest.approx(0.05916 * 310.0 / 298.15, abs=1e-5)
    acid = hydrogen.model_copy(update={"ph": 4.0, "correction": ADDED})
    for plain, row in zip(hydrogen.rows, acid.rows, strict=True):
        assert row.energy == pytest.approx(plain.energy + 0.24 + 4 * 0.05916, abs=1e-4)
        assert row.voltage == pytest.approx(plain.voltage - 0.24)
        assert row.potential == pytest.approx(plain.voltage - 0.24 - 4 * 0.05916, abs=1e-4)
    assert "pH 4" in acid.reference


def test_aluminium_has_three_electrons_and_its_measured_potential(hydrogen: InsertionResult) -> None:
    host = as_recipe(bulk("Cu", a=5.2, cubic=True))
    result = insertion_study(host, "Al", EMT, RELAX, sites=ONE, cell="fixed")
    loading, (row,) = result.loadings[0], result.rows
    metal = relax_structure(bulk("Al", cubic=True), EMT, RELAX, cell="relaxed").energy / 4
    energy = loading.loaded.energy - loading.empty.energy - metal
    assert row.energy == pytest.approx(energy, abs=2e-3)
    assert row.voltage == pytest.approx(-energy / 3, abs=1e-3)
    assert row.potential - row.voltage == pytest.approx(-1.662)


def test_the_flow_gives_what_the_plain_function_gives(hydrogen: InsertionResult, tmp_path: Path) -> None:
    """The numbers of ions are put in order, whatever order they are written in."""
    maker = InsertionMaker(
        ion="H", numbers=(2, 1, 4), sites=SITES, calculator=EMT, settings=RELAX, cell="fixed", literature=["Ca-V2O5"]
    )
    responses = run_locally(maker.make(palladium()), log=False, root_dir=tmp_path, ensure_success=True)
    outputs = [response.output for by_index in responses.values() for response in by_index.values()]
    found = next(output for output in outputs if isinstance(output, InsertionResult))
    assert [row.n for row in found.rows] == [1, 2, 4]
    assert [row.energy for row in found.rows] == pytest.approx([row.energy for row in hydrogen.rows], abs=1e-6)
    assert found.literature == ("Ca-V2O5",)
    assert found.given


def test_a_start_that_fails_is_a_start_less(hydrogen: InsertionResult) -> None:
    loading = hydrogen.loadings[0]
    lowest = loading.loaded
    for outcome in (Outcome.UNCONVERGED, Outcome.OUTSIDE, Outcome.FAILED):
        bad = [one.model_copy(update={"outcome": outcome}) if one is lowest else one for one in loading.filled]
        left = loading.model_copy(update={"filled": bad})
        assert left.ended[0] is Outcome.OK
        assert left.loaded.name != lowest.name
        none = loading.model_copy(update={"filled": [one for one in bad if one.outcome is outcome]})
        assert none.ended[0] is outcome
        assert none.gained is None
        assert lowest.name in none.ended[1]


def trusted(*energies: float, force_deviation: float = 0.1) -> Trust:
    """Return what two members say; forces may differ by 1 eV/angstrom."""
    return Trust(
        member_energies=energies,
        energy_scale=1.0,
        force_deviation=force_deviation,
        largest_known=1.0,
        distance=1.0,
        farthest_known=2.0,
    )


def test_error_bars_are_of_the_difference_and_unknown_places_are_no_results(hydrogen: InsertionResult) -> None:
    """Members: (-103 + 100 + 1) and (-102.5 + 99 + 1.1) eV for one ion, whose spread is 0.4 / sqrt 2."""
    loading = hydrogen.loadings[0]
    known = loading.model_copy(
        update={
            "empty": loading.empty.model_copy(update={"trust": trusted(-100.0, -99.0)}),
            "filled": [loading.filled[0].model_copy(update={"trust": trusted(-103.0, -102.5)})],
            "metal": loading.metal.model_copy(update={"trust": trusted(-1.0, -1.1)}),
        }
    )
    for ion, charge in (("H", 1), ("Al", 3)):
        result = hydrogen.model_copy(update={"ion": ion, "loadings": [known.model_copy(update={"ion": ion})]})
        assert result.rows[0].trust.standard_error == pytest.approx(0.4 / np.sqrt(2))
        assert result.loadings[0].trust.standard_error == pytest.approx(0.4 / np.sqrt(2) / charge)
    relaxed = relax_structure(bulk("Cu"), EMT, RELAX)
    lost = relaxed.model_copy(update={"trust": trusted(-1.0, -1.1, force_deviation=3.0)})
    assert InsertionState.of("lost", lost).outcome is Outcome.OUTSIDE
    assert InsertionState.of("kept", relaxed).outcome is Outcome.OK


def test_hydrogen_begins_on_oxygen_towards_a_void() -> None:
    """0.98 angstrom from one oxygen, no second bond, every distinct oxygen of alpha-MnO2 first."""
    host = prototype("alpha-MnO2")
    symmetry = crystal_operations(host)
    places = hydroxyl_places(host, symmetry)
    nearest = []
    for place in places:
        loaded = host + Atoms("H", scaled_positions=[place], cell=host.cell)
        distances = loaded.get_distances(-1, range(len(host)), mic=True)
        first, second = np.sort(distances)[:2]
        assert first == pytest.approx(LENGTH)
        assert second > 1.5
        nearest.append(int(np.argmin(distances)))
    oxygen = {int(symmetry.orbits[atom]) for atom, symbol in enumerate(host.symbols) if symbol == "O"}
    assert {int(symmetry.orbits[atom]) for atom in nearest[: len(oxygen)]} == oxygen
    assert len(oxygen) == 2
    sites = starting_sites(host, "H", SITES, "inside")
    assert [site.label for site in sites[:2]] == ["OH", "OH-2"]
    assert {site.label for site in sites} & {"O4"}  # voids come after
    assert [site.label for site in starting_sites(host, "Zn", SITES, "inside")] == ["O12", "O4"]


def test_sites_do_not_depend_on_how_a_host_is_written() -> None:
    """Another order of the atoms, another origin and another orientation: the same sites, the same pairs of ions."""
    host = prototype("alpha-V2O5")
    other = host[np.random.default_rng(1).permutation(len(host))]
    other.rotate(37, (1, 2, 3), rotate_cell=True)
    other.positions += [0.3, 0.7, 0.11]
    found = []
    for atoms in (host, other):
        sites = starting_sites(atoms, "H", SITES, "inside")
        pairs = filled_hosts(atoms, "H", 2, sites, SiteSettings(max_sites=9))
        apart = [pairs[site.label].get_distance(-1, -2, mic=True) for site in sites]
        found.append([(site.label, len(site.places), round(far, 2)) for site, far in zip(sites, apart, strict=True)])
    assert found[0] == found[1]
    assert len(found[0]) > 3


def test_water_of_a_host_takes_no_third_hydrogen() -> None:
    host = prototype("H2V3O8")
    water = [
        atom
        for atom in range(len(host))
        if host.symbols[atom] == "O"
        and sum(host.get_distances(atom, [i for i, s in enumerate(host.symbols) if s == "H"], mic=True) < 1.2) == 2
    ]
    assert water
    for place in hydroxyl_places(host, crystal_operations(host)):
        loaded = host + Atoms("H", scaled_positions=[place], cell=host.cell)
        assert loaded.get_distances(-1, water, mic=True).min() > 1.2


def test_several_ions_go_in_as_far_apart_as_they_can() -> None:
    """The octahedral sites of a cubic cell of four atoms: two are half a face diagonal apart, wherever they are."""
    host = bulk("Cu", a=4.0, cubic=True)
    sites = starting_sites(host, "H", SITES, "inside")
    assert [(site.label, len(site.places)) for site in sites] == [("Cu6", 4), ("Cu4", 8)]
    loaded = filled_hosts(host, "H", 2, sites, SITES)
    assert loaded["Cu6"].get_distance(-1, -2, mic=True) == pytest.approx(4.0 / np.sqrt(2))
    assert loaded["Cu4"].get_distance(-1, -2, mic=True) == pytest.approx(2.0 * np.sqrt(3))
    four = filled_hosts(host, "H", 4, sites, SITES)["Cu4"].get_all_distances(mic=True)[4:, 4:]
    assert four[~np.eye(4, dtype=bool)] == pytest.approx(2.0 * np.sqrt(2))  # not two on a diagonal and two nearer
    mixed = filled_hosts(host, "H", 5, sites, SiteSettings(max_sites=1, ions_apart=1.7))["Cu6"]
    assert np.isclose(mixed.get_all_distances(mic=True)[4:, 4:][~np.eye(5, dtype=bool)].min(), np.sqrt(3))
    with pytest.raises(StructureError, match=r"Cu4 has room for 8 H at least 2 angstrom apart, fewer than 9; ask for"):
        filled_hosts(host, "H", 9, sites, SITES)


def test_sites_nearer_than_the_threshold_are_one() -> None:
    host = bulk("Cu", a=4.0, cubic=True)
    assert len(starting_sites(host, "H", SiteSettings(apart=1.8), "inside")) == 1


def heterostructure(gap: float) -> Atoms:
    """A layer of oxygen on copper over another, tagged as support and film."""
    heights = np.array([5.0, 6.2, 6.2 + gap, 7.4 + gap])
    positions = [(0, 0, heights[0]), (1.3, 1.3, heights[1]), (0, 0, heights[2]), (1.3, 1.3, heights[3])]
    atoms = Atoms("CuOOCu", positions=positions, cell=[2.6, 2.6, 25.0], pbc=True)
    atoms.set_tags([1, 1, 2, 2])
    return atoms


def test_the_gap_is_between_film_and_support_and_opens_by_their_heights() -> None:
    host = heterostructure(4.0)
    inside = starting_sites(host, "Zn", SITES, "gap")
    heights = [place[2] * host.cell[2, 2] for site in inside for place in site.places]
    assert min(heights) > 5.9 and max(heights) < 10.5
    assert gap_change(host, heterostructure(4.7) + Atoms("Zn")) == pytest.approx(0.7)
    with pytest.raises(StructureError, match="does not say which atoms are film"):
        starting_sites(bulk("Cu", cubic=True), "H", SITES, "gap")


def test_nothing_goes_on_top_of_a_slab_unless_it_is_asked_for() -> None:
    slab = StructureRecipe(prototype="anatase-TiO2", slab={"miller": (0, 0, 1), "layers": 1, "vacuum": 12.0})
    host = build(slab)
    low, high = host.positions[:, 2].min(), host.positions[:, 2].max()
    for region, outside in (("inside", False), ("anywhere", True)):
        sites = starting_sites(host, "Zn", SITES, region)
        heights = np.array([(place % 1.0)[2] * host.cell[2, 2] for site in sites for place in site.places])
        assert bool(((heights < low) | (heights > high)).any()) is outside


def test_bad_input_has_one_message_each() -> None:
    with pytest.raises(StructureError, match=r"no reference for the ion Rb; there is one for Zn, H, Li, "):
        insertion_study(palladium(), "Rb", EMT, RELAX)
    with pytest.raises(StructureError, match="cannot honour charge: ions go in with their electrons"):
        insertion_study(palladium().model_copy(update={"charge": 1}), "H", EMT, RELAX)
    with pytest.raises(CapabilityError, match="Li"):
        insertion_study(palladium(), "Li", EMT, RELAX, sites=ONE)
    (full,) = insertion_study(as_recipe(bulk("Cu", cubic=True)), "Al", EMT, RELAX, cell="fixed").rows
    assert (full.outcome, full.energy) == (Outcome.FAILED, None)
    assert full.reason.endswith("has no interstitial site with room for Al")
    crowded = insertion_study(palladium(), "H", EMT, RELAX, numbers=[1, 40], sites=ONE, cell="fixed")
    assert [row.outcome for row in crowded.rows] == [Outcome.OK, Outcome.FAILED]
    assert "has room for" in crowded.rows[1].reason
