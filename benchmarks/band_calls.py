"""How many evaluations a band and its endpoints take, and which saddle is found: published hops of Zn by CHGNet.

``python benchmarks/band_calls.py [HOP ...]``, with one thread; some minutes for the hops of ``BEFORE``.

The model of the Hessian was chosen on a-V2O5_Zn, Cr2O4_Zn and ZnIn2Se4; its floor, its damping and when the saddle has
settled on Ti2S4_Zn and Mn2O4_Zn too; the other hops are the check.
In NiO2_Zn the endpoints are no minima where 0.03 eV/angstrom are left: relaxed further they fall by 0.02 and 0.04 eV,
and the band between those does not converge.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import NamedTuple

from azibflow.calculators.bands import Band, barrier, minimum_energy_path
from azibflow.calculators.factory import make_calculator
from azibflow.calculators.specs import ChgnetSpec
from azibflow.data.barriers import published_hops
from azibflow.structures.files import read_structure
from azibflow.workflows.common.results import RelaxSettings
from azibflow.workflows.migration.barriers import relaxed_endpoint
from azibflow.workflows.migration.hops import hop_between

IMAGES = 3
SPEC = ChgnetSpec()


class Before(NamedTuple):
    """What a hop took with ASE's BFGS for all images together, begun with 70 eV/angstrom^2 as that of the endpoints.

    Attributes:
        endpoints: evaluations of their relaxations.
        band: evaluations of the band.
        barrier: forward, eV; none for a band that did not converge.
    """

    endpoints: int
    band: int
    barrier: float | None


BEFORE = {
    "a-V2O5_Zn": Before(79, 128, 0.2491),
    "Cr2O4_Zn": Before(29, 50, 0.5776),
    "ZnIn2Se4": Before(28, 47, 0.3472),
    "Ti2S4_Zn": Before(29, 47, 0.5134),
    "Mn2O4_Zn": Before(28, 56, 0.2999),
    "ZnNiO2_1": Before(20, 47, 0.4701),
    "d-ZnV2O5": Before(54, 86, 0.3021),
    "ZnNi2O4": Before(16, 152, None),
    "NiO2_Zn": Before(32, 152, None),
}
"""Measured on 2026-11-30 with commit 7f31b1e; bands without a barrier were given up after 50 moves, 152 evaluations."""


def hop_now(name: str) -> tuple[int, Band]:
    """Relax the endpoints and the band of a published hop.

    Returns:
        Evaluations of the endpoints, and the band.
    """
    start = hop_between(*map(read_structure, published_hops()[name].endpoints))
    ends = [relaxed_endpoint(end, SPEC, RelaxSettings()) for end in (start.initial, start.final)]
    initial, final = (end.structure.to_atoms() for end in ends)
    band = minimum_energy_path(initial, final, partial(make_calculator, SPEC), images=IMAGES)
    return sum(end.force_calls for end in ends), band


def main(names: list[str]) -> None:
    """Print evaluations of endpoints and bands, and barriers, before and now."""
    print(f"bands of {IMAGES} moving images by CHGNet, fmax 0.05 eV/angstrom; evaluations of endpoints + band")
    print(
        f"{'hop':12} {'atoms':>5} {'before':>10} {'now':>10} {'barrier before':>14} {'now (eV)':>9} {'open (meV)':>10}"
    )
    for name in names:
        before = BEFORE.get(name, Before(0, 0, None))
        endpoints, band = hop_now(name)
        old = "-" if before.barrier is None else f"{before.barrier:.4f}"
        new = f"{barrier(band).forward:.4f}" if band.converged else "-"
        left = "-" if band.left_open is None else f"{1e3 * band.left_open:.1f}"
        calls = f"{before.endpoints} + {before.band}", f"{endpoints} + {band.force_calls}"
        row = f"{name:12} {len(band.images[0]):5} {calls[0]:>10} {calls[1]:>10} {old:>14} {new:>9} {left:>10}"
        print(row, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or list(BEFORE))
