"""The campaign file as a validated model: its fields, defaults and units are the reference of the file format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from ..calculators.specs import CalculatorSpec, ChgnetSpec, parse_spec
from ..data.literature import published
from ..errors import AzibflowError, CapabilityError
from ..structures.recipes import Miller, StructureRecipe
from ..workflows.barriers import BandSettings
from ..workflows.migration import HopSettings
from ..workflows.relaxation import CellPolicy
from ..workflows.results import RelaxSettings


def _calculator(value: Any) -> Any:
    """Let a calculator be written as a word (``chgnet``, ``mace:FILE``) as well as a mapping."""
    if not isinstance(value, str):
        return value
    try:
        return parse_spec(value)
    except CapabilityError as error:
        raise ValueError(str(error)) from error


def _one_or_more(value: Any) -> Any:
    return value if isinstance(value, list | tuple) or value is None else [value]


def _published_key(value: str) -> str:
    """Refuse a key of a published value that does not exist, before anything is computed."""
    try:
        return published(value).key
    except AzibflowError as error:
        raise ValueError(str(error)) from error


Calculator = Annotated[CalculatorSpec, BeforeValidator(_calculator)]
Names = Annotated[list[str], BeforeValidator(_one_or_more), Field(min_length=1)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Study(_Model):
    name: str | None = Field(None, description="name in tables and progress; made from the system when none")
    calculator: Calculator | None = Field(None, description="calculator of this study; the campaign's when none")
    relax: RelaxSettings | None = Field(None, description="relaxation targets of this study; the campaign's when none")
    cell: CellPolicy | None = Field(
        None,
        description="which cell parameters of the bulk are relaxed: fixed, relaxed, or layers-fixed (all but the axis "
        "along which layers or sheets stack); none: chosen by the prototype, and fixed for files",
    )
    literature: list[Annotated[str, AfterValidator(_published_key)]] = Field(
        default_factory=list, description="keys of published values for `azibflow table --literature`"
    )


class MigrationStudy(_Study):
    """Barriers of an ion that hops between sites of a host, or between two structures of the user's."""

    kind: Literal["migration"] = Field(description="a migration barrier")
    system: str | None = Field(None, description="name of the host among the systems")
    endpoints: tuple[str, str] | None = Field(
        None, description="names of two systems between which an ion hops, instead of one host"
    )
    ion: str = Field("Zn", description="chemical symbol of the ion")
    hops: HopSettings = Field(default_factory=HopSettings, description="which hops, in which supercell")
    band: BandSettings = Field(default_factory=BandSettings, description="images and convergence of the band")

    @model_validator(mode="after")
    def _one_start(self) -> Self:
        if (self.system is None) == (self.endpoints is None):
            raise ValueError("a migration study needs either system or endpoints")
        return self

    @property
    def systems(self) -> list[str]:
        """Names of the systems this study uses."""
        return [self.system] if self.system is not None else list(self.endpoints or ())


class AdsorptionStudy(_Study):
    """Adsorption energies of one or several adsorbates on all distinct sites of one or several surfaces."""

    kind: Literal["adsorption"] = Field(description="adsorption energies")
    system: Names = Field(description="name of the surface among the systems, or a list of names")
    adsorbate: Names = Field(
        default_factory=lambda: ["Zn"],
        description="Zn, H, O, OH, a molecule that ASE knows (H2O), or a molecule file; or a list of them",
    )
    sites: list[str] | None = Field(None, description="labels of the sites wanted; all distinct sites when none")

    @property
    def systems(self) -> list[str]:
        """Names of the systems this study uses."""
        return self.system


class SurfaceStudy(_Study):
    """Surface energies of facets of one bulk."""

    kind: Literal["surface"] = Field(description="surface energies")
    system: str = Field(description="name of the bulk among the systems")
    facets: Annotated[list[Miller], Field(min_length=1)] = Field(
        description='facets as people write them: "(002)", "(10-10)", [1, 0, 0]'
    )
    layers: list[PositiveInt] = Field(
        default_factory=lambda: [8], min_length=1, description="slab thicknesses in repeat layers of the bulk"
    )
    vacuum: PositiveFloat = Field(15.0, description="empty space between a slab and its image, angstrom")

    @property
    def systems(self) -> list[str]:
        """Names of the systems this study uses."""
        return [self.system]


Study = Annotated[MigrationStudy | AdsorptionStudy | SurfaceStudy, Field(discriminator="kind")]


class Campaign(_Model):
    """A campaign: systems, and the studies made of them with one calculator."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", description="name of the campaign and its run folder")
    description: str = Field("", description="what the campaign is for")
    calculator: Calculator = Field(
        default_factory=ChgnetSpec, description="calculator of every study that names no other"
    )
    relax: RelaxSettings = Field(default_factory=RelaxSettings, description="relaxation targets of every study")
    systems: dict[str, StructureRecipe] = Field(min_length=1, description="structures by name")
    studies: list[Study] = Field(min_length=1, description="what is computed, in the order of the tables")

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [study.name for study in self.studies if study.name is not None]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two studies are called {name!r}; tables could not tell them apart")
        return self

    @model_validator(mode="after")
    def _systems_exist(self) -> Self:
        from difflib import get_close_matches

        for number, study in enumerate(self.studies, start=1):
            for system in study.systems:
                if system not in self.systems:
                    near = get_close_matches(system, self.systems, n=1)
                    hint = f"; did you mean {near[0]!r}?" if near else ""
                    raise ValueError(
                        f"study {number} ({study.kind}) names the system {system!r}, which is not among the systems "
                        f"({', '.join(self.systems)}){hint}"
                    )
        return self

    def anchored(self, folder: Path) -> Campaign:
        """Make the paths of structure and weight files absolute.

        Args:
            folder: what relative paths are relative to: the folder of the campaign file.
        """
        from ..calculators.specs import anchored

        systems = {name: recipe.anchored(folder) for name, recipe in self.systems.items()}
        studies = [
            study.model_copy(update={"calculator": study.calculator and anchored(study.calculator, folder)})
            for study in self.studies
        ]
        return self.model_copy(
            update={"systems": systems, "studies": studies, "calculator": anchored(self.calculator, folder)}
        )
