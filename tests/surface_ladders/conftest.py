"""A ladder of seconds on a slab of zinc, shared by all tests; the toy is importable here and in worker processes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from azibflow.calculators.specs import AseSpec
from azibflow.structures.recipes import SlabRecipe, StructureRecipe
from azibflow.workflows.common.results import RelaxSettings
from azibflow.workflows.molecular.desolvation_results import DesolvationResult
from azibflow.workflows.molecular.surface_states import ShellSettings
from azibflow.workflows.surface_ladders.flow import surface_desolvation_study

sys.path.insert(0, str(Path(__file__).parent))

SLAB = StructureRecipe(
    prototype="Zn", slab=SlabRecipe(miller="(002)", layers=2, supercell=(3, 3), vacuum=12.0, fixed_layers=1)
)
SETTINGS = RelaxSettings(fmax=0.3, max_steps=200)


@pytest.fixture(scope="session")
def toy() -> AseSpec:
    """Stiff water on anything."""
    return AseSpec(calculator="toy_water:ToyWater", work="surrogate", elements=("H", "O", "Zn"), charges=(0,))


@pytest.fixture(scope="session")
def toy_ladder(toy: AseSpec) -> DesolvationResult:
    """Two waters on Zn(002), in their plain function."""
    return surface_desolvation_study(
        SLAB, calculator=toy, settings=SETTINGS, most=2, shells=ShellSettings(starts=1), cell="fixed"
    )
