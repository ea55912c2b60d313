"""A recipe: how a structure is made, as data, so that a graph is whole from recipe to result."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from ..errors import StructureError
from ..paths import expanded
from .documents import StructureDocument
from .edits import Adsorption, Choice, Edit, Insertion, LatticeStrain, Substitution, Termination, Vacancies, one_or_more
from .heterostructures.recipe import HeterostructureRecipe
from .molecules import molecule_label, names_file

if TYPE_CHECKING:
    from collections.abc import Sequence

SOURCES = ("prototype", "file", "molecule", "document", "heterostructure")
EDITS = ("strain", "terminate", "vacancies", "substitute", "insert", "adsorb")
"""Keys that edit what the others have made, in the order in which that is done."""
CHANGES = ("cell", "slab", "supercell", "charge", "spin", *EDITS)
"""Keys that say what is done to the source: each changes the structure, or is refused."""
ONE_CELL = (1, 1, 1)
Repeats = tuple[PositiveInt, PositiveInt, PositiveInt]


def _nothing(edits: tuple[Edit, ...]) -> bool:
    """Tell whether there is nothing to write; recipes are written as before there were edits."""
    return not edits


def _miller(value: object) -> object:
    """Validate a Miller index where it is written, so that the message can name the line."""
    from .slabs import reduced_miller

    try:
        return reduced_miller(value)  # type: ignore[arg-type]
    except StructureError as error:
        raise ValueError(str(error)) from error


def _molecule_name(name: str) -> str:
    """Validate a SMILES where it is written; other names are looked up when they are built."""
    from .clusters.organic import check_smiles

    try:
        check_smiles(name)
    except StructureError as error:
        raise ValueError(str(error)) from error
    return name


def three_indices(miller: Sequence[int]) -> tuple[int, int, int]:
    """Return a Miller index of three; of four hexagonal ones (hkil) the third follows from the first two."""
    h, k, *_, l = miller  # noqa: E741
    return h, k, l


def _bond_name(name: str) -> str:
    """Validate a pair of elements where it is written."""
    from ase.data import atomic_numbers

    if len(name.split("-")) != 2 or any(symbol not in atomic_numbers for symbol in name.split("-")):
        raise ValueError(f"{name!r} is no pair of elements; write such as Ti-S")
    return name


BondName = Annotated[str, AfterValidator(_bond_name)]
MoleculeName = Annotated[str, AfterValidator(_molecule_name)]
Miller = Annotated[
    tuple[int, int, int] | tuple[int, int, int, int],
    BeforeValidator(_miller, json_schema_input_type=str | list[int]),
    PlainSerializer(three_indices),
]
"""Written with four indices it keeps them, so that a crystal that is not hexagonal can refuse them."""


class CellLengths(BaseModel):
    """Cell lengths that replace those of the prototype or file; fractional coordinates are kept."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    a: PositiveFloat | None = Field(None, description="length of the first cell vector, angstrom")
    b: PositiveFloat | None = Field(None, description="length of the second cell vector, angstrom")
    c: PositiveFloat | None = Field(None, description="length of the third cell vector, angstrom")


class SlabRecipe(BaseModel):
    """How a slab is cut from the bulk."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    miller: Miller = Field(
        description='facet as people write it: "(002)", "(0001)", "(10-10)", [1, 0, 0]; indices of the conventional '
        "cell in the axes of the file, also where that holds a primitive cell or a supercell"
    )
    layers: PositiveInt = Field(6, description="thickness in repeat layers of the bulk along the surface normal")
    vacuum: PositiveFloat = Field(15.0, description="empty space between a slab and its image, angstrom")
    supercell: tuple[PositiveInt, PositiveInt] = Field((1, 1), description="repeats along the two surface vectors")
    fixed_layers: int = Field(0, ge=0, description="lowest atomic layers held fixed in relaxations")
    termination: int = Field(0, ge=0, description="which termination, counted as `azibflow build --slab` lists them")
    broken_bonds: tuple[BondName, ...] = Field(
        (),
        description="bonds within the layers of a layered crystal that this facet may break, such as [Ti-S]; none: "
        "layers stay whole",
        exclude_if=lambda bonds: not bonds,  # written as before there was this key
    )


class StructureRecipe(BaseModel):
    """Where a structure comes from (one of prototype, file, molecule, document, heterostructure), and what is done."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    prototype: str | None = Field(None, description="name of a built-in prototype, such as alpha-V2O5")
    file: Path | None = Field(
        None, description="structure file (docs/structure-files.md); relative to the campaign file"
    )
    molecule: MoleculeName | None = Field(None, description="name of a molecule, such as H2O, or a molecule file")
    document: StructureDocument | None = Field(None, description="the structure itself, as data")
    heterostructure: HeterostructureRecipe | None = Field(
        None, description="film on support, such as V8O16/graphene, or how it is made"
    )
    cell: CellLengths = Field(default_factory=CellLengths, description="cell lengths that replace the published ones")
    slab: SlabRecipe | None = Field(None, description="cut this slab from the bulk")
    supercell: Repeats = Field(ONE_CELL, description="repeats along a, b, c; slabs have their own")
    strain: LatticeStrain | None = Field(
        None, description="strain of the lattice vectors", exclude_if=lambda strain: strain is None
    )
    terminate: Termination | None = Field(
        None, description="what the faces of a MXene end in", exclude_if=lambda terminate: terminate is None
    )
    vacancies: Annotated[tuple[Vacancies, ...], one_or_more(Vacancies)] = Field(
        (), description="atoms that are taken out, such as {O: 1}, or a list", exclude_if=_nothing
    )
    substitute: Annotated[tuple[Substitution, ...], one_or_more(Substitution)] = Field(
        (), description="atoms that are replaced, such as {Zn: In, at: surface}, or a list", exclude_if=_nothing
    )
    insert: Annotated[tuple[Insertion, ...], one_or_more(Insertion)] = Field(
        (), description="ions put into open places, such as {K: 1}, or a list", exclude_if=_nothing
    )
    adsorb: Annotated[tuple[Adsorption, ...], one_or_more(Adsorption)] = Field(
        (), description="what stands on the surface, such as {OH: 2, at: top}, or a list", exclude_if=_nothing
    )
    choose: Choice = Field(
        0,
        description="which of the distinct edits, from 0 as `azibflow build` lists them; `all` makes a system of each",
        exclude_if=lambda choose: choose == 0,
    )
    charge: int | None = Field(
        None, description="total charge of the whole in elementary charges; none keeps that of the source"
    )
    spin: PositiveInt | None = Field(
        None,
        description="spin multiplicity 2S+1; none keeps that of the source, and leaves it open where charge differs",
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        sources = [name for name in SOURCES if getattr(self, name) is not None]
        if len(sources) != 1:
            found = " and ".join(sources) or "none of them"
            raise ValueError(f"a structure needs exactly one of {', '.join(SOURCES)}; found {found}")
        if self.slab is not None and self.supercell != ONE_CELL:
            raise ValueError("a slab is repeated by slab.supercell; remove supercell")
        if self.slab is not None and (self.charge or self.spin is not None):
            key = "charge" if self.charge else "spin"
            raise ValueError(f"a slab is cut from a neutral crystal and has no {key} of its own; remove {key}")
        if self.heterostructure is not None and (self.slab is not None or self.cell != CellLengths()):
            raise ValueError("a heterostructure has its own cell; remove slab and cell")
        if self.choose != 0 and not self.edits:
            raise ValueError(f"choose picks among edits, and there are none ({', '.join(EDITS)}); remove choose")
        for key in ("cell", "slab", "supercell", *EDITS):
            if self.molecule is not None and key in self.changes:
                raise ValueError(f"a molecule has no cell; remove {key}")
        if self.document is not None and not self.document.is_finite:
            raise ValueError("document: a coordinate, a cell vector or a moment is not a finite number")
        if self.prototype is not None:
            from .prototypes import find

            try:
                find(self.prototype)
            except StructureError as error:
                raise ValueError(str(error)) from error
        return self

    def anchored(self, folder: Path) -> Self:
        """Make the paths of files absolute; ``folder`` is what they are relative to."""
        if self.file is not None:
            return self.model_copy(update={"file": folder / expanded(self.file)})
        if self.heterostructure is not None:
            return self.model_copy(update={"heterostructure": self.heterostructure.anchored(folder)})
        if self.molecule is not None and names_file(self.molecule, folder):
            return self.model_copy(update={"molecule": str(folder / expanded(self.molecule))})
        return self

    @property
    def files(self) -> list[Path]:
        """Files that the structure is read from."""
        if self.file is not None:
            return [self.file]
        if self.heterostructure is not None:
            return self.heterostructure.files
        return [Path(self.molecule)] if self.molecule is not None and names_file(self.molecule) else []

    @property
    def changes(self) -> tuple[str, ...]:
        """Those of its keys that do something to the source."""
        fields = type(self).model_fields
        return tuple(key for key in CHANGES if getattr(self, key) != fields[key].get_default(call_default_factory=True))

    @property
    def edits(self) -> tuple[Edit, ...]:
        """Its edits, in the order in which they are made."""
        found: list[Edit] = []
        for key in EDITS:
            value = getattr(self, key)
            found += value if isinstance(value, tuple) else [] if value is None else [value]
        return tuple(found)

    @property
    def is_whole(self) -> bool:
        """Whether what it starts from is all: charge and spin of a supercell or an edited one are not those of it."""
        return self.supercell == ONE_CELL and not self.edits

    @property
    def is_edited_bulk(self) -> bool:
        """Whether studies of a bulk take one that is edited."""
        return bool(self.edits) and self.slab is None

    @property
    def bulk(self) -> StructureRecipe:
        """The recipe of what it starts from, without a name; charge and spin are kept where that is all."""
        kept = [*SOURCES, "cell", *(("charge", "spin") if self.is_whole else ())]
        return StructureRecipe(**{key: getattr(self, key) for key in kept})

    def named(self, name: str) -> NamedRecipe:
        """Return the same recipe under the name that a campaign gives it."""
        return NamedRecipe(name=name, **{key: getattr(self, key) for key in StructureRecipe.model_fields})

    @property
    def label(self) -> str:
        """A short name for people: what it is made from, or the name that a campaign gives it."""
        return self.source_label

    @property
    def described(self) -> str:
        """The label, and what it is made from where that says more."""
        return self.label if self.label == self.source_label else f"{self.label}: {self.source_label}"

    @property
    def source_label(self) -> str:
        """Prototype or file stem, and the facet of a slab."""
        if self.file is not None:
            source = self.file.stem
        elif self.document is not None:
            source = self.document.label or self.document.formula
        elif self.heterostructure is not None:
            source = self.heterostructure.label
        else:
            source = self.prototype or molecule_label(self.molecule or "")
        if self.slab is None:
            return source
        return source + "({}{}{})".format(*three_indices(self.slab.miller))


class NamedRecipe(StructureRecipe):
    """The recipe of a system of a campaign, which tables and progress call by its name there."""

    name: str = Field(description="name of the system")

    @property
    def label(self) -> str:
        """The name."""
        return self.name
