"""What every kind of calculator is: a small validated model that names it, and what the package asks of it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict

from ..capabilities import Capabilities
from ..dependencies import distributions, loaded_code, own_code, versions
from ..weights import WeightsRecord

if TYPE_CHECKING:
    from ase import Atoms

    from ..costs.size import Size
    from ..dispersion import Dispersion
    from ..surrogates.trust import Trust

Work: TypeAlias = Literal["surrogate", "dft"]
"""Kinds of work that machine profiles give resources: seconds on a few cores or a GPU, or hours on many cores."""


class Frozen(BaseModel):
    """A model that cannot be changed and knows no other keys."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


class Spec(Frozen):
    """A calculator as campaigns write it; the base of every kind.

    A kind sets ``kind`` to a literal of its own with a default, says what its fields are, and answers ``queue``,
    ``make`` and ``capabilities``; everything else has an answer that suits a potential without files. A field
    ``dispersion`` of type ``Dispersion`` is added to what the calculator computes; a field ``device`` of type
    ``Device`` goes into the record of every result.
    """

    says: ClassVar[str] = ""
    """What it is and what it is good for, in a line."""
    modules: ClassVar[tuple[str, ...]] = ()
    """Modules that have to be importable."""
    install: ClassVar[str] = ""
    """How those are installed."""
    libraries: ClassVar[tuple[str, ...]] = ()
    """Distributions that compute, beside ASE and the one that brings the kind; their versions are in every result."""
    word: ClassVar[str] = ""
    """Field that what follows the colon of a word fills, as in ``mace:FILE``; empty for none."""
    word_means: ClassVar[str] = ""
    """What that is, in capitals."""
    costs: ClassVar[frozenset[str]] = frozenset()
    """Fields that decide what a number costs and not what it is."""
    accuracy: ClassVar[Mapping[str, Literal["larger", "smaller"]]] = {}
    """Fields that decide how near to convergence its numbers are, and which values are finer."""
    caveat: ClassVar[str] = ""
    """What tables say below its energies of molecules."""
    preoptimised: ClassVar[bool] = False
    """Whether GFN2-xTB relaxes even a single start before it: steps cost much, or it knows no other structures."""
    cites: ClassVar[tuple[str, ...]] = ()
    """Keys of what a paper that uses it cites, in ``data/references.bib``."""
    tested: ClassVar[bool] = False
    """Whether the tests of this package hold it to the contract, so that no process has to."""

    kind: str

    @abstractmethod
    def queue(self) -> Work:
        """Say which work it is: machine profiles give each its resources."""

    def accuracy_of(self, key: str) -> float:
        """Return the value of a key of its ``accuracy``, also where nothing was said."""
        return float(getattr(self, key))

    def writes_files(self) -> bool:
        """Say whether it writes into a folder, of which every calculator then has its own."""
        return False

    @abstractmethod
    def make(self) -> Any:
        """Make one ASE calculator, without dispersion; networks are loaded once per process."""

    @abstractmethod
    def capabilities(self) -> Capabilities:
        """Say what it can compute."""

    def make_resuming(self, checkpoint: Path) -> Any:
        """Make one that goes on where a killed one stopped, within one structure; most have nothing to keep.

        Args:
            checkpoint: file in which a self-consistent field may keep its orbitals.
        """
        return self.make()

    def for_cell(self, atoms: Atoms) -> Self:
        """Return itself with all that goes by the cell written out, so that it stays when the cell moves."""
        return self

    def check(self, atoms: Atoms) -> None:
        """Refuse atoms for reasons that capabilities cannot tell.

        Raises:
            CapabilityError: it cannot compute these atoms.
        """

    def check_moving_cell(self) -> None:
        """Refuse to relax a cell where the settings give its energy but not its stress.

        Raises:
            CapabilityError: they do not.
        """

    def weights(self) -> tuple[WeightsRecord, ...]:
        """Hash its weights; several are a committee.

        Raises:
            WeightsError: they are missing, or not what their hash promises.
        """
        return ()

    def number_of_weights(self) -> int | None:
        """Say how many weights the record of a result has to name; none for any number."""
        return None

    def code(self) -> tuple[WeightsRecord, ...]:
        """Hash the other files that decide its numbers: code that no distribution brings, what options name."""
        return loaded_code(type(self).__module__)

    def files(self) -> list[Path]:
        """Return every file whose contents change its numbers: weights, a card, own code, what options name."""
        return own_code(type(self).__module__)

    def distributions(self) -> list[str]:
        """Return the distributions whose versions are recorded, ASE first."""
        added = ["dftd3"] if self.added_dispersion() is not None else []
        return ["ase", *self.libraries, *distributions(type(self).__module__), *added]

    def versions(self) -> dict[str, str]:
        """Return the versions of everything that computes, by name of the distribution."""
        return versions(self.distributions())

    def added_dispersion(self) -> Dispersion | None:
        """Return the dispersion correction that is added to what it computes."""
        return getattr(self, "dispersion", None)

    def size(self, atoms: Atoms) -> Size | None:
        """Say how large a self-consistent field of it is, by which its cost is estimated; none when it cannot tell."""
        return None

    def trust(self, atoms: Atoms) -> Trust | None:
        """Say how far its numbers for a structure can be believed; none when it cannot tell."""
        return None

    def medium(self) -> str:
        """Say what surrounds the molecules of final energies."""
        return "gas phase"

    def in_words(self) -> str:
        """Name the method of structures, for those who read a card."""
        return self.kind

    def at_geometry_level(self) -> Spec:
        """Return what decides structures, without what decides final energies alone."""
        return self

    def methods(self) -> tuple[Spec, ...]:
        """Return the single methods behind it: itself."""
        return (self,)

    def anchored(self, folder: Path) -> Self:
        """Make the paths of files absolute, so that a job in another folder still finds them.

        Args:
            folder: what relative paths are relative to.
        """
        return self

    def pinned(self) -> Self:
        """Give files the hashes they have now, so that a job later on refuses any other."""
        return self

    def unpinned(self) -> Self:
        """Take such hashes out: whether a spec says itself which hash a file has makes no difference to numbers."""
        return self

    def extensive(self) -> bool:
        """Say whether a doubled cell has twice the energy, as of a potential; with k-points it has not."""
        return self.queue() == "surrogate"

    def example(self) -> Atoms | None:
        """Return a few atoms that it can compute, on which the contract is checked; none to have one made."""
        return None

    @classmethod
    def missing(cls) -> str:
        """Say what is not installed that it needs, and how to install it; empty when all is here."""
        absent = [module for module in cls.modules if find_spec(module) is None]
        return f"not installed; {cls.install or 'needs ' + ', '.join(absent)}" if absent else ""

    @classmethod
    def names(cls) -> list[str]:
        """Return words that by themselves stand for one such calculator, as ``zn-water`` does for a surrogate."""
        return []
