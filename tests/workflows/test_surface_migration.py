"""Adatoms on copper by effective medium theory, against bands written here with ASE alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import add_adsorbate, fcc100, fcc111
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms
from ase.mep import NEB
from ase.optimize import BFGS, FIRE
from jobflow import run_locally

from azibflow.analysis.tables.migration import barriers_table
from azibflow.calculators.specs import AseSpec
from azibflow.campaigns.files import load_campaign
from azibflow.campaigns.flow import campaign_flow
from azibflow.errors import StructureError
from azibflow.structures.documents import StructureDocument
from azibflow.structures.recipes import StructureRecipe
from azibflow.structures.sites import adsorption_sites
from azibflow.workflows.adsorption.placement import capped, placements
from azibflow.workflows.common.results import Outcome, RelaxSettings
from azibflow.workflows.migration import adatoms
from azibflow.workflows.migration.adatoms import adatom_state
from azibflow.workflows.migration.results import BandSettings, MigrationResult
from azibflow.workflows.migration.surface_flow import surface_migration_study
from azibflow.workflows.migration.surface_hops import SurfaceHops

SLAB = {"layers": 2, "supercell": (2, 2), "vacuum": 8.0, "fixed_layers": 1}
CAMPAIGN = """\
name: adatoms
calculator: {kind: ase, calculator: "ase.calculators.emt:EMT"}
relax: {fmax: 0.01}
systems:
  cu111: {prototype: Cu, slab: {miller: (111), layers: 2, supercell: [2, 2], vacuum: 8, fixed_layers: 1}}
  cu100: {prototype: Cu, slab: {miller: (100), layers: 2, supercell: [2, 2], vacuum: 8, fixed_layers: 1}}
studies:
  - {kind: migration, system: [cu111, cu100], ion: Cu, band: {images: 3, fmax: 0.02}}
  - {kind: migration, name: exchange, system: cu100, ion: Cu, surface: {mechanism: exchange}, band: {fmax: 0.02}}
"""


@pytest.fixture(scope="module")
def hops(tmp_path_factory: pytest.TempPathFactory) -> list[MigrationResult]:
    """Compute a campaign with a list of surfaces."""
    folder = tmp_path_factory.mktemp("adatoms")
    (folder / "campaign.yaml").write_text(CAMPAIGN)
    flow = campaign_flow(load_campaign(folder / "campaign.yaml"))
    responses = run_locally(flow, log=False, root_dir=folder, ensure_success=True)
    outputs = [response.output for by_index in responses.values() for response in by_index.values()]
    return sorted((one for one in outputs if isinstance(one, MigrationResult)), key=lambda one: one.place)


def held(atoms: Atoms) -> Atoms:
    """Hold the lower layer and relax, with ASE alone."""
    atoms.set_constraint(FixAtoms([atom.index for atom in atoms if atom.tag == 2]))
    atoms.calc = EMT()
    assert BFGS(atoms, logfile=None).run(fmax=0.01, steps=200)
    return atoms


def plain_barrier(initial: Atoms, final: Atoms, moving: int) -> float:
    images = [initial.copy() for _ in range(moving + 1)] + [final.copy()]
    band = NEB(images, climb=True, method="aseneb", k=0.1)
    band.interpolate(mic=True)
    for image in images:
        image.calc = EMT()
    assert FIRE(band, logfile=None).run(fmax=0.02, steps=600)
    energies = [image.get_potential_energy() for image in images]
    return max(energies) - energies[0]


def lattice_constant(result: MigrationResult) -> float:
    return result.cell[0] / 2 * np.sqrt(2)


def test_the_hop_on_cu111_is_that_of_a_plain_band(hops: list[MigrationResult]) -> None:
    """From fcc to hcp; the barrier of EMT in the literature is 0.03 to 0.05 eV."""
    hop = hops[0]
    ends = []
    for site in ("hcp", "fcc") if hop.hop.startswith("hollow-hcp") else ("fcc", "hcp"):
        atoms = fcc111("Cu", (2, 2, 2), a=lattice_constant(hop), vacuum=4.0, periodic=True)
        add_adsorbate(atoms, "Cu", 1.8, site)
        ends.append(held(atoms))
    assert (hop.outcome, hop.study, hop.mechanism) == (Outcome.OK, "Cu on cu111", "hop")
    assert sorted(hop.hop.partition(",")[0].split(" to ")) == ["hollow-fcc", "hollow-hcp"]
    assert hop.barrier_forward == pytest.approx(plain_barrier(*ends, 3), abs=3e-3)
    assert 0.02 < hop.barrier_forward < 0.06
    assert hop.hop_distance == pytest.approx(lattice_constant(hop) / np.sqrt(6), abs=0.05)


def test_hop_and_exchange_on_cu100_are_those_of_plain_bands(hops: list[MigrationResult]) -> None:
    """Hollow to hollow; and into the surface, whose atom comes out in the hollow across it."""
    hop, exchange = hops[1:]
    a = lattice_constant(hop)
    start = fcc100("Cu", (2, 2, 2), a=a, vacuum=4.0, periodic=True)
    add_adsorbate(start, "Cu", 1.6, "hollow")
    beside = start.copy()
    beside.positions[-1] += (a / np.sqrt(2), 0, 0)
    across = start.copy()
    pushed = max((atom for atom in start if atom.tag == 1), key=lambda atom: atom.x + atom.y).index
    across.positions[-1] = start.positions[pushed]
    across.positions[pushed] = start.positions[-1] + (a / np.sqrt(2), a / np.sqrt(2), 0)
    start, beside, across = held(start), held(beside), held(across)

    assert (hop.study, hop.hop) == ("Cu on cu100", "hollow-Cu4 to hollow-Cu4 along a, 2.54 A")
    assert hop.final_endpoint == "symmetry"
    assert hop.barrier_forward == pytest.approx(plain_barrier(start, beside, 3), abs=5e-3)
    assert (exchange.study, exchange.mechanism, exchange.outcome) == ("exchange", "exchange", Outcome.OK)
    assert exchange.reaction_energy == pytest.approx(0.0, abs=2e-3)
    assert exchange.barrier_forward == pytest.approx(plain_barrier(start, across, 5), abs=0.01)


def test_the_function_gives_what_the_campaign_gives(hops: list[MigrationResult], emt: AseSpec) -> None:
    recipe = StructureRecipe.model_validate({"prototype": "Cu", "slab": {"miller": "(100)", **SLAB}})
    settings, band = RelaxSettings(fmax=0.01), BandSettings(images=3, fmax=0.02)
    (alone,) = surface_migration_study(recipe, "Cu", emt, settings=settings, band=band)
    assert alone.barrier_forward == pytest.approx(hops[1].barrier_forward, abs=1e-6)
    assert alone.network == hops[1].network.model_copy(update={"crystal": alone.network.crystal})


def test_the_table_says_cell_coverage_layers_and_what_became_of_sites(hops: list[MigrationResult]) -> None:
    table = barriers_table(hops)
    cells = table.rows[0].cells
    assert (cells["monolayers"], cells["layers"], cells["fixed_layers"]) == (0.25, 2, 1)
    assert cells["bottleneck_of"] == "a, b"
    assert cells["way_barrier"] == pytest.approx(max(hops[0].barrier_forward, hops[0].barrier_backward), abs=1e-3)
    notes = "\n".join(table.notes)
    assert "Cu on cu111: 5.08 x 5.08 angstrom, 0.25 ML (adatoms per atom of the topmost plane)" in notes
    assert "2 layers, the lowest 1 held fixed" in notes
    assert "top-Cu: one place with hollow-Cu4; bridge-Cu-Cu: one place with hollow-Cu4; hollow-Cu4: rests" in notes
    assert [row.cells["mechanism"] for row in table.rows] == ["hop", "hop", "exchange"]


def test_an_adatom_does_not_stay_on_a_saddle_point(hops: list[MigrationResult], emt: AseSpec, monkeypatch) -> None:
    """On a bridge no force acts along the surface; it is told by the curvature, and no place of rest."""
    bare = hops[1].network.crystal.to_atoms()
    (bridge,) = placements(bare, "Cu", ["bridge-Cu-Cu"])
    settings = RelaxSettings(fmax=0.01)
    assert adatom_state(bridge, emt, settings).problem == ""
    monkeypatch.setattr(adatoms, "PUSHES", 0)
    left = adatom_state(bridge, emt, settings)
    assert left.curvature < -0.1
    assert left.problem == "no minimum: the energy curves downwards there"
    assert np.allclose(left.relaxed.structure.positions[-1][:2], bridge.structure.positions[-1][:2], atol=1e-3)


def test_an_adatom_that_drives_an_atom_out_of_the_surface_rests_nowhere(
    hops: list[MigrationResult], emt: AseSpec, monkeypatch
) -> None:
    (hollow,) = placements(hops[1].network.crystal.to_atoms(), "Cu", ["hollow-Cu4"])
    monkeypatch.setattr(adatoms, "REARRANGED", 1e-5)
    assert "rearranged: an atom of the surface moved 0.0" in adatom_state(hollow, emt, RelaxSettings()).problem


def test_a_surface_without_a_place_of_rest_says_what_became_of_every_site(emt: AseSpec, monkeypatch) -> None:
    monkeypatch.setattr(adatoms, "PUSHES", 0)
    recipe = StructureRecipe.model_validate({"prototype": "Cu", "slab": {"miller": "(100)", **SLAB}})
    with pytest.raises(StructureError, match=r"Cu rests nowhere on Cu\(100\) \(bridge-Cu-Cu: no minimum"):
        surface_migration_study(recipe, "Cu", emt, hops=SurfaceHops(sites=["bridge-Cu-Cu"]))


def test_a_cap_takes_every_site_before_a_second_orientation() -> None:
    surface = fcc111("Cu", (2, 2, 3), vacuum=5.0, periodic=True)
    every = placements(surface, "H2O")
    labels = [site.label for site in adsorption_sites(surface)]
    assert len(every) == 16
    assert {start.site for start in capped(every, 4)} == set(labels)
    assert [start.name for start in capped(every, 5)] == [
        start.name for start in every if start in capped(every, 4) or start is every[1]
    ]
    assert [start.site.partition("-")[0] for start in capped(every, 3)] == ["top", "bridge", "hollow"]
    assert capped(every, None) == every


def test_an_alloying_adatom_is_swapped_and_no_part_of_a_way(hops: list[MigrationResult]) -> None:
    """Gold that goes into copper leaves copper on the surface: the ends differ, and the row joins no way."""
    from azibflow.workflows.common.relaxation_jobs import RelaxationResult
    from azibflow.workflows.migration.adatoms import AdatomState
    from azibflow.workflows.migration.surface_hops import adatom_placements, surface_hop_starts

    crystal = hops[1].network.crystal
    known = {"fmax": 0.0, "converged": True, "steps": 0, "force_calls": 0, "cell_policy": "fixed"}
    known |= {"settings": RelaxSettings(), "calculator": hops[1].calculator}
    bare = RelaxationResult(structure=crystal, energy=0.0, **known)
    asked = SurfaceHops(mechanism=("exchange",), sites=["hollow-Cu4"])
    placed, _ = adatom_placements(crystal.to_atoms(), "Au", asked)
    states = [
        AdatomState(
            site=one.site, relaxed=RelaxationResult(structure=one.structure, energy=0.0, **known), curvature=1.0
        )
        for one in placed
    ]
    (start,) = surface_hop_starts(bare, placed, states, "Au", asked, label="cu100")
    assert (start.hop, start.mechanism, start.symmetric) == (None, "exchange", False)
    assert start.label.startswith("exchange, hollow-Cu4 to hollow-Cu4 with Cu, ")
    highest = [np.array(end.positions)[:, 2].argmax() for end in (start.initial, start.final)]
    assert [document.symbols[atom] for document, atom in zip((start.initial, start.final), highest, strict=True)] == [
        "Au",
        "Cu",
    ]
    assert isinstance(start.initial, StructureDocument)


def test_a_failed_surface_is_a_row(tmp_path: Path) -> None:
    """Effective medium theory that does not know zinc: the row names what failed."""
    no_zinc = (
        CAMPAIGN.split("studies:")[0].replace("prototype: Cu", "prototype: Zn")
        + "studies:\n  - {kind: migration, system: cu111}\n"
    )
    (tmp_path / "campaign.yaml").write_text(no_zinc)
    flow = campaign_flow(load_campaign(tmp_path / "campaign.yaml"))
    responses = run_locally(flow, log=False, root_dir=tmp_path, ensure_success=False)
    outputs = [response.output for by_index in responses.values() for response in by_index.values()]
    (row,) = [output for output in outputs if isinstance(output, MigrationResult)]
    assert (row.outcome, row.hop) == (Outcome.FAILED, "none found")
    assert "relaxation of the surface failed" in row.reason
