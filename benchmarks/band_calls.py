"""How many evaluations a band takes, and whether it finds the same saddle: published hops of Zn by CHGNet.

``python benchmarks/band_calls.py [HOP ...]``, with one thread; five minutes for the hops of ``BEFORE`` that converged.
The endpoints are relaxed first, to the default 0.03 eV/angstrom, and their evaluations are not counted.

The parameters of the model Hessian were chosen on a-V2O5_Zn, Cr2O4_Zn and ZnIn2Se4; the other hops are the check.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from azibflow.calculators.bands import Band, barrier, minimum_energy_path
from azibflow.calculators.factory import make_calculator
from azibflow.calculators.specs import ChgnetSpec
from azibflow.data.barriers import published_hops
from azibflow.structures.files import read_structure
from azibflow.workflows.common.relaxation_jobs import relax_structure
from azibflow.workflows.common.results import RelaxSettings
from azibflow.workflows.migration.hops import hop_between

if TYPE_CHECKING:
    from ase import Atoms

IMAGES = 3
SPEC = ChgnetSpec()


class Before(NamedTuple):
    """What a band took with ASE's BFGS for all images together, begun with 70 eV/angstrom^2.

    Attributes:
        calls: evaluations, endpoints included.
        barrier: forward, eV; none for a band that did not converge.
    """

    calls: int
    barrier: float | None


BEFORE = {
    "a-V2O5_Zn": Before(128, 0.2491),
    "Cr2O4_Zn": Before(50, 0.5776),
    "ZnIn2Se4": Before(47, 0.3472),
    "Ti2S4_Zn": Before(47, 0.5134),
    "Mn2O4_Zn": Before(56, 0.2999),
    "ZnNiO2_1": Before(47, 0.4701),
    "d-ZnV2O5": Before(86, 0.3021),
    "NiO2_Zn": Before(152, None),
}
"""Measured on 2026-11-30 with commit 7f31b1e."""


def relaxed_ends(name: str) -> list[Atoms]:
    """Relax the endpoints of a published hop."""
    start = hop_between(*map(read_structure, published_hops()[name].endpoints))
    ends = [relax_structure(end.to_atoms(), SPEC, RelaxSettings()) for end in (start.initial, start.final)]
    return [end.structure.to_atoms() for end in ends]


def row(name: str, band: Band) -> str:
    """Write a line of the table."""
    before = BEFORE.get(name, Before(0, None))
    old = "not converged" if before.barrier is None else f"{before.barrier:.4f}"
    new = f"{barrier(band).forward:.4f}" if band.converged else "not converged"
    return f"{name:12} {len(band.images[0]):5} {before.calls:8} {band.force_calls:8} {old:>14} {new:>14}"


def main(names: list[str]) -> None:
    """Print evaluations and barriers of bands before and now."""
    print(f"bands of {IMAGES} moving images by CHGNet, fmax 0.05 eV/angstrom")
    print(f"{'hop':12} {'atoms':>5} {'calls before':>8} {'now':>4} {'barrier before':>14} {'now (eV)':>14}")
    for name in names:
        band = minimum_energy_path(*relaxed_ends(name), partial(make_calculator, SPEC), images=IMAGES)
        print(row(name, band), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or [name for name, before in BEFORE.items() if before.barrier is not None])
