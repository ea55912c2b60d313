"""What a campaign lends to its studies: a calculator, relaxation targets, systems, and the jobs they share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from ...errors import CapabilityError, StructureError
from ...structures.building import build
from ...structures.documents import StructureDocument
from ...structures.molecules import is_known
from ...structures.recipes import StructureRecipe

if TYPE_CHECKING:
    from jobflow import Job

    from ...calculators.specs import AnyMethod
    from ...workflows.common.results import RelaxSettings


class Shared(Protocol):
    """Jobs that several studies share, found again by their inputs."""

    @property
    def jobs(self) -> list[Job]:
        """All jobs made so far, in order."""
        ...


S = TypeVar("S", bound=Shared)


class CampaignJobs:
    """The jobs that the studies of one campaign share, of every sort."""

    def __init__(self) -> None:
        self._sorts: dict[type[Shared], Shared] = {}

    def of(self, sort: type[S]) -> S:
        """Return the shared jobs of one sort, such as ``SharedJobs`` of solids; the same for every study."""
        found = self._sorts.setdefault(sort, sort())
        assert isinstance(found, sort)
        return found

    @property
    def jobs(self) -> list[Job]:
        """All jobs made so far."""
        return [job for sort in self._sorts.values() for job in sort.jobs]


@dataclass(frozen=True)
class Context:
    """What a study is computed with.

    Attributes:
        number: place of the study in its campaign, from 0.
        calculator: the study's own, or the campaign's.
        relax: relaxation targets, the study's own or the campaign's.
        systems: recipes by name, with absolute paths.
        shared: jobs that studies share.
    """

    number: int
    calculator: AnyMethod
    relax: RelaxSettings
    systems: Mapping[str, StructureRecipe]
    shared: CampaignJobs = field(default_factory=CampaignJobs)

    def recipe(self, name: str) -> StructureRecipe:
        """Return the system of a name, called by it, or the molecule of that name when there is no such system."""
        return recipe_of(self.systems, name)

    def adsorbate(self, name: str) -> str | StructureDocument:
        """Return what an adsorbate is built from: a name that is known, else the molecule among the systems as data.

        Raises:
            StructureError: the system cannot be built.
        """
        if is_known(name) or name not in self.systems:
            return name
        return StructureDocument.from_atoms(build(self.recipe(name)))

    @contextmanager
    def system(self, name: str) -> Iterator[StructureRecipe]:
        """Hand out the recipe of a system, or of a molecule that is none, and name it in every refusal.

        Raises:
            StructureError: what was raised within, with the name of the system and of its file.
            CapabilityError: likewise.
        """
        try:
            yield self.recipe(name)
        except (CapabilityError, StructureError) as error:
            if name not in self.systems:
                raise
            raise type(error)(f"{self._where(name, str(error))}: {error}") from error

    def _where(self, name: str, said: str) -> str:
        """Name a system, and its files where what is said does not name them."""
        files = ", ".join(str(file) for file in self.systems[name].files if str(file) not in said)
        return f"system {name!r}" + (f" ({files})" if files else "")


def recipe_of(systems: Mapping[str, StructureRecipe], name: str) -> StructureRecipe:
    """Return the system of a name, called by it, or the molecule of that name when there is no such system."""
    return systems[name].named(name) if name in systems else StructureRecipe(molecule=name)
