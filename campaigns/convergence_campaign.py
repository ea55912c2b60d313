"""The campaign that finds how cutoffs and k-points of a calculator converge for one structure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..errors import CapabilityError
from ..workflows.convergence.flow import cannot_vary
from .model import Campaign
from .studies.convergence import ConvergenceStudy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..calculators.specs import AnySpec
    from ..structures.recipes import StructureRecipe
    from ..workflows.convergence.results import Tolerances

FACTORS = (0.7, 1.0, 1.4)
"""Values of a key that nobody names, in units of the calculator's own."""


def convergence_campaign(
    system: StructureRecipe,
    calculator: AnySpec,
    vary: Mapping[str, Sequence[float]],
    within: Tolerances,
) -> Campaign:
    """Make the campaign of one structure and one calculator.

    Args:
        system: recipe of the structure, with absolute paths.
        calculator: spec.
        vary: values by key of the calculator; every key that decides its accuracy when empty.
        within: how near to the finest setting is near enough.

    Raises:
        CapabilityError: the calculator has nothing to converge, or not what is named.
    """
    if (problem := cannot_vary(calculator, vary)) is not None:
        raise CapabilityError(problem)
    label = system.label
    study = ConvergenceStudy(
        kind="convergence",
        system=label,
        vary={key: list(values) for key, values in (vary or usual_values(calculator)).items()},
        within=within,
    )
    if (problem := study.problem_with(calculator)) is not None:
        raise CapabilityError(problem)
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", f"convergence-{label}-{calculator.kind}")[:100]
    return Campaign(name=name, calculator=calculator, systems={label: system}, studies=[study])


def usual_values(calculator: AnySpec) -> dict[str, list[float]]:
    """Return values around those of the calculator itself, two digits of each, for every key of its accuracy."""
    return {
        key: [float(f"{factor * calculator.accuracy_of(key):.2g}") for factor in FACTORS] for key in calculator.accuracy
    }
