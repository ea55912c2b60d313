"""The campaign file as a validated model: its fields, defaults and units are the reference of the file format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

from pydantic import Field, PrivateAttr, model_validator

from ..calculators.specs import ChgnetSpec, CorrectedSpec
from ..input_files.mistakes import MisplacedError, nearest
from ..structures.recipes import StructureRecipe
from ..workflows.common.results import RelaxSettings
from .edited_systems import each_edit, of_each_edit
from .named_files import file_systems
from .parents import check_name, check_parents, of_each, parents_of_each
from .studies.base import RelaxingStudy
from .studies.context import CampaignJobs, Context, recipe_of
from .studies.keys import Calculator, Keys, Name, PublishedNames, texts
from .studies.registry import AnyStudy, study_models

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..calculators.specs import AnyMethod
    from .studies.base import Study


class Campaign(Keys):
    """A campaign: systems, and the studies made of them with one calculator."""

    name: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$",
        description="name of the campaign and its run folder: letters, digits, dots, hyphens and underscores",
    )
    description: str = Field("", description="what the campaign is for")
    calculator: Calculator = Field(
        default_factory=ChgnetSpec, description="calculator of every study that names no other"
    )
    relax: RelaxSettings = Field(default_factory=RelaxSettings, description="relaxation targets of studies of solids")
    systems: dict[Name, StructureRecipe] = Field(default_factory=dict, description="structures by name")
    parents: dict[Name, Name] = Field(
        default_factory=dict,
        description="parent by the name of a system, such as v2c-v2o5: v2o5; tables of what both have show the "
        "difference",
    )
    published: dict[Name, PublishedNames] = Field(
        default_factory=dict,
        description="what papers call a system, such as ti3c2o2: MXene, or a list of names: by them tables find the "
        "published orderings that it is in; a system that is called as in the paper needs none",
    )
    studies: list[AnyStudy] = Field(min_length=1, description="what is computed, in the order of the tables")
    _written: tuple[int, ...] = PrivateAttr(default=())

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [study.name for study in self.studies]
        for number, name in enumerate(names):
            if name is not None and name in names[:number]:
                raise MisplacedError(
                    f"two studies are called {name!r}; tables could not tell them apart", ("studies", number, "name")
                )
        folders = [study.folder for study in self.studies if study.folder is not None]
        for name in folders:
            if folders.count(name) > 1:
                raise ValueError(f"two surrogates are called {name!r}; they would share a folder")
        return self

    @model_validator(mode="after")
    def _systems_exist(self) -> Self:
        for number, study in enumerate(self.studies, start=1):
            for system in study.systems:
                if system not in self.systems:
                    raise MisplacedError(
                        f"study {number} ({study.kind}) names the system {system!r}, which is not among the systems "
                        f"({', '.join(self.systems)}){nearest(system, self.systems)}",
                        ("studies", number - 1, "system"),
                    )
        return self

    @model_validator(mode="after")
    def _parents_are_parents(self) -> Self:
        check_parents(self.parents, self.systems, self._molecules)
        for name in self.published:
            check_name(name, "published", self.systems, self._molecules)
        return self

    @model_validator(mode="after")
    def _relax_has_a_study(self) -> Self:
        used = any(
            isinstance(study, RelaxingStudy) and study.of_solids and study.relax is None for study in self.studies
        )
        if not used and self.relax != RelaxSettings():
            raise ValueError(
                "relax is of studies of solids that have none of their own, and here is none; molecules are relaxed as "
                "molecule of their study says, surrogates sample by settings of their own"
            )
        return self

    @model_validator(mode="after")
    def _recipes_are_honoured(self) -> Self:
        for number, study in enumerate(self.studies, start=1):
            for system, use in study.uses:
                problem = use.problem(recipe_of(self.systems, system)) if system in self.systems else None
                if problem is not None:
                    raise ValueError(f"study {number} ({study.kind}), system {system!r}: {problem}")
        return self

    @model_validator(mode="after")
    def _studies_can_be_computed(self) -> Self:
        for number, study in enumerate(self.studies):
            for problem in filter(None, self._problems(study)):
                raise MisplacedError(f"study {number + 1} ({study.kind}): {problem}", ("studies", number))
        return self

    def _problems(self, study: Study) -> Iterator[str | None]:
        for system in study.systems:
            yield study.problem_of(self.systems[system], system)
        calculator = self.calculator_of(study)
        if len(calculator.methods()) > 1 and not study.CORRECTABLE:
            can_be = ", ".join(kind for kind, model in study_models().items() if model.CORRECTABLE)
            yield (
                f"a surrogate is corrected in studies of {can_be}, which an ensemble judges too; give this one a "
                "calculator of its own that is one method"
            )
        if isinstance(calculator, CorrectedSpec) and calculator.refine is not None and not study.REFINABLE:
            can_be = ", ".join(kind for kind, model in study_models().items() if model.REFINABLE)
            yield f"refine is for studies of {can_be}; leave it out here, and single points correct this one"
        yield study.problem_with(calculator)

    def calculator_of(self, study: Study) -> AnyMethod:
        """Return the calculator of a study: its own, or the campaign's."""
        return study.calculator or self.calculator

    def contexts(self) -> list[Context]:
        """Return what each study is computed with, in the order of the studies; jobs that they share are shared."""
        shared = CampaignJobs()
        return [
            Context(
                number=number,
                calculator=self.calculator_of(study),
                relax=(study.relax if isinstance(study, RelaxingStudy) else None) or self.relax,
                systems=self.systems,
                shared=shared,
            )
            for number, study in enumerate(self.studies)
        ]

    @property
    def _molecules(self) -> list[str]:
        """Molecules and complexes that studies name and that need not be systems."""
        return list(dict.fromkeys(name for study in self.studies for name in study.molecules_named))

    @property
    def unused_systems(self) -> list[str]:
        """Names of the systems that no study names."""
        named = {text for study in self.studies for text in (*texts(study.model_dump()), *study.names_used)}
        return [name for name in self.systems if name not in named]

    def anchored(self, folder: Path) -> Campaign:
        """Make the paths of files absolute; molecule files that studies name become systems, as does each edit.

        Args:
            folder: what relative paths are relative to: the folder of the campaign file.

        Raises:
            StructureError: a system of which all edits are wanted cannot be built.
            CampaignError: a study names such a system where it takes a single one.
        """
        systems = {name: recipe.anchored(folder) for name, recipe in self.systems.items()}
        named = [name for study in self.studies for name in study.molecules_named if name not in systems]
        files, names = file_systems(named, folder, taken=systems)
        called = {text: [name] for text, name in names.items()}
        every, edits = each_edit(systems | files)
        called |= edits
        studies = of_each_edit([study.with_molecules(names).anchored(folder) for study in self.studies], edits)
        anchored = self.model_copy(
            update={
                "systems": every,
                "parents": parents_of_each(self.parents, called),
                "published": of_each(self.published, called),
                "studies": [study for _, study in studies],
                "calculator": self.calculator.anchored(folder),
            }
        )
        if len(studies) > len(self.studies):
            anchored._written = tuple(self.number_in_file(number) for number, _ in studies)
        return anchored

    def number_in_file(self, number: int) -> int:
        """Return the place, from 0, of the study of the file that a study is made of."""
        return self._written[number] if self._written else number
