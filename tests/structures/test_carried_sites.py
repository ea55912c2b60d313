"""Sites of a surface as it was planned, on the same surface when an atom of it has moved over another."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atom, Atoms
from ase.build import fcc100

from azibflow.errors import StructureError
from azibflow.structures.building import build, build_from_bulk
from azibflow.structures.carried_sites import carried, chosen_sites, every_site_on, planned_surface
from azibflow.structures.dissociation import splits
from azibflow.structures.molecules import adsorbate
from azibflow.structures.prototypes import prototype
from azibflow.structures.recipes import SlabRecipe, StructureRecipe
from azibflow.structures.sites import adsorption_sites, place
from azibflow.structures.surface_shells import surface_shells
from azibflow.workflows.adsorption.placement import capped_placements
from azibflow.workflows.migration.surface_hops import SurfaceHops, adatom_placements

ABOVE = 1.3


@pytest.fixture(scope="module")
def planned() -> Atoms:
    """Cu(100), 2 x 2, with O beside one of its four top atoms, across the edge of the cell."""
    atoms = fcc100("Cu", (2, 2, 2), vacuum=8, periodic=True)
    side = atoms.cell.lengths()[0]
    atoms.append(Atom("O", (0.97 * side, 0.97 * side, atoms.positions[:, 2].max() + ABOVE)))
    return atoms


@pytest.fixture(scope="module")
def relaxed(planned: Atoms) -> Atoms:
    """The same with O in the hollow beside it, which hides all tops; all of it strained and shifted."""
    atoms = planned.copy()
    atoms.positions[-1] += (1.43, 1.43, -0.3)
    atoms.set_cell(atoms.cell.array * (1.01, 1.02, 1.0), scale_atoms=True)
    atoms.positions += (0.2, -0.1, 0.05)
    return atoms


def test_labels_stay_and_a_site_goes_with_its_atoms(planned: Atoms, relaxed: Atoms) -> None:
    names = [site.label for site in adsorption_sites(planned)]
    assert "top-Cu" in names
    assert "top-Cu" not in {site.label for site in adsorption_sites(relaxed)}  # what this is for
    found = chosen_sites(relaxed, built=planned)
    assert [site.label for site in found] == names
    top = next(site for site in found if site.label == "top-Cu")
    (below,) = top.neighbours
    np.testing.assert_allclose(top.position, relaxed.positions[below], atol=0.05)
    oxygen = next(site for site in found if site.label == "top-O")
    np.testing.assert_allclose(oxygen.position, relaxed.positions[-1], atol=0.05)
    assert len(every_site_on(relaxed, planned)) == sum(site.multiplicity for site in found)


def test_a_site_between_atoms_moves_by_the_mean_of_them(planned: Atoms) -> None:
    bridge = next(site for site in adsorption_sites(planned) if site.label == "bridge-Cu-Cu")
    moved = planned.copy()
    first, second = bridge.neighbours
    moved.positions[first] += (0.2, 0.0, 0.0)
    moved.positions[second] += (0.0, 0.4, 0.1)
    (there,) = carried([bridge], planned, moved)
    np.testing.assert_allclose(np.subtract(there.position, bridge.position), (0.1, 0.2, 0.05), atol=1e-6)


def test_a_named_site_that_only_the_relaxed_surface_has_is_found_there(planned: Atoms, relaxed: Atoms) -> None:
    names = {site.label for site in adsorption_sites(planned)}
    new = next(site for site in adsorption_sites(relaxed) if site.label not in names)
    assert chosen_sites(relaxed, ["top-Cu", new.label], planned)[-1] == new
    with pytest.raises(StructureError, match="no adsorption site top-Zn on this surface; its sites are top-O, top-Cu"):
        chosen_sites(relaxed, ["top-Zn"], planned)


def test_what_was_planned_is_what_every_study_begins_with(planned: Atoms, relaxed: Atoms) -> None:
    shown, _ = capped_placements(planned, "H2O", ["top-Cu"], None)
    starts, _ = capped_placements(relaxed, "H2O", ["top-Cu"], None, planned)
    assert [start.name for start in starts] == [start.name for start in shown]
    placed, _ = adatom_placements(relaxed, "Cu", SurfaceHops(sites=["top-Cu"]), planned)
    assert [one.site for one in placed] == ["top-Cu"]
    (shell,) = surface_shells(relaxed, "Zn", 0, 1, sites=["top-Cu"], planned=planned)
    assert shell.name == "top-Cu"
    top = next(site for site in carried(adsorption_sites(planned), planned, relaxed) if site.label == "top-Cu")
    wet = place(relaxed, adsorbate("H2O"), top)
    found = splits(wet, relaxed, {"top-Cu": -1.0}, {"bridge-Cu-O": -0.1}, 4.0, planned)
    assert {one.label.split(",")[0] for one in found} == {"OH top-Cu"}


def test_the_plan_is_built_from_nothing_relaxed_and_left_where_atoms_changed_places() -> None:
    facet = StructureRecipe(prototype="Zn", slab=SlabRecipe(miller="(10-10)", layers=2, vacuum=8))
    bulk = prototype("Zn")
    bulk.set_cell(bulk.cell.array * 1.03, scale_atoms=True)
    planned, cut = build(facet), build_from_bulk(facet, bulk)
    assert planned_surface(facet, cut) == planned
    turned = cut[::-1]
    assert planned_surface(facet, turned) == turned
