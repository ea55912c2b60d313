"""Handmade results: small, and with one row of every kind of ending."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

import pytest

from azibflow.calculators.specs import AseSpec, CalculatorRecord, ChgnetSpec, WeightsRecord
from azibflow.structures.documents import StructureDocument
from azibflow.workflows.adsorption.results import AdsorptionResult, AdsorptionRow
from azibflow.workflows.common.references import ReferenceEnergy
from azibflow.workflows.common.relaxation_jobs import RelaxationResult
from azibflow.workflows.common.results import Outcome, RelaxSettings
from azibflow.workflows.migration.results import BandSettings, MigrationResult, PathPoint
from azibflow.workflows.surfaces.results import SurfaceResult, SurfaceRow

CHGNET = CalculatorRecord(
    spec=ChgnetSpec(), versions={"chgnet": "0.4.2"}, weights=(WeightsRecord(name="w.tar", sha256="a" * 64),)
)
EMT = CalculatorRecord(spec=AseSpec(calculator="ase.calculators.emt:EMT"), versions={"ase": "3.29.0"})
HCP = ((2.665, 0.0, 0.0), (-1.3325, 2.30796, 0.0), (0.0, 0.0, 5.002))
BARRIER = {
    "study": "Zn in alpha-V2O5",
    "literature": ["a-V2O5_Zn"],
    "host": "alpha-V2O5",
    "ion": "Zn",
    "hop": "b 3.56",
    "outcome": Outcome.OK,
    "barrier_forward": 0.3604,
    "barrier_backward": 0.3606,
    "reaction_energy": -0.0002,
    "saddle_kind": "climbing image",
    "interpolated_barrier": 0.3611,
    "path_length": 3.7812,
    "hop_distance": 3.564,
    "coordination_initial": 5,
    "coordination_saddle": 3,
    "fmax": 0.0412,
    "endpoint_fmax": 0.02,
    "final_endpoint": "symmetry",
    "path": [PathPoint(distance=d, energy=e) for d, e in ((0, 0), (1, 0.2), (1.9, 0.3604), (2.8, 0.2), (3.78, 0))],
    "supercell": (1, 3, 2),
    "cell": (11.512, 10.692, 8.736, 90, 90, 90),
    "cell_policy": "fixed",
    "n_atoms": 85,
    "force_calls": 114,
    "band": BandSettings(images=3),
    "calculator": CHGNET,
}


@pytest.fixture(scope="session")
def hop() -> Callable[..., MigrationResult]:
    """Make a converged hop; changes replace its fields."""

    def make(**changes: Any) -> MigrationResult:
        return MigrationResult(**BARRIER | changes)

    return make


@pytest.fixture(scope="session")
def unconverged_hop(hop: Callable[..., MigrationResult]) -> MigrationResult:
    return hop(
        study="Zn in 2H-MoS2",
        host="2H-MoS2",
        hop="octahedral-tetrahedral",
        literature=["MoS2", "MoS3"],
        outcome=Outcome.UNCONVERGED,
        reason="fmax 0.210 eV/angstrom after 300 iterations",
        barrier_forward=0.84,
        fmax=0.21,
        cell=(9.48, 9.48, 12.29, 90, 90, 120),
    )


@pytest.fixture(scope="session")
def failed_hop() -> MigrationResult:
    return MigrationResult(
        study="Zn in VO2(B)",
        host="VO2(B)",
        ion="Zn",
        hop="b 3.69",
        outcome=Outcome.FAILED,
        reason="its job failed",
        final_endpoint="relaxed",
        cell=(12.0, 11.1, 12.8, 90, 106.6, 90),
        n_atoms=145,
        band=BandSettings(images=3),
        calculator=CHGNET,
    )


def _relaxation(cell=HCP, energy=-2.5) -> RelaxationResult:
    return RelaxationResult(
        structure=StructureDocument(
            symbols=["Zn", "Zn"], positions=[(0, 0, 0), (0, 1.5, 2.5)], cell=cell, pbc=(True, True, True), label="Zn"
        ),
        energy=energy,
        fmax=0.012,
        converged=True,
        steps=7,
        force_calls=8,
        cell_policy="relaxed",
        settings=RelaxSettings(),
        calculator=CHGNET,
    )


def _site(site: str, outcome: Outcome = Outcome.OK, energy: float | None = None, reason: str = "") -> AdsorptionRow:
    """Make a row of Zn on a surface of -290.25 eV with a reference of -1.25 eV and a cohesive energy of 1.35 eV."""
    e_ads = None if energy is None else energy + 290.25 + 1.25
    return AdsorptionRow(
        site=site,
        orientation="",
        multiplicity=1,
        outcome=outcome,
        reason=reason,
        e_ads_vs_bulk=e_ads,
        e_ads_vs_atom=None if e_ads is None else e_ads - 1.35,
        energy=energy,
        height=None if energy is None else 2.3,
        fmax=None if energy is None else 0.021,
    )


@pytest.fixture(scope="session")
def zn_on_graphene() -> AdsorptionResult:
    """One site of each ending; hollow is the most stable, although the merged and unconverged rows lie lower."""
    return AdsorptionResult(
        study="Zn on graphene",
        literature=["graphene-Zn", "carbon-Zn2+"],
        surface="graphene",
        adsorbate="Zn",
        bare=_relaxation(energy=-290.25),
        reference=ReferenceEnergy(
            adsorbate="Zn",
            state="bulk Zn, cell relaxed, per atom",
            energy=-1.25,
            cohesive_energy=1.35,
            outcome=Outcome.OK,
            fmax=0.01,
            calculator=CHGNET,
        ),
        coverage=1.1925,
        rows=[
            _site("top-C", energy=-290.68),
            _site("hollow", energy=-290.80),
            _site("bridge", Outcome.DESORBED, -290.20, "nearest surface atom 6.20 angstrom away"),
            _site("hollow-2", Outcome.MERGED, -290.81, "relaxed into the state of hollow"),
            _site("hollow-3", Outcome.UNCONVERGED, -291.00, "fmax 0.080 eV/angstrom after 500 steps"),
            _site("hollow-4", Outcome.FAILED, None, "its job failed"),
        ],
        calculator=CHGNET,
    )


@pytest.fixture(scope="session")
def water_on_zinc(zn_on_graphene: AdsorptionResult) -> AdsorptionResult:
    reference = ReferenceEnergy(
        adsorbate="H2O", state="H2O(g)", energy=-14.0, outcome=Outcome.OK, fmax=0.01, calculator=EMT
    )
    row = AdsorptionRow(
        site="top-Zn",
        orientation="flat",
        multiplicity=1,
        outcome=Outcome.OK,
        e_ads_vs_molecule=-0.0003,
        energy=-304.2503,
        height=2.4,
        fmax=0.02,
    )
    return zn_on_graphene.model_copy(
        update={
            "study": "water",
            "surface": "Zn(001)",
            "adsorbate": "H2O",
            "literature": [],
            "reference": reference,
            "rows": [row],
            "calculator": EMT,
        }
    )


def _facet(
    miller: tuple[int, int, int], termination: int, layers: int, gamma: float, outcome: Outcome = Outcome.OK
) -> SurfaceRow:
    return SurfaceRow(
        miller=miller,
        termination=termination,
        layers=layers,
        symmetric=True,
        n_atoms=2 * layers,
        area=6.1507,
        outcome=outcome,
        reason="" if outcome is Outcome.OK else "fmax 0.080 eV/angstrom after 500 steps",
        gamma=gamma,
        energy=-20.0,
        fmax=0.02,
    )


@pytest.fixture(scope="session")
def zinc_facets() -> SurfaceResult:
    return SurfaceResult(
        study="surfaces of Zn",
        literature=["Zn-surface"],
        bulk=_relaxation(),
        rows=[
            _facet((0, 0, 1), 0, 6, 0.2621),
            _facet((0, 0, 1), 0, 8, 0.2584),
            _facet((1, 0, 0), 0, 8, 0.41),
            _facet((1, 0, 0), 1, 8, 0.66),
            _facet((1, -2, 0), 0, 6, 0.5, Outcome.UNCONVERGED),
            _facet((1, -2, 0), 0, 8, 0.6),
        ],
        calculator=CHGNET,
    )


class Here(Executor):
    """Runs every job at once, in this process; stops as Ctrl-C does after some of them."""

    def __init__(self, jobs: int = 1000) -> None:
        self._left = jobs

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run a job."""
        if not self._left:
            raise KeyboardInterrupt
        self._left -= 1
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


@pytest.fixture(scope="session")
def here() -> type[Here]:
    """The class of executors that run jobs in this process."""
    return Here
