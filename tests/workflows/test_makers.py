"""What all makers of studies share: labels, of which kept results are found again, and how flows are put together."""

from __future__ import annotations

from dataclasses import fields

import pytest

from azibflow.calculators.specs import AseSpec, CorrectedSpec, XtbSpec
from azibflow.structures.recipes import StructureRecipe
from azibflow.workflows.adsorption.flow import AdsorptionMaker
from azibflow.workflows.breathing.flow import BreathingMaker
from azibflow.workflows.common.maker import StudyMaker
from azibflow.workflows.common.shared_jobs import SharedJobs
from azibflow.workflows.interfaces.flow import InterfaceMaker
from azibflow.workflows.migration.flow import MigrationMaker
from azibflow.workflows.migration.hops import HopSettings
from azibflow.workflows.molecular.binding import BindingMaker
from azibflow.workflows.molecular.desolvation import DesolvationMaker
from azibflow.workflows.molecular.esp import EspMaker
from azibflow.workflows.molecular.orbitals import OrbitalsMaker
from azibflow.workflows.surfaces.flow import SurfaceMaker
from azibflow.workflows.surrogate.maker import SurrogateMaker

COPPER = StructureRecipe(prototype="Cu")
GIVEN = {
    AdsorptionMaker: "17512183317486e1",
    BreathingMaker: "81b98422639c5deb",
    InterfaceMaker: "a719fdcd6c5c5e53",
    MigrationMaker: "55a8cede257633a3",
    BindingMaker: "184941a639cdd27a",
    DesolvationMaker: "880b1932b42aa597",
    EspMaker: "f8fab14c68dc208a",
    OrbitalsMaker: "536c75ade7715277",
    SurfaceMaker: "2393798c19ab87cc",
    SurrogateMaker: "c61f0c7e3ea2e8f9",
}
"""Hashes of the settings of studies as version 0.1.0 made them, before makers had a common base."""


SETTINGS_THEN = {MigrationMaker: {"hops": HopSettings()}}
"""What makers took for granted then and do not now."""


@pytest.mark.parametrize("maker", GIVEN, ids=lambda maker: maker.__name__)
def test_a_study_is_told_by_the_same_hash_as_ever(maker: type[StudyMaker]) -> None:
    label = maker(name="x", place=(3, 1), literature=["k"], **SETTINGS_THEN.get(maker, {})).label(COPPER)
    assert (label.study, label.place, label.literature) == ("x", (3, 1), ("k",))
    assert label.given == GIVEN[maker]


def test_a_corrected_study_is_told_by_both_methods(emt: AseSpec) -> None:
    plain = AseSpec(calculator="ase.calculators.emt:EMT")
    both = CorrectedSpec(surrogate=plain, correct_with=XtbSpec())
    maker = MigrationMaker(name="x", hops=HopSettings(), calculator=both)
    assert maker.label(COPPER, None).given == "2fdc0253ad23b87d"
    assert (
        MigrationMaker(name="x", hops=HopSettings(), calculator=plain).label(COPPER, None).given
        != maker.label(COPPER, None).given
    )
    assert AdsorptionMaker(name="x", max_starts=3).label(COPPER).given != AdsorptionMaker(name="x").label(COPPER).given


def test_every_maker_of_a_study_has_the_base() -> None:
    assert set(StudyMaker.__subclasses__()) >= set(GIVEN)
    for maker in GIVEN:
        name, *_ = fields(maker)
        assert (name.name, name.default != "study") == ("name", True), "every kind has a name of its own"


def test_jobs_that_are_lent_are_left_to_the_lender(emt: AseSpec) -> None:
    maker, shared = SurfaceMaker(calculator=emt), SharedJobs()
    lent = maker.make(COPPER, shared)
    assert [job.name for job in lent.jobs] == ["surfaces: slabs"]
    assert [job.name for job in shared.jobs] == ["Cu: build", "Cu: relax bulk"]
    alone = maker.make(COPPER)
    assert [job.name for job in alone.jobs] == ["Cu: build", "Cu: relax bulk", "surfaces: slabs"]


def test_only_a_corrected_calculator_brings_a_correction(emt: AseSpec) -> None:
    both = CorrectedSpec(surrogate=emt, correct_with=emt)
    surface = StructureRecipe(prototype="Cu", slab={"miller": "(111)", "layers": 2})
    plain, corrected = (AdsorptionMaker(adsorbate="O", calculator=one).make(surface) for one in (emt, both))
    assert corrected.jobs[-1].name == "adsorption: correction"
    assert corrected.output == corrected.jobs[-1].output
    assert [job.name for job in corrected.jobs[:-1]] == [job.name for job in plain.jobs]
