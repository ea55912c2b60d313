"""No study takes the place of another in a table: whatever two studies differ in, both are there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jobflow import Flow
from maggma.stores import MemoryStore

from azibflow.analysis.stored import load_results
from azibflow.analysis.tables.registry import table_of
from azibflow.calculators.specs import AseSpec, ChgnetSpec, pyscf_preset
from azibflow.campaigns.files import load_campaign
from azibflow.campaigns.flow import campaign_flow
from azibflow.hpc.manager import run_flow
from azibflow.hpc.run_folder import RunFolder
from azibflow.structures.recipes import StructureRecipe
from azibflow.studies import BUILT_IN, StudyKind
from azibflow.workflows.adsorption.flow import AdsorptionMaker
from azibflow.workflows.adsorption.results import AdsorptionResult
from azibflow.workflows.breathing.flow import BreathingMaker
from azibflow.workflows.common.results import RelaxSettings, StudyLabel
from azibflow.workflows.convergence.flow import ConvergenceMaker
from azibflow.workflows.convergence.results import Tolerances
from azibflow.workflows.interfaces.flow import InterfaceMaker
from azibflow.workflows.migration.flow import MigrationMaker
from azibflow.workflows.migration.hops import HopSettings
from azibflow.workflows.migration.results import BandSettings, MigrationResult
from azibflow.workflows.molecular.binding import BindingMaker
from azibflow.workflows.molecular.desolvation import DesolvationMaker
from azibflow.workflows.molecular.esp import EspMaker, EspSettings
from azibflow.workflows.molecular.geometries import MoleculeSettings
from azibflow.workflows.molecular.orbitals import OrbitalsMaker
from azibflow.workflows.molecular.shells import LigandShell
from azibflow.workflows.molecular.surface_states import ShellSettings
from azibflow.workflows.surface_ladders.flow import SurfaceDesolvationMaker
from azibflow.workflows.surfaces.flow import SurfaceMaker
from azibflow.workflows.surfaces.results import SurfaceResult

CHANGES: dict[type, dict[str, Any]] = {
    SurfaceMaker: {
        "millers": [(1, 1, 1)],
        "layers": [8, 10],
        "vacuum": 15.5,
        "broken_bonds": ("Ti-S",),
        "calculator": ChgnetSpec(version="r2scan"),
        "settings": RelaxSettings(fmax=0.02),
        "cell": "fixed",
    },
    MigrationMaker: {
        "ion": "Mg",
        "hops": HopSettings(max_hops=2),
        "band": BandSettings(images=7),
        "calculator": AseSpec(calculator="ase.calculators.emt:EMT"),
        "settings": RelaxSettings(optimizer="FIRE"),
        "cell": "relaxed",
    },
    AdsorptionMaker: {"adsorbate": "H", "sites": ["top-Cu"], "cell": "fixed", "settings": RelaxSettings(max_steps=9)},
    DesolvationMaker: {
        "ion": "Mg",
        "charge": 1,
        "most": 5,
        "fewest": 1,
        "counterpoise": True,
        "shell": LigandShell(ligand="NH3"),
    },
    SurfaceDesolvationMaker: {"most": 5, "fewest": 1, "shells": ShellSettings(starts=2), "cell": "fixed"},
    BindingMaker: {"counterpoise": True, "settings": MoleculeSettings(frequencies=True)},
    OrbitalsMaker: {"calculator": pyscf_preset("quick"), "settings": MoleculeSettings(frequencies=True)},
    EspMaker: {"esp": EspSettings(spacing=0.3)},
    BreathingMaker: {"ion": "Mg", "relax": RelaxSettings(fmax=0.1)},
    InterfaceMaker: {"settings": RelaxSettings(fmax=0.1)},
    ConvergenceMaker: {"vary": {"cutoff": [1.0, 2.0]}, "displaced": 0.1, "within": Tolerances(energy=0.1)},
}
COPPER = StructureRecipe(prototype="Cu")
SURFACES = """\
name: twins
calculator: {kind: ase, calculator: "ase.calculators.emt:EMT", elements: [Cu]}
relax: {fmax: 0.5}
systems: {copper: {prototype: Cu}}
studies:
  - {kind: surface, system: copper, facets: ["(100)"], layers: [2], vacuum: 8.0}
  - {kind: surface, system: copper, facets: ["(100)"], layers: [2], vacuum: 12.0}
"""


@pytest.mark.parametrize(
    ("maker", "field"), [(maker, field) for maker, fields in CHANGES.items() for field in fields], ids=str
)
def test_whatever_a_study_is_asked_for_tells_it_apart(maker: type, field: str) -> None:
    plain = maker()
    changed = replace(plain, **{field: CHANGES[maker][field]})
    assert plain.label(COPPER).given == maker().label(COPPER).given
    assert plain.label(COPPER).given != changed.label(COPPER).given
    assert plain.label(COPPER).given != plain.label(StructureRecipe(prototype="Zn")).given


def test_every_setting_of_surfaces_and_migration_is_tried_above() -> None:
    label = set(StudyLabel.model_fields) | {"name"}
    for maker in (SurfaceMaker, MigrationMaker):
        assert set(CHANGES[maker]) == set(maker.__dataclass_fields__) - label


def test_the_keys_of_published_values_make_no_other_study() -> None:
    assert SurfaceMaker().label(COPPER).given == SurfaceMaker(literature=["Zn-(002)"]).label(COPPER).given


@pytest.mark.parametrize("kind", BUILT_IN, ids=lambda kind: kind.name)
def test_no_result_has_a_field_that_its_label_has_too(kind: StudyKind) -> None:
    """Results are made from their label's fields and their own: one of both would be given twice."""
    model = kind.part("result")
    assert not set(model.__annotations__) & set(StudyLabel.model_fields)


LABELS = st.builds(
    StudyLabel,
    study=st.sampled_from(["Zn in i", "surfaces of copper"]),
    place=st.sampled_from([(), (0,), (1,), (0, 0), (0, 1)]),
    given=st.sampled_from(["", "1f", "2e"]),
)


@given(st.lists(LABELS, min_size=2, max_size=6, unique=True))
def test_no_two_studies_share_a_row(hop, labels: list[StudyLabel]) -> None:
    store = MemoryStore()
    store.connect()
    kept = [hop(**label.model_dump(exclude={"literature"}), seconds=number) for number, label in enumerate(labels)]
    for number, result in enumerate(kept):
        output = result.model_dump(mode="json") | {"@module": MigrationResult.__module__, "@class": "MigrationResult"}
        store.update([{"uuid": str(number), "index": 1, "output": output, "completed_at": str(number)}], key="uuid")
    found = load_results([store], MigrationResult)
    assert sorted(result.seconds for result in found) == list(range(len(labels)))


def test_two_runs_of_earlier_versions_that_differ_in_a_number_are_two(hop, memory_of) -> None:
    assert load_results([memory_of(hop(seconds=1.0), hop(seconds=2.0))], MigrationResult) == [
        hop(seconds=1.0),
        hop(seconds=2.0),
    ]


def test_a_result_of_an_earlier_version_and_its_correction_are_one(zn_on_graphene, memory_of) -> None:
    """Before ``given`` was kept, a corrected result was told by everything that correcting leaves alone."""
    rows = [row.model_copy(update={"reason": "not corrected"}) for row in zn_on_graphene.rows]
    corrected = zn_on_graphene.model_copy(update={"rows": rows})
    assert load_results([memory_of(zn_on_graphene, corrected)], AdsorptionResult) == [corrected]


@pytest.fixture
def memory_of():
    """Make a store of results, each by a job of its own, in the order given."""

    def make(*results):
        store = MemoryStore()
        store.connect()
        for number, result in enumerate(results):
            output = result.model_dump(mode="json") | {
                "@module": type(result).__module__,
                "@class": type(result).__name__,
            }
            store.update([{"uuid": str(number), "index": 1, "output": output, "completed_at": str(number)}], key="uuid")
        return store

    return make


def test_two_unnamed_surface_studies_that_differ_in_vacuum_are_two(tmp_path: Path, here) -> None:
    (tmp_path / "twins.yaml").write_text(SURFACES)
    folder = RunFolder(tmp_path / "run")
    run_flow(campaign_flow(load_campaign(tmp_path / "twins.yaml")), folder, here())
    results = load_results([folder.path], SurfaceResult)
    assert [result.place for result in results] == [(0,), (1,)]
    heights = [result.rows[0].structure.cell[2][2] for result in results]
    assert heights[1] - heights[0] == pytest.approx(4.0)
    rows = table_of("surface", [folder.path]).rows
    assert [row.cells["study"] for row in rows] == ["surfaces of copper (study 1)", "surfaces of copper (study 2)"]
    assert len({row.name for row in rows}) == 2


def test_without_a_campaign_two_makers_are_two(tmp_path: Path, emt: AseSpec, here) -> None:
    settings = RelaxSettings(fmax=0.5)
    flows = [
        SurfaceMaker(millers=[(1, 0, 0)], layers=[2], vacuum=vacuum, calculator=emt, settings=settings).make(COPPER)
        for vacuum in (8.0, 12.0)
    ]
    run_flow(Flow(flows), RunFolder(tmp_path), here())
    assert len(load_results([tmp_path], SurfaceResult)) == 2
