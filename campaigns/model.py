"""The campaign file as a validated model: its fields, defaults and units are the reference of the file format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FiniteFloat,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from ..calculators.specs import ChgnetSpec, StudyCalculator, parse_spec, with_kind
from ..data.literature import published
from ..errors import AzibflowError, CapabilityError
from ..input_files.mistakes import MisplacedError, nearest
from ..paths import expanded
from ..structures.documents import StructureDocument
from ..structures.elements import Element
from ..structures.endpoints import Pairing
from ..structures.molecules import is_known
from ..structures.recipes import Miller, MoleculeName, StructureRecipe, build
from ..workflows.breathing.flow import BreathingSettings
from ..workflows.common.relaxation_jobs import CellPolicy
from ..workflows.common.results import RelaxSettings
from ..workflows.common.uses import AS_BUILT, CRYSTAL, HOST, MOLECULE, TWO_SIDES, Use
from ..workflows.migration.barriers import BandSettings
from ..workflows.migration.flow import HopSettings
from ..workflows.molecular.esp import EspSettings
from ..workflows.molecular.geometries import MoleculeSettings
from ..workflows.surrogate.datasets import Split
from ..workflows.surrogate.publication import About
from ..workflows.surrogate.settings import ActiveLearning, Sample, TrainingSettings
from .named_files import LONGEST_NAME, file_systems, renamed


def _calculator(value: Any) -> Any:
    """Let a calculator be written as a word (``chgnet``, ``mace:FILE``), or a corrected one without its kind."""
    if not isinstance(value, str):
        return with_kind(value)
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


def _one_line(value: str) -> str:
    """Refuse a name that would tear tables and progress apart: control characters, line ends, nothing at all."""
    if not value.strip() or not value.isprintable() or len(value) > LONGEST_NAME:
        raise ValueError(f"a name is one line of printable text, {LONGEST_NAME} characters at most, not {value[:40]!r}")
    return value


Name = Annotated[str, AfterValidator(_one_line)]
Calculator = Annotated[StudyCalculator, BeforeValidator(_calculator)]
Names = Annotated[list[MoleculeName], BeforeValidator(_one_or_more), Field(min_length=1)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class _Study(_Model):
    """What all studies have in common."""

    MOLECULE_KEYS: ClassVar[tuple[str, ...]] = ()
    """Its keys that name molecules: by name, as a system, or by their file."""

    name: Name | None = Field(None, description="name in tables and progress; made from the system when none")
    calculator: Calculator | None = Field(None, description="calculator of this study; the campaign's when none")
    literature: list[Annotated[str, AfterValidator(_published_key)]] = Field(
        default_factory=list, description="keys of published values for `azibflow table --literature`"
    )

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its systems and what it does with each: a key of theirs that it would ignore is refused."""
        raise NotImplementedError(f"{type(self).__name__} does not say what it does with its systems")

    @property
    def molecules_named(self) -> list[str]:
        """The molecules that it names, as they are written."""
        return [name for key in self.MOLECULE_KEYS for name in _texts(getattr(self, key))]

    def with_molecules(self, names: Mapping[str, str]) -> Self:
        """Return the same study with other names for some of its molecules."""
        return self.model_copy(update={key: renamed(getattr(self, key), names) for key in self.MOLECULE_KEYS})


class _SolidStudy(_Study):
    relax: RelaxSettings | None = Field(None, description="relaxation targets of this study; the campaign's when none")
    cell: CellPolicy | None = Field(
        None,
        description="which cell parameters of the bulk are relaxed: fixed, relaxed, or layers-fixed (all but the axis "
        "along which layers or sheets stack); none: chosen by the prototype, and fixed for files",
    )


class _MolecularStudy(_Study):
    molecule: MoleculeSettings = Field(
        default_factory=MoleculeSettings, description="how every molecule is brought to its minimum"
    )

    @property
    def systems(self) -> list[str]:
        """Names of the systems this study uses: none, molecules may be named without being among the systems."""
        return []

    @model_validator(mode="after")
    def _conditions_need_frequencies(self) -> Self:
        for key in ("temperature", "pressure"):
            usual = MoleculeSettings.model_fields[key].default
            if not self.molecule.frequencies and getattr(self.molecule, key) != usual:
                raise ValueError(f"molecule.{key} belongs to Gibbs energies; set molecule.frequencies, or remove {key}")
        return self


class MigrationStudy(_SolidStudy):
    """Barriers of an ion that hops between sites of a host, or between two structures of the user's."""

    kind: Literal["migration"] = Field(description="a migration barrier")
    system: str | None = Field(None, description="name of the host among the systems")
    endpoints: tuple[str, str] | None = Field(
        None, description="names of two systems between which an ion hops, instead of one host"
    )
    pairing: Pairing | None = Field(
        None,
        description="which atom of the second endpoint is which of the first: nearest (the least movement, also when "
        "none) or as-given (in the order of the files, for atoms that change places)",
    )
    ion: Element | None = Field(
        None,
        description="chemical symbol of the ion; none: Zn in a host, and between endpoints what moves farthest",
    )
    hops: HopSettings = Field(default_factory=HopSettings, description="which hops of a host, in which supercell")
    band: BandSettings = Field(default_factory=BandSettings, description="images and convergence of the band")

    @model_validator(mode="after")
    def _one_start(self) -> Self:
        if (self.system is None) == (self.endpoints is None):
            found = "neither" if self.system is None else "both"
            raise ValueError(f"a migration study needs either system or endpoints; found {found}")
        if self.endpoints is None:
            if self.pairing is not None:
                raise ValueError("pairing: belongs to endpoints; the hops of a host are built in one order of atoms")
            self.ion = self.hopping_ion
            return self
        if self.endpoints[0] == self.endpoints[1]:
            raise ValueError(f"endpoints: both are {self.endpoints[0]!r}; a hop needs two structures")
        for key, default in (("hops", HopSettings()), ("cell", None)):
            if getattr(self, key) != default:
                raise ValueError(f"{key}: belongs to a host; between endpoints both are those of the structures")
        return self

    @property
    def hopping_ion(self) -> str:
        """The ion that hops in a host."""
        return self.ion or "Zn"

    @property
    def systems(self) -> list[str]:
        """Names of the systems this study uses."""
        return [self.system] if self.system is not None else list(self.endpoints or ())

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its systems and what it does with each."""
        return [(name, HOST if self.endpoints is None else AS_BUILT) for name in self.systems]


class AdsorptionStudy(_SolidStudy):
    """Adsorption energies of one or several adsorbates on all distinct sites of one or several surfaces."""

    MOLECULE_KEYS = ("adsorbate",)

    kind: Literal["adsorption"] = Field(description="adsorption energies")
    system: Names = Field(description="name of the surface among the systems, or a list of names")
    adsorbate: Names = Field(
        default=["Zn"],
        description="Zn, H, O, OH, a molecule by name (H2O), name of a system that is a molecule, or a molecule file, "
        "relative to the campaign file; or a list of them",
    )
    sites: list[str] | None = Field(None, description="labels of the sites wanted; all distinct sites when none")

    @property
    def systems(self) -> list[str]:
        """Names of the systems this study uses."""
        return self.system

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its systems and what it does with each."""
        molecules = [(name, MOLECULE) for name in self.adsorbate if not is_known(name)]
        return [*((name, AS_BUILT) for name in self.system), *molecules]


class SurfaceStudy(_SolidStudy):
    """Surface energies of facets of one bulk."""

    kind: Literal["surface"] = Field(description="surface energies")
    system: str = Field(description="name of the bulk among the systems")
    facets: Annotated[list[Miller], Field(min_length=1)] = Field(
        description='facets as people write them: "(002)", "(10-10)", [1, 0, 0]; indices of the conventional cell in '
        "the axes of the file, also where that holds a primitive cell or a supercell"
    )
    layers: list[PositiveInt] = Field(
        default=[8], min_length=1, description="slab thicknesses in repeat layers of the bulk"
    )
    vacuum: PositiveFloat = Field(15.0, description="empty space between a slab and its image, angstrom")

    @property
    def systems(self) -> list[str]:
        """Names of the systems this study uses."""
        return [self.system]

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its systems and what it does with each."""
        return [(self.system, CRYSTAL)]


MOLECULES = (
    "names of systems, molecules by name ([Zn(H2O)6]2+, NMP) or smiles:STRING, or molecule files, relative to the "
    "campaign file"
)


class BreathingStudy(_Study):
    """How many ions an interface takes before its bonds no longer come back, and what capacity that is."""

    kind: Literal["breathing"] = Field(description="the interfacial-breathing capacity limit")
    system: str = Field(description="name of the heterostructure among the systems")
    ion: Element = Field("Zn", description="chemical symbol of the ion")
    relax: RelaxSettings | None = Field(None, description="relaxation targets of this study; the campaign's when none")
    breathing: BreathingSettings = Field(
        default_factory=BreathingSettings, description="how far the interface is loaded, and how hard sites are sought"
    )

    @property
    def systems(self) -> list[str]:
        """Names of the systems this study uses."""
        return [self.system]

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its systems and what it does with each."""
        return [(self.system, AS_BUILT)]


class InterfaceStudy(_Study):
    """Work of adhesion, interface bonds and strain of one or several heterostructures."""

    kind: Literal["interface"] = Field(description="interface energetics")
    system: Names = Field(description="name of the heterostructure among the systems, or a list of names")
    relax: RelaxSettings | None = Field(None, description="relaxation targets of this study; the campaign's when none")

    @property
    def systems(self) -> list[str]:
        """Names of the systems this study uses."""
        return self.system

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its systems and what it does with each."""
        return [(name, TWO_SIDES) for name in self.system]


class DesolvationStudy(_MolecularStudy):
    """The energy of taking the water molecules off an ion one by one, free or on a flake or cluster."""

    MOLECULE_KEYS = ("support",)

    kind: Literal["desolvation"] = Field(description="a desolvation ladder")
    ion: Element = Field("Zn", description="chemical symbol of the ion")
    charge: PositiveInt = Field(2, description="charge of the bare ion, elementary charges")
    waters: tuple[Annotated[int, Field(ge=1, le=6)], Annotated[int, Field(ge=0, le=5)]] = Field(
        (6, 0), description="most and fewest water molecules"
    )
    support: MoleculeName | None = Field(
        None,
        description="flake or cluster that carries the ion: name of a system, a molecule by name, or a molecule file, "
        "relative to the campaign file; none for the free ion",
    )
    counterpoise: bool = Field(False, description="correct free ladders for basis-set superposition too")

    @model_validator(mode="after")
    def _falls(self) -> Self:
        if self.waters[0] <= self.waters[1]:
            raise ValueError(f"waters: the ladder falls, so {self.waters[0]} must be more than {self.waters[1]}")
        if self.counterpoise and self.support is not None:
            raise ValueError("counterpoise: corrects the ladders of free ions only; remove it, or support")
        return self

    @property
    def title(self) -> str:
        """Name of the study in tables."""
        where = f" on {self.support}" if self.support else ""
        return self.name or f"desolvation of {self.ion}{self.charge}+{where}"

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its systems and what it does with each."""
        return [] if self.support is None else [(self.support, MOLECULE)]


class BindingStudy(_MolecularStudy):
    """The binding energy of a complex: a pair of molecules, an ion in its shell, an adsorbate on a flake."""

    MOLECULE_KEYS = ("parts", "complex")

    kind: Literal["binding"] = Field(description="a binding energy")
    parts: Annotated[list[MoleculeName], Field(min_length=2)] = Field(
        description=f"what is bound together: {MOLECULES}"
    )
    complex: MoleculeName | None = Field(
        None, description="the complex, named likewise; docked from its parts in many orientations when none"
    )
    counterpoise: bool = Field(
        False, description="correct for basis-set superposition too; the last part has to be a neutral molecule"
    )

    @property
    def title(self) -> str:
        """Name of the study in tables."""
        return self.name or " + ".join(self.parts)

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its systems and what it does with each."""
        return [(name, MOLECULE) for name in [*self.parts, *([] if self.complex is None else [self.complex])]]


class OrbitalsStudy(_MolecularStudy):
    """Frontier levels, vertical ionisation energies and electron affinities of molecules."""

    MOLECULE_KEYS = ("molecules",)

    kind: Literal["orbitals"] = Field(description="frontier levels")
    molecules: Names = Field(description=MOLECULES)

    @property
    def title(self) -> str:
        """Name of the study in tables."""
        return self.name or "frontier levels"

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its systems and what it does with each."""
        return [(name, MOLECULE) for name in self.molecules]


class EspStudy(_MolecularStudy):
    """Maps of the electrostatic potential on the isodensity surface of molecules."""

    MOLECULE_KEYS = ("molecules",)

    kind: Literal["esp"] = Field(description="electrostatic potential maps")
    molecules: Names = Field(description=MOLECULES)
    esp: EspSettings = Field(default_factory=EspSettings, description="the surface and what is kept of it")

    @property
    def title(self) -> str:
        """Name of the study in tables."""
        return self.name or "ESP"

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its systems and what it does with each."""
        return [(name, MOLECULE) for name in self.molecules]


class SurrogateStudy(_Study):
    """A committee of MACE networks that learns from a calculator, with error bars and a card."""

    kind: Literal["surrogate"] = Field(description="a surrogate of one's own")
    about: About = Field(description="what only its author can say of the surrogate")
    sampler: Calculator | None = Field(
        None, description="calculator that moves atoms while sampling; none: the one that makes the labels"
    )
    samples: Annotated[list[Sample], Field(min_length=1)] = Field(description="the structures it learns from")
    split: Split = Field(description="systems kept from training")
    atomic_energies: Literal["isolated", "fitted"] | dict[str, FiniteFloat] = Field(
        "fitted",
        description="energies from which the networks count: of free atoms and ions by the calculator, or fitted to "
        "the data where it has no meaningful free atoms; a mapping such as {Zn: 0.1} gives some elements theirs, eV, "
        "and the others are fitted",
    )
    training: TrainingSettings = Field(default_factory=TrainingSettings, description="network and training")
    seeds: Annotated[list[int], Field(min_length=2)] = Field(
        default=[1, 2, 3], description="one network per seed; the first one leads"
    )
    active_learning: ActiveLearning | None = Field(None, description="rounds of exploration; none when none")
    labels: Path | None = Field(
        None, description="label store whose labels are used again; relative to the campaign file"
    )

    @property
    def systems(self) -> list[str]:
        """Names of the systems this study uses: none, molecules may be named without being among the systems."""
        return []

    @property
    def title(self) -> str:
        """Name of the study in tables."""
        return self.name or self.about.name

    @property
    def molecules_named(self) -> list[str]:
        """The systems and adsorbates that its samples name, as they are written."""
        adsorbates = [getattr(sample, "adsorbate", None) for sample in self.explored]
        return [*(sample.system for sample in self.explored), *(name for name in adsorbates if isinstance(name, str))]

    def with_molecules(self, names: Mapping[str, str]) -> Self:
        """Return the same study with other names for some of its systems and adsorbates."""
        more, split = self.active_learning, self.split
        return self.model_copy(
            update={
                "samples": [_renamed_sample(sample, names) for sample in self.samples],
                "split": Split(validation=renamed(split.validation, names), test=renamed(split.test, names)),
                "active_learning": more
                and more.model_copy(update={"samples": [_renamed_sample(sample, names) for sample in more.samples]}),
            }
        )

    @property
    def explored(self) -> list[Sample]:
        """All samples, those of active learning too."""
        return [*self.samples, *(self.active_learning.samples if self.active_learning else [])]

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its systems and what it does with each."""
        return [(sample.system, HOST if sample.how == "band" else AS_BUILT) for sample in self.explored]

    @model_validator(mode="after")
    def _split_names_samples(self) -> Self:
        sampled = {sample.system for sample in self.samples}
        for role, names in (("validation", self.split.validation), ("test", self.split.test)):
            if not names:
                raise ValueError(f"split.{role}: names no system; a surrogate needs systems kept from training")
            if missing := sorted(set(names) - sampled):
                raise ValueError(f"split.{role}: {', '.join(missing)} is sampled nowhere")
        if both := sorted(set(self.split.validation) & set(self.split.test)):
            raise ValueError(f"split: {', '.join(both)} is in both validation and test")
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError("seeds: two members of the same seed are one network")
        return self


SolidStudy = MigrationStudy | AdsorptionStudy | SurfaceStudy | BreathingStudy | InterfaceStudy
MolecularStudy = DesolvationStudy | BindingStudy | OrbitalsStudy | EspStudy
CORRECTABLE = ("migration", "adsorption", "desolvation")
"""Kinds of studies whose quantities a better method can correct by single points."""
Study = Annotated[SolidStudy | MolecularStudy | SurrogateStudy, Field(discriminator="kind")]


class Campaign(_Model):
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
    studies: list[Study] = Field(min_length=1, description="what is computed, in the order of the tables")

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [study.name for study in self.studies]
        for number, name in enumerate(names):
            if name is not None and name in names[:number]:
                raise MisplacedError(
                    f"two studies are called {name!r}; tables could not tell them apart", ("studies", number, "name")
                )
        surrogates = [study.about.name for study in self.studies if isinstance(study, SurrogateStudy)]
        for name in surrogates:
            if surrogates.count(name) > 1:
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
    def _relax_has_a_study(self) -> Self:
        used = any(isinstance(study, SolidStudy) and study.relax is None for study in self.studies)
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
                problem = use.problem(self.recipe(system)) if system in self.systems else None
                if problem is not None:
                    raise ValueError(f"study {number} ({study.kind}), system {system!r}: {problem}")
        return self

    @model_validator(mode="after")
    def _heterostructures(self) -> Self:
        for number, study in enumerate(self.studies, start=1):
            for system in study.systems if study.kind == "interface" else []:
                if self.systems[system].heterostructure is None:
                    raise MisplacedError(
                        f"study {number} (interface) needs a heterostructure, and the system {system!r} is none; "
                        f"write it as {system}: {{heterostructure: V8O16/graphene}}",
                        ("studies", number - 1),
                    )
        return self

    @model_validator(mode="after")
    def _corrections_are_known(self) -> Self:
        for number, study in enumerate(self.studies, start=1):
            calculator = study.calculator or self.calculator
            if calculator.kind == "corrected" and study.kind not in CORRECTABLE:
                raise MisplacedError(
                    f"study {number} ({study.kind}): a surrogate is corrected in migration, adsorption and "
                    "desolvation studies; give this one a calculator of its own that is one method",
                    ("studies", number - 1),
                )
        return self

    @model_validator(mode="after")
    def _wave_functions(self) -> Self:
        for number, study in enumerate(self.studies, start=1):
            calculator = study.calculator or self.calculator
            if study.kind in ("orbitals", "esp") and calculator.kind != "pyscf":
                raise MisplacedError(
                    f"study {number} ({study.kind}) needs a wave function, and calculator {calculator.kind} has none; "
                    "set its calculator, as in calculator: pyscf:standard",
                    ("studies", number - 1),
                )
        return self

    @model_validator(mode="after")
    def _counterpoise_has_a_meaning(self) -> Self:
        for number, study in enumerate(self.studies, start=1):
            if not isinstance(study, DesolvationStudy | BindingStudy) or not study.counterpoise:
                continue
            calculator = study.calculator or self.calculator
            if calculator.kind != "pyscf":
                raise MisplacedError(
                    f"study {number} ({study.kind}): counterpoise corrects for the basis functions of the other part, "
                    f"and calculator {calculator.kind} has none; leave it away, or set calculator: pyscf:standard",
                    ("studies", number - 1),
                )
            if calculator.energy.solvent is not None:
                raise MisplacedError(
                    f"study {number} ({study.kind}): counterpoise is defined in the gas phase, and this study's final "
                    "energies are in a solvent; leave counterpoise away, or the solvent of the energy level",
                    ("studies", number - 1),
                )
        return self

    @property
    def unused_systems(self) -> list[str]:
        """Names of the systems that no study names."""
        named = {text for study in self.studies for text in _texts(study.model_dump())}
        return [name for name in self.systems if name not in named]

    def recipe(self, name: str) -> StructureRecipe:
        """Return the system of a name, called by it, or the molecule of that name when there is no such system."""
        return self.systems[name].named(name) if name in self.systems else StructureRecipe(molecule=name)

    def adsorbate(self, name: str) -> str | StructureDocument:
        """Return what an adsorbate is built from: a name that is known, else the molecule among the systems as data.

        Raises:
            StructureError: the system cannot be built.
        """
        if is_known(name) or name not in self.systems:
            return name
        return StructureDocument.from_atoms(build(self.recipe(name)))

    def anchored(self, folder: Path) -> Campaign:
        """Make the paths of files absolute; molecule files that studies name become systems.

        Args:
            folder: what relative paths are relative to: the folder of the campaign file.
        """
        from ..calculators.specs import anchored

        systems = {name: recipe.anchored(folder) for name, recipe in self.systems.items()}
        named = [name for study in self.studies for name in study.molecules_named if name not in systems]
        files, names = file_systems(named, folder, taken=systems)
        systems |= files
        studies = [
            study.with_molecules(names).model_copy(
                update={"calculator": study.calculator and anchored(study.calculator, folder)}
            )
            for study in self.studies
        ]
        studies = [_anchored_surrogate(study, folder) for study in studies]
        return self.model_copy(
            update={"systems": systems, "studies": studies, "calculator": anchored(self.calculator, folder)}
        )


def _renamed_sample(sample: Sample, names: Mapping[str, str]) -> Sample:
    places = [place for place in ("system", "adsorbate") if hasattr(sample, place)]
    return sample.model_copy(update={place: renamed(getattr(sample, place), names) for place in places})


def _texts(data: Any) -> Iterator[str]:
    """Yield every text in some data."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list | tuple):
        for part in data.values() if isinstance(data, dict) else data:
            yield from _texts(part)


def _anchored_surrogate(study: Study, folder: Path) -> Study:
    """Make the other paths of a surrogate study absolute."""
    from ..calculators.specs import anchored

    if not isinstance(study, SurrogateStudy):
        return study
    return study.model_copy(
        update={
            "sampler": study.sampler and anchored(study.sampler, folder),
            "labels": study.labels and folder / expanded(study.labels),
        }
    )
