"""Where a slab lies in its cell, and how its vectors are written, changes nothing that is said of an adsorbate."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import fcc111
from ase.io import write

from azibflow.calculators.specs import AseSpec
from azibflow.campaigns.files import load_campaign
from azibflow.campaigns.plan import plan
from azibflow.errors import StructureError
from azibflow.structures.building import as_recipe
from azibflow.workflows.adsorption.adsorbing import adsorb
from azibflow.workflows.adsorption.flow import adsorption_study
from azibflow.workflows.adsorption.placement import placements
from azibflow.workflows.adsorption.results import AdsorptionRow
from azibflow.workflows.common.references import reference_energy
from azibflow.workflows.common.relaxation_jobs import relax_structure
from azibflow.workflows.common.results import Outcome, RelaxSettings

SETTINGS = RelaxSettings(fmax=0.02)


def in_the_middle() -> Atoms:
    atoms = fcc111("Cu", (2, 2, 3), a=3.6, vacuum=7.0, periodic=True)
    atoms.set_tags(0)
    return atoms


def shifted(by: float) -> Callable[[], Atoms]:
    """Shift a slab along c, in parts of its cell, and wrap it."""

    def make() -> Atoms:
        atoms = in_the_middle()
        atoms.positions += by * atoms.cell[2]
        atoms.wrap()
        return atoms

    return make


def left_handed() -> Atoms:
    atoms = shifted(0.5)()
    atoms.set_cell(atoms.cell.array[[1, 0, 2]])
    return atoms


def row_of(atoms: Atoms, emt: AseSpec) -> AdsorptionRow:
    (row,) = adsorption_study(as_recipe(atoms), "O", emt, SETTINGS, sites=["hollow-fcc"]).rows
    return row


@pytest.fixture(scope="module")
def expected(emt: AseSpec) -> AdsorptionRow:
    return row_of(in_the_middle(), emt)


@pytest.mark.parametrize(
    "make",
    [shifted(0.5), shifted(0.5 - 2.2 / 18.2), shifted(0.38), shifted(0.25), left_handed],
    ids=["middle at the boundary", "top layer across it", "adsorbate across it", "just below it", "left-handed"],
)
def test_the_height_is_that_of_the_slab_in_one_piece(
    make: Callable[[], Atoms], emt: AseSpec, expected: AdsorptionRow
) -> None:
    lateral = 3.6 / np.sqrt(2) / np.sqrt(3)  # from the middle of a triangle of Cu atoms to its corners
    assert expected.height == pytest.approx(np.sqrt(expected.nearest_distance**2 - lateral**2), abs=0.1)
    row = row_of(make(), emt)
    assert row.outcome is expected.outcome
    assert row.height == pytest.approx(expected.height, abs=0.02)
    assert row.e_ads_vs_molecule == pytest.approx(expected.e_ads_vs_molecule, abs=2e-3)
    assert row.nearest_distance == pytest.approx(expected.nearest_distance, abs=0.01)
    assert row.surface_displacement == pytest.approx(expected.surface_displacement, abs=0.01)


@pytest.mark.parametrize("make", [in_the_middle, shifted(0.5)], ids=["in the middle", "across the boundary"])
def test_an_adsorbate_that_crossed_the_vacuum_is_not_on_its_surface(make: Callable[[], Atoms], emt: AseSpec) -> None:
    """Oxygen just below the periodic image binds there; its energy is that of no site of this surface."""
    bare, reference = relax_structure(make(), emt, SETTINGS), reference_energy("O", emt, SETTINGS)
    surface = bare.structure.to_atoms()
    (start,) = placements(surface, "O", sites=["hollow-fcc"])
    atoms = start.structure.to_atoms()
    atoms.positions[-1, 2] += surface.cell[2, 2] - 2 * 1.2 - (3 - 1) * 3.6 / np.sqrt(3)  # mirrored
    crossed = start.model_copy(update={"structure": type(start.structure).from_atoms(atoms)})
    row = adsorb(crossed, bare, reference, emt, SETTINGS)
    assert row.e_ads_vs_molecule is not None
    assert row.e_ads_vs_molecule < -0.3
    assert row.nearest_distance is not None
    assert row.nearest_distance < 2.5
    assert row.outcome is Outcome.DESORBED
    assert "back of the surface's periodic image" in row.reason


@pytest.mark.parametrize("axes", [(2, 0, 1), (1, 2, 0)], ids=["vacuum along b", "vacuum along a"])
def test_a_slab_that_stands_otherwise_is_refused_before_anything_is_computed(
    axes: tuple[int, ...], tmp_path: Path
) -> None:
    atoms = in_the_middle()
    atoms.set_cell(atoms.cell.array[list(axes)])
    write(tmp_path / "standing.vasp", atoms)
    text = "name: x\nsystems:\n  s: {file: standing.vasp}\nstudies: [{kind: adsorption, system: s, adsorbate: O}]\n"
    (tmp_path / "c.yaml").write_text(text)
    with pytest.raises(StructureError, match=r"a and b in the xy plane and c along z") as refusal:
        plan(load_campaign(tmp_path / "c.yaml"))
    assert "standing" in str(refusal.value)


def test_a_leaning_slab_is_refused(emt: AseSpec) -> None:
    atoms = in_the_middle()
    atoms.rotate(30, "x", rotate_cell=True)
    with pytest.raises(StructureError, match="c along z"):
        adsorption_study(as_recipe(atoms), "O", emt, SETTINGS)
