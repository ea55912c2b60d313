"""What a campaign is going to compute, found out without computing: its jobs, structures, sizes and calculators."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from ..calculators.guard import check
from ..errors import AzibflowError, CampaignError, NotInstalledError
from ..structures.documents import StructureDocument
from .files import line_of, study_line
from .parents import kind_problem
from .studies.solids import CELL, RELAX_BULK

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ase import Atoms

    from ..calculators.kinds.base import Work
    from ..calculators.specs import AnySpec
    from .model import Campaign


RELAXATION = 20
"""Evaluations that a relaxation, and every image of a band, is taken to need where its cost is estimated."""


class PlannedStructure(NamedTuple):
    """One structure that is going to be computed."""

    study: str
    task: str
    atoms: Atoms
    calculator: AnySpec

    @property
    def evaluations(self) -> int | None:
        """How often energy and forces are computed: 1, or about; none where nobody knows."""
        what = _what(self.task)
        if what.startswith(("single point", "energy", "map")):
            return 1
        if band := re.match(r"band of (\d+) images", what):
            return RELAXATION * int(band[1])
        if dynamics := re.match(r"melt and quench, .* (\d+) steps", what):
            return int(dynamics[1]) + RELAXATION
        return RELAXATION if re.match("relax(?! and)", what) else None


def here(_: Work) -> bool:
    """Say that no work finds its programs elsewhere: all has to be on this machine."""
    return False


def plan(
    campaign: Campaign, file: Path | None = None, elsewhere: Callable[[Work], bool] = here
) -> list[PlannedStructure]:
    """Build every starting structure of a campaign and check its calculator against it; nothing is computed.

    Sites and hops are those of the unrelaxed structures; relaxation keeps their symmetry, so their number stays.

    Args:
        campaign: with absolute paths.
        file: that the campaign was read from, to be named in messages with the line of the study.
        elsewhere: whether a kind of work is done where there may be programs that are not here; its jobs then check
            what cannot be checked here.

    Returns:
        Structures in the order of the studies; what studies share appears with the first of them.

    Raises:
        StructureError: a structure cannot be built, or has no site or hop of the kind asked for.
        CapabilityError: a calculator cannot treat a structure.
        AzibflowError: of the kind that fits, where something else is missing.
    """
    _check_parents(campaign, file)
    planned: dict[tuple[str, ...], PlannedStructure] = {}
    for study, context in zip(campaign.studies, campaign.contexts(), strict=True):
        try:
            for method, task, atoms in study.tasks(context):
                with context.system(str(atoms.info.get("label"))):
                    _check(method, task, atoms, elsewhere)
                computes = method.at_geometry_level() if _what(task).startswith("relax") else method
                key = (*_identity(task, atoms), method.model_dump_json(), study.settings(context))
                planned.setdefault(key, PlannedStructure(study.title, task, atoms, computes))
        except (AzibflowError, OSError) as error:
            kind = type(error) if isinstance(error, AzibflowError) else CampaignError
            number = campaign.number_in_file(context.number) + 1
            place = "" if file is None else f"{file}, line {study_line(file, number)}: "
            raise kind(f"{place}study {number} ({study.kind}): {error}") from error
    return list(planned.values())


def _check_parents(campaign: Campaign, file: Path | None) -> None:
    """Refuse parents of another kind, now that files can be read."""
    for system, parent in campaign.parents.items():
        if problem := kind_problem(system, parent, campaign.systems, read=True):
            place = "" if file is None else f"{file}, line {line_of(file, 'parents', system)}: "
            raise CampaignError(f"{place}parents.{system}: {problem}")


def _check(method: AnySpec, task: str, atoms: Atoms, elsewhere: Callable[[Work], bool]) -> None:
    if _what(task).startswith(RELAX_BULK) and atoms.info.get(CELL) != "fixed":
        method.check_moving_cell()
    try:
        check(method, atoms)
    except NotInstalledError:
        if not elsewhere(method.queue()):
            raise


def _what(task: str) -> str:
    return task.rpartition(": ")[2]


def _identity(task: str, atoms: Atoms) -> tuple[str, str]:
    """Return what makes a calculation one of its own: system, what is done, atoms; of a bulk not the system."""
    what = _what(task)
    return what if what.startswith(RELAX_BULK) else task, StructureDocument.from_atoms(atoms).sha256()
