"""Any calculator of ASE, by import path."""

from __future__ import annotations

from functools import lru_cache
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from ...errors import CapabilityError
from ...paths import expanded
from ...structures.elements import Element
from ..capabilities import Capabilities
from ..dependencies import distributions, loaded_code, module_of, named_files, own_code
from ..dispersion import Dispersion
from ..import_paths import classes_in, imported, made, said, with_absolute_paths
from ..isolated.environments import ENVIRONMENTS
from ..weights import WeightsRecord
from .base import Spec, Work

if TYPE_CHECKING:
    from ..isolated.process import Process

_CALCULATOR_HAS = ("implemented_properties", "get_property", "get_potential_energy", "get_forces")


class AseSpec(Spec):
    """Any ASE calculator by import path, so that CP2K, VASP, GPAW and others can be used.

    What it can do is the user's to declare: it is not known here. An option that is an object, as a profile of
    Espresso, ORCA or Aims, is written ``{class: "ase.calculators.espresso:EspressoProfile", options: {...}}``. Of a
    potential (``work: surrogate``) a process has one object for all structures; of a code (``work: dft``) every image
    and relaxation has its own, which writes into a folder of its own.
    """

    says: ClassVar[str] = "any ASE calculator by import path; its limits are declared in the spec"
    word: ClassVar[str] = "calculator"
    word_means: ClassVar[str] = "IMPORT.PATH"
    costs: ClassVar[frozenset[str]] = frozenset({"work"})

    kind: Literal["ase"] = Field("ase", description="an ASE calculator")
    calculator: str = Field(description="import path of the class, such as ase.calculators.emt:EMT")
    options: dict[str, Any] = Field(default_factory=dict, description="keyword arguments of the class")
    work: Work = Field(
        "dft",
        # Not written where nobody asked: specs of earlier versions keep their hash.
        exclude_if=lambda work: work == "dft",
        description="kind of work: surrogate is a potential, which keeps nothing from one structure to the next; dft "
        "is everything else",
    )
    python: str | None = Field(
        default=None,
        exclude_if=lambda python: python is None,
        description="interpreter of another Python environment, in which a potential (work: surrogate) computes, or "
        "name of an environment that azibflow calculators --install has made; none: this one",
    )
    elements: tuple[Element, ...] | None = Field(default=None, description="elements it can compute; none means any")
    periodic: bool | None = Field(
        default=None, description="true: needs three periodic directions; false: molecules only; none: any"
    )
    charges: tuple[int, ...] | None = Field(
        default=None, description="total charges, elementary charges; none means any"
    )
    dispersion: Dispersion | None = Field(default=None, description="D3 correction; none adds none")

    @model_validator(mode="after")
    def _potential_elsewhere(self) -> Self:
        if self.python is not None and self.work != "surrogate":
            raise ValueError("python: is for potentials (work: surrogate); a code names its program in options")
        return self

    def in_words(self) -> str:
        """Name the class."""
        return self.calculator.rpartition(":")[2].rpartition(".")[2]

    def queue(self) -> Work:
        """Say which work it is, as the spec does."""
        return self.work

    def writes_files(self) -> bool:
        """Codes do; potentials have nothing to write."""
        return self.work == "dft"

    def make(self) -> Any:
        """Make one calculator, of a potential the one of this process.

        Raises:
            CapabilityError: the class cannot be imported, or does not take its options.
        """
        if self.python is not None:
            from ..isolated.calculator import IsolatedCalculator

            return IsolatedCalculator(*self._elsewhere())
        if self.work == "surrogate":
            return _of_process(self.model_dump_json(), self.code())
        return self._made()

    def _made(self) -> Any:
        found = imported_calculator(self.calculator)
        options = {name: made(value) for name, value in self.options.items()}
        try:
            return found(**options)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # code of others
            raise CapabilityError(f"ase: {self.calculator} does not take these options: {said(error)}") from error

    def capabilities(self) -> Capabilities:
        """Return the limits that the user declared, and the properties of the class.

        Raises:
            CapabilityError: a class cannot be imported, or does not take these options.
        """
        return Capabilities(
            elements=None if self.elements is None else frozenset(self.elements),
            periodic=self.periodic,
            charges=None if self.charges is None else frozenset(self.charges),
            properties=self._declared_properties(),
            note="limits as declared in the spec",
        )

    def _declared_properties(self) -> tuple[str, ...]:
        """Look at class and options; nothing is computed."""
        if self.python is not None:
            return self._process().properties
        calculator = imported_calculator(self.calculator)
        for path in classes_in(self.options):
            imported(path)
        try:
            signature(calculator).bind(**self.options)
        except TypeError as error:
            raise CapabilityError(f"ase: {self.calculator} does not take these options: {error}") from error
        except ValueError:
            pass  # compiled code that does not tell
        declared = calculator.implemented_properties
        return tuple(declared) if isinstance(declared, list | tuple) else ("energy", "forces")

    def code(self) -> tuple[WeightsRecord, ...]:
        """Hash the user's own code, and the files that options name."""
        code = [record for module in self._imported_modules() for record in loaded_code(module)]
        return (*dict.fromkeys(code), *map(WeightsRecord.of, named_files(self.options)))

    def files(self) -> list[Path]:
        """Return the user's own code, and the files that options name."""
        code = [path for module in self._imported_modules() for path in own_code(module)]
        return [*dict.fromkeys(code), *named_files(self.options)]

    def distributions(self) -> list[str]:
        """Return the distributions that bring the classes."""
        brought = [name for path in self._paths() for name in distributions(module_of(path))]
        return list(dict.fromkeys([*super().distributions(), *brought]))

    def versions(self) -> dict[str, str]:
        """Return the versions of everything that computes, here and in the other environment."""
        return super().versions() | ({} if self.python is None else self._process().versions)

    def _process(self) -> Process:
        from ..isolated.process import process_of

        return process_of(*self._elsewhere())

    def _elsewhere(self) -> tuple[Path, str, dict[str, Any]]:
        module, _, name = self.calculator.replace(":", ".").rpartition(".")
        return self._interpreter(), f"{module}:{name}", self.options

    def _interpreter(self) -> Path:
        python = self.python or ""
        if python not in ENVIRONMENTS:
            return Path(python)
        if problem := ENVIRONMENTS[python].problem():
            raise CapabilityError(f"ase: {problem}")
        return ENVIRONMENTS[python].python

    def _paths(self) -> list[str]:
        if self.python is not None:
            return []
        return [self.calculator, *classes_in(self.options)]

    def _imported_modules(self) -> list[str]:
        """Name the modules of the classes, all of which can be imported."""
        for path in self._paths():
            imported(path)
        return [module_of(path) for path in self._paths()]

    def anchored(self, folder: Path) -> Self:
        """Make the paths in options absolute that name a file or folder beside the campaign."""
        known = self.python is None or self.python in ENVIRONMENTS
        python = self.python if known else str(folder / expanded(str(self.python)))
        return self.model_copy(update={"options": with_absolute_paths(self.options, folder), "python": python})


def imported_calculator(path: str) -> Any:
    """Import the class of a calculator.

    Args:
        path: ``package.module:Class`` or ``package.module.Class``.

    Raises:
        CapabilityError: there is none, or it is no ASE calculator.
    """
    found = imported(path)
    if not isinstance(found, type) or not all(hasattr(found, name) for name in _CALCULATOR_HAS):
        raise CapabilityError(f"ase: {path!r} is no class of an ASE calculator")
    return found


@lru_cache(maxsize=4)
def _of_process(spec: str, _files: tuple[WeightsRecord, ...]) -> Any:
    """Make a potential once; what its options name is an argument so that a changed file is loaded anew."""
    return AseSpec.model_validate_json(spec)._made()
