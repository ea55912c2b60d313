"""What every kind of study has: its keys, the checks of a campaign file, its flows, and what a dry run shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import Field

from ...workflows.common.relaxation_jobs import CellPolicy
from ...workflows.common.results import RelaxSettings
from .keys import Calculator, Keys, Name, PublishedKey, renamed, texts

if TYPE_CHECKING:
    from ase import Atoms
    from jobflow import Flow

    from ...calculators.specs import AnyMethod, AnySpec
    from ...structures.recipes import StructureRecipe
    from ...workflows.common.uses import Use
    from .context import Context

Task = tuple[str, "Atoms"]
"""What is done, in words, and the structure it is done to; its label names the system."""


class Study(Keys):
    """A study of a campaign.

    A kind of study is a subclass with a key ``kind: Literal["its-name"]``, the keys of its own, and the methods below.
    """

    CORRECTABLE: ClassVar[bool] = False
    """Whether a better method can correct its quantities by single points (``single_points``)."""

    REFINABLE: ClassVar[bool] = False
    """Whether a better method can go on from the states of a surrogate to its own minima and saddle points."""

    MOLECULE_KEYS: ClassVar[tuple[str, ...]] = ()
    """Its keys that name molecules: by name, as a system, or by their file."""

    kind: str
    name: Name | None = Field(None, description="name in tables and progress; made from the system when none")
    calculator: Calculator | None = Field(None, description="calculator of this study; the campaign's when none")
    literature: list[PublishedKey] = Field(
        default_factory=list, description="keys of published values for `azibflow table --literature`"
    )

    def flows(self, context: Context) -> list[Flow]:
        """Make the flows of the study; jobs that it shares with others are among ``context.shared``.

        Args:
            context: with files embedded into its systems.
        """
        raise NotImplementedError(f"{type(self).__name__} makes no flow")

    def structures(self, context: Context) -> Iterator[Task]:
        """Build the structures that the study begins with; nothing is computed.

        Args:
            context: with absolute paths.

        Raises:
            StructureError: a structure cannot be built.
        """
        raise NotImplementedError(f"{type(self).__name__} shows no structures")

    def single_points(self, context: Context) -> Iterator[Task]:
        """Build what a better method is to correct, as it is before it is relaxed; nothing where nothing can be."""
        del context
        yield from ()

    def tasks(self, context: Context) -> Iterator[tuple[AnySpec, str, Atoms]]:
        """Yield what each method computes: everything once, then the single points of the better one."""
        geometry, *better = context.calculator.methods()
        for task, atoms in self.structures(context):
            yield geometry, task, atoms
        for method in better:
            for task, atoms in self.single_points(context):
                yield method, task, atoms

    @property
    def systems(self) -> list[str]:
        """Names of the systems that have to be among those of the campaign."""
        return []

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its systems, and molecules that may be systems, with what it does with each.

        A key of a system that it would ignore is refused.
        """
        raise NotImplementedError(f"{type(self).__name__} does not say what it does with its systems")

    @property
    def names_used(self) -> list[str]:
        """Names that may be of systems and are no value of a key, as in an equation."""
        return []

    @property
    def title(self) -> str:
        """Name of the study in a dry run, and in tables where it has one row or one name for all."""
        return self.name or f"{self.kind} {', '.join(self.systems)}"

    @property
    def folder(self) -> str | None:
        """Name of a folder that it leaves, and may share with no other study; none when it leaves none."""
        return None

    @property
    def files(self) -> list[Path]:
        """Files that it names beside structures and calculators."""
        return []

    @property
    def methods(self) -> list[AnyMethod]:
        """Calculators that it names beside the one it is computed with."""
        return []

    @property
    def reordered(self) -> list[str]:
        """Systems whose atoms it takes in another order than their files."""
        return []

    def problem_with(self, calculator: AnyMethod) -> str | None:
        """Say why a calculator cannot compute the study, and what to do instead; none when it can."""
        del calculator
        return None

    def problem_of(self, system: StructureRecipe, name: str) -> str | None:
        """Say why a system is none for the study, and what to do instead; none when it is.

        Args:
            system: one of ``systems``.
            name: of the system.
        """
        del system, name
        return None

    def settings(self, context: Context) -> str:
        """Return what tells the calculations of one structure apart, beside the calculator."""
        del context
        return self.title

    def as_said_now(self, now: Study, context: Context) -> Study:
        """Return this study of an earlier version in the words of the same study now.

        Args:
            now: what the campaign says.
            context: of the campaign.
        """
        del now, context
        return self

    @property
    def molecules_named(self) -> list[str]:
        """The molecules that it names, as they are written."""
        return [name for key in self.MOLECULE_KEYS for name in texts(getattr(self, key))]

    def with_molecules(self, names: Mapping[str, str]) -> Self:
        """Return the same study with other names for some of its molecules."""
        return self.model_copy(update={key: renamed(getattr(self, key), names) for key in self.MOLECULE_KEYS})

    def anchored(self, folder: Path) -> Self:
        """Make the paths of its files absolute; those of molecules are names of systems by then."""
        return self.model_copy(update={"calculator": self.calculator and self.calculator.anchored(folder)})

    def pinned(self) -> Self:
        """Give every model file its hash: a job may run long after its flow was made."""
        return self.model_copy(update={"calculator": self.calculator and self.calculator.pinned()})


class RelaxingStudy(Study):
    """A study of solids, whose relaxations end where the campaign says unless it says so itself."""

    relax: RelaxSettings | None = Field(None, description="relaxation targets of this study; the campaign's when none")

    @property
    def of_solids(self) -> bool:
        """Whether it relaxes solids, and the targets of the campaign are its own too."""
        return True

    def settings(self, context: Context) -> str:
        """Return what tells the calculations of one structure apart."""
        return context.relax.model_dump_json()


class BulkStudy(RelaxingStudy):
    """A study that relaxes a bulk first."""

    cell: CellPolicy | None = Field(
        None,
        description="which cell parameters of the bulk are relaxed: fixed, relaxed, or layers-fixed (all but the axis "
        "along which layers or sheets stack); none: chosen by the prototype, and fixed for files",
    )
