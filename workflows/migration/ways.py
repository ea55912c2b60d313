"""Ways of an ion through a host or over a surface: hops joined along each axis, and what the easiest way gets over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...structures.percolation import AXES, Axis, Step, bottlenecks
from ...structures.sites import face_operations
from ..common.results import Outcome
from .results import MigrationResult


@dataclass(frozen=True)
class Way:
    """The easiest way along an axis by the hops that were computed.

    Attributes:
        barrier: highest saddle above the lowest site that hops connect with it, eV.
        hop: that has this saddle.
    """

    barrier: float
    hop: MigrationResult


def step_of(hop: MigrationResult) -> Step | None:
    """Return a hop with the barriers of the best method that computed it; none where it is no result.

    Args:
        hop: one that was built in a host; endpoints given by the user are no part of a way.
    """
    best = hop.refinement or hop.correction or hop
    if hop.outcome is not Outcome.OK or hop.sites is None:
        return None
    if best.barrier_forward is None or best.barrier_backward is None:
        return None
    return Step(*hop.sites, best.barrier_forward, best.barrier_backward)


def ways_by(hops: Sequence[MigrationResult]) -> dict[Axis, Way]:
    """Find the easiest way along each axis by the hops of one host.

    Args:
        hops: all of one study in one host.

    Returns:
        The way along each axis of the host's cell that hops which are results lead along; of earlier results, which do
        not hold the host, none.
    """
    sound = [(hop, step) for hop in hops if (step := step_of(hop)) is not None]
    network = next((hop.network for hop, _ in sound if hop.network is not None), None)
    if network is None:
        return {}
    host = network.crystal.to_atoms()
    symmetry = None if network.surface is None else face_operations(host)
    found = bottlenecks(host, [step for _, step in sound], symmetry)
    return {axis: Way(found[axis].barrier, sound[found[axis].step][0]) for axis in AXES if axis in found}
