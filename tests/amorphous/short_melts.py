"""Melts of a gold-copper alloy by EMT that take a second."""

from __future__ import annotations

from ase.build import bulk

from azibflow.calculators.kinds.ase import AseSpec
from azibflow.workflows.amorphous.protocol import MeltQuench
from azibflow.workflows.common.results import RelaxSettings

EMT = AseSpec(calculator="ase.calculators.emt:EMT")
ALLOY = bulk("Cu", a=3.9, cubic=True) * (2, 2, 1)
ALLOY.symbols = ["Au", "Au", "Cu", "Cu"] * 4
ALLOY.info["label"] = "alloy"
SHORT = MeltQuench(melt=2000, melt_time=0.12, rate=20000, final_time=0.06, timestep=3.0, friction=0.1)
LOOSE = RelaxSettings(fmax=0.2)
