"""Handmade results: small, and with one row of every kind of ending."""

from __future__ import annotations

from azibflow.calculators.specs import AseSpec, CalculatorRecord, ChgnetSpec, WeightsRecord
from azibflow.structures.documents import StructureDocument
from azibflow.workflows.adsorption import AdsorptionResult, AdsorptionRow
from azibflow.workflows.migration import BandSettings, MigrationResult, PathPoint
from azibflow.workflows.references import ReferenceEnergy
from azibflow.workflows.relaxation import RelaxationResult
from azibflow.workflows.results import Outcome, RelaxSettings
from azibflow.workflows.surfaces import SurfaceResult, SurfaceRow

CHGNET = CalculatorRecord(
    spec=ChgnetSpec(), versions={"chgnet": "0.4.2"}, weights=(WeightsRecord(name="w.tar", sha256="a" * 64),)
)
EMT = CalculatorRecord(spec=AseSpec(calculator="ase.calculators.emt:EMT"), versions={"ase": "3.29.0"})
HCP = ((2.665, 0.0, 0.0), (-1.3325, 2.30796, 0.0), (0.0, 0.0, 5.002))
CUBE = ((4.0, 0.0, 0.0), (0.0, 4.0, 0.0), (0.0, 0.0, 4.0))


def relaxation(cell=HCP, label="Zn", energy=-2.5) -> RelaxationResult:
    return RelaxationResult(
        structure=StructureDocument(
            symbols=["Zn", "Zn"], positions=[(0, 0, 0), (0, 1.5, 2.5)], cell=cell, pbc=(True, True, True), label=label
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


def hop(**changes) -> MigrationResult:
    fields = {
        "study": "Zn in alpha-V2O5",
        "literature": ["a-V2O5_Zn"],
        "host": "alpha-V2O5",
        "ion": "Zn",
        "hop": "b 3.56",
        "outcome": Outcome.OK,
        "barrier_forward": 0.3604,
        "barrier_backward": 0.3604,
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
        "path": [PathPoint(distance=d, energy=e) for d, e in ((0, 0), (1, 0.2), (1.9, 0.36), (2.8, 0.2), (3.78, 0))],
        "supercell": (1, 3, 2),
        "cell": (11.512, 10.692, 8.736, 90, 90, 90),
        "cell_policy": "fixed",
        "n_atoms": 85,
        "force_calls": 114,
        "band": BandSettings(images=3),
        "calculator": CHGNET,
    }
    return MigrationResult(**fields | changes)


def unconverged_hop() -> MigrationResult:
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


def failed_hop() -> MigrationResult:
    return MigrationResult(
        study="Zn in VO2(B)",
        host="VO2(B)",
        ion="Zn",
        hop="b 3.69",
        outcome=Outcome.FAILED,
        reason="its job failed; the run's log says why",
        final_endpoint="relaxed",
        cell=(12.0, 11.1, 12.8, 90, 106.6, 90),
        n_atoms=145,
        band=BandSettings(images=3),
        calculator=CHGNET,
    )


def adsorption(**changes) -> AdsorptionResult:
    fields = {
        "study": "Zn on graphene",
        "literature": ["graphene-Zn"],
        "surface": "graphene",
        "adsorbate": "Zn",
        "bare": relaxation(label="graphene", energy=-290.25),
        "reference": ReferenceEnergy(
            adsorbate="Zn",
            state="bulk Zn, cell relaxed, per atom",
            energy=-1.25,
            cohesive_energy=1.35,
            outcome=Outcome.OK,
            fmax=0.01,
            calculator=CHGNET,
        ),
        "coverage": 1.1925,
        "rows": [
            AdsorptionRow(
                site="top-C",
                orientation="",
                multiplicity=2,
                outcome=Outcome.OK,
                e_ads_vs_bulk=0.82,
                e_ads_vs_atom=-0.53,
                energy=-290.68,
                height=2.31,
                fmax=0.021,
            ),
            AdsorptionRow(
                site="hollow",
                orientation="",
                multiplicity=1,
                outcome=Outcome.OK,
                e_ads_vs_bulk=0.7,
                e_ads_vs_atom=-0.65,
                energy=-290.8,
                height=2.28,
                fmax=0.025,
            ),
            AdsorptionRow(
                site="bridge",
                orientation="",
                multiplicity=3,
                outcome=Outcome.DESORBED,
                reason="nearest surface atom 6.20 angstrom away, beyond van der Waals contact",
                e_ads_vs_bulk=1.3,
                e_ads_vs_atom=-0.05,
                energy=-290.2,
                height=6.2,
                fmax=0.01,
            ),
            AdsorptionRow(
                site="hollow-2", orientation="", multiplicity=1, outcome=Outcome.FAILED, reason="its job failed"
            ),
        ],
        "calculator": CHGNET,
    }
    return AdsorptionResult(**fields | changes)


def water() -> AdsorptionResult:
    reference = ReferenceEnergy(
        adsorbate="H2O", state="H2O(g)", energy=-14.0, outcome=Outcome.OK, fmax=0.01, calculator=EMT
    )
    row = AdsorptionRow(
        site="top-Zn",
        orientation="flat",
        multiplicity=1,
        outcome=Outcome.OK,
        e_ads_vs_molecule=-0.00031,
        energy=-16.50031,
        height=2.4,
        fmax=0.02,
    )
    return adsorption(
        study="H2O on Zn(001)",
        surface="Zn(001)",
        adsorbate="H2O",
        literature=[],
        reference=reference,
        rows=[row],
        calculator=EMT,
    )


def surfaces(cell=HCP) -> SurfaceResult:
    def row(miller, termination, layers, gamma, outcome=Outcome.OK):
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

    return SurfaceResult(
        study="surfaces of Zn",
        literature=["Zn-surface"],
        bulk=relaxation(cell),
        rows=[
            row((0, 0, 1), 0, 6, 0.2621),
            row((0, 0, 1), 0, 8, 0.2584),
            row((1, 0, 0), 0, 8, 0.41),
            row((1, 0, 0), 1, 8, 0.66),
            row((1, -2, 0), 0, 8, 0.5, Outcome.UNCONVERGED),
        ],
        calculator=CHGNET,
    )
