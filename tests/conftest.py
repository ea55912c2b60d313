"""What many tests share: cheap calculators, small campaigns, one thread."""

from __future__ import annotations

import os
from pathlib import Path

# Tests run in several processes: two threads each on a busy core make linear algebra ten times slower. Before numpy.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import pytest  # noqa: E402

from azibflow.calculators.specs import AseSpec  # noqa: E402

EMT = AseSpec(calculator="ase.calculators.emt:EMT", elements=("Al", "Cu", "H", "N", "O"), charges=(0,))


@pytest.fixture(scope="session", autouse=True)
def _one_torch_thread() -> None:
    """The same for torch."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def emt() -> AseSpec:
    """Effective medium theory: real forces in milliseconds."""
    return EMT


@pytest.fixture(scope="session")
def small_campaign_text() -> str:
    """A campaign of seconds, computed by effective medium theory."""
    return SMALL_CAMPAIGN


@pytest.fixture
def small_campaign(tmp_path: Path) -> Path:
    """The file of that campaign."""
    path = tmp_path / "small.yaml"
    path.write_text(SMALL_CAMPAIGN)
    return path


SMALL_CAMPAIGN = """\
name: small
calculator: {kind: ase, calculator: "ase.calculators.emt:EMT", elements: [Cu, Al, H, O], charges: [0]}
systems:
  copper: {prototype: Cu}
  cu111:
    prototype: Cu
    slab: {miller: (111), layers: 3, supercell: [2, 2], vacuum: 10, fixed_layers: 1}
studies:
  - kind: adsorption
    system: cu111
    adsorbate: O
  - kind: surface
    system: copper
    facets: [(111), (100)]
    layers: [6]
"""
