"""The campaign that has a calculator compute the published hops."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from ..calculators.guard import check
from ..calculators.specs import parse_spec
from ..data.barriers import PublishedHop, published_hops
from ..errors import CapabilityError
from ..structures.files import read_structure
from .model import Campaign

if TYPE_CHECKING:
    from collections.abc import Iterable


class BarrierBenchmark(NamedTuple):
    """The campaign, and what it leaves out.

    Attributes:
        campaign: one migration study per hop, called as the hop.
        refused: why a calculator cannot compute a hop, by its name.
    """

    campaign: Campaign
    refused: dict[str, str]


def barrier_benchmark(calculator: str | dict[str, Any], hops: Iterable[str] | None = None) -> BarrierBenchmark:
    """Make the campaign of the published hops for a calculator.

    Args:
        calculator: as in a campaign file, a word or a mapping.
        hops: names of those to compute; all when none.

    Raises:
        CapabilityError: there is no such calculator or hop, or it can compute none of them.
    """
    known = published_hops()
    wanted = list(known if hops is None else hops)
    if unknown := [name for name in wanted if name not in known]:
        raise CapabilityError(f"no published hop is called {unknown[0]!r}: there are {', '.join(known)}")
    refused = {name: reason for name in wanted if (reason := _refusal(calculator, known[name]))}
    computed = [known[name] for name in wanted if name not in refused]
    if not computed:
        raise CapabilityError(f"it can compute none of the published hops: {next(iter(refused.values()))}")
    return BarrierBenchmark(Campaign.model_validate(_as_data(calculator, computed)), refused)


def _refusal(calculator: str | dict[str, Any], hop: PublishedHop) -> str:
    try:
        for file in hop.endpoints:
            check(parse_spec(calculator), read_structure(file))
    except CapabilityError as error:
        return str(error)
    return ""


def _as_data(calculator: str | dict[str, Any], hops: list[PublishedHop]) -> dict[str, Any]:
    word = calculator if isinstance(calculator, str) else str(calculator.get("kind"))
    systems: dict[str, Any] = {}
    studies: list[dict[str, Any]] = []
    for hop in hops:
        names = [f"{hop.name}-{end}" for end in ("initial", "final")]
        systems |= {name: {"file": str(file)} for name, file in zip(names, hop.endpoints, strict=True)}
        studies.append({"kind": "migration", "name": hop.name, "endpoints": names})
    return {
        "name": re.sub(r"[^A-Za-z0-9._-]+", "-", f"barriers-{word}")[:100],
        "calculator": calculator,
        "systems": systems,
        "studies": studies,
    }
