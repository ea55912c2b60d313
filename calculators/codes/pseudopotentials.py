"""Pseudopotentials of Quantum ESPRESSO: which file is an element's, and what its header says of it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ...errors import CapabilityError, NotInstalledError

if TYPE_CHECKING:
    from ..kinds.espresso import EspressoSpec

VARIABLE = "ESPRESSO_PSEUDO"
"""Names the folder of pseudopotentials, as for pw.x itself."""
ENDINGS = (".upf", ".gth")
GRADIENTS = {
    "pbe": {"PBE", "PBX", "PBC"},
    "pbesol": {"PBESOL", "PSX", "PSC"},
    "lda": {"LDA", "PZ", "NOGX", "NOGC"},
}
"""By which words, beside those of Slater's exchange and Perdew's and Wang's correlation, headers mean a functional."""
FUNCTIONALS_OF_GTH = {1: "lda", 7: "lda", 11: "pbe", -101130: "pbe"}


class Pseudopotential(NamedTuple):
    """What calculations need to know of a file.

    Attributes:
        path: the file.
        element: chemical symbol.
        functional: that it was made for, as campaigns write it, else as the file does.
        valence: electrons of the atom that it leaves.
    """

    path: Path
    element: str
    functional: str
    valence: float


def pseudo_folder() -> Path:
    """Find the folder of pseudopotentials.

    Raises:
        NotInstalledError: nothing says where it is, or it is not there.
    """
    said = os.environ.get(VARIABLE)
    if not said:
        raise NotInstalledError(f"espresso: the variable {VARIABLE} has to name the folder of the pseudopotentials")
    folder = Path(said).expanduser().absolute()
    if not folder.is_dir():
        raise NotInstalledError(f"espresso: {VARIABLE}={said!r} is no folder that is here")
    return folder


def pseudopotential(element: str, spec: EspressoSpec) -> Pseudopotential:
    """Find the pseudopotential of an element and read its header.

    Raises:
        CapabilityError: there is none, or several to choose from; or it is another element's or functional's.
    """
    path = _named(element, spec) or _only(element)
    found = header(path)
    if found.element != element:
        raise CapabilityError(f"espresso: {path} is a pseudopotential of {found.element}, not of {element}")
    if found.functional != spec.functional:
        raise CapabilityError(
            f"espresso: {path} was made for {found.functional}, not for functional: {spec.functional}; name another "
            f"file by pseudopotentials: {{{element}: FILE}}"
        )
    return found


def pseudopotential_files() -> list[Path]:
    """Return all pseudopotentials of the folder."""
    return [path for path in pseudo_folder().iterdir() if path.suffix.lower() in ENDINGS]


def header(path: Path) -> Pseudopotential:
    """Read element, functional and valence electrons from the header of a pseudopotential.

    Args:
        path: UPF of version 1 or 2, or GTH in the form of ABINIT.

    Raises:
        CapabilityError: it says none of them.
    """
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        return _gth(path, text) if path.suffix.lower() == ".gth" else _upf(path, text)
    except (ValueError, IndexError, KeyError) as error:
        raise CapabilityError(f"espresso: {path} does not say element, functional and valence as UPF does") from error


def _upf(path: Path, text: str) -> Pseudopotential:
    if version_2 := re.search(r"<PP_HEADER\s([^>]*)/?>", text):
        said = dict(re.findall(r'(\w+)\s*=\s*"\s*([^"]*?)\s*"', version_2[1]))
        element, functional, valence = said["element"], said["functional"], said["z_valence"]
    else:
        lines = text.partition("<PP_HEADER>")[2].partition("</PP_HEADER>")[0].splitlines()
        names = ("Element", "Exchange-Correlation", "Z valence")
        said = {name: line.partition(name)[0] for line in lines for name in names if name in line}
        element, functional, valence = (said[name] for name in names)
    return Pseudopotential(path, element.strip().capitalize(), functional_of(functional), float(valence))


def _gth(path: Path, text: str) -> Pseudopotential:
    from ase.data import chemical_symbols

    lines = [line.split() for line in text.splitlines()]
    functional = FUNCTIONALS_OF_GTH.get(int(lines[2][1]), f"pspxc {lines[2][1]}")
    return Pseudopotential(path, chemical_symbols[round(float(lines[1][0]))], functional, float(lines[1][1]))


def functional_of(words: str) -> str:
    """Read how a header names a functional: PBE, or SLA PW PBX PBC; one that is not known is returned as it is.

    Args:
        words: of the header.
    """
    rest = set(re.findall(r"[A-Z0-9]+", words.upper())) - {"SLA", "PW"}
    if not rest:
        return "lda"
    return next((name for name, known in GRADIENTS.items() if rest <= known), " ".join(words.split()))


def _named(element: str, spec: EspressoSpec) -> Path | None:
    name = spec.pseudopotentials.get(element)
    if name is None:
        return None
    path = pseudo_folder() / name
    if not path.is_file():
        raise CapabilityError(f"espresso: there is no {path}, which pseudopotentials names for {element}")
    return path


def _only(element: str) -> Path:
    """Return the file whose name begins with an element: Zn.UPF, zn_pbe_v1.upf, Zn.pbe-dn-kjpaw_psl.1.0.0.UPF."""
    begins = re.compile(rf"{element}([._-].*)?$", re.IGNORECASE)
    files = sorted(path for path in pseudopotential_files() if begins.match(path.stem))
    if len(files) == 1:
        return files[0]
    has = f"several for it: {', '.join(path.name for path in files)}" if files else "none for it"
    raise CapabilityError(
        f"espresso: no one pseudopotential for {element} in {pseudo_folder()}, which has {has}; "
        f"pseudopotentials: {{{element}: FILE}} names the one to take"
    )
