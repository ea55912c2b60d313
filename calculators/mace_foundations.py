"""Foundation models of mace-torch: their names, licences and files, and how one is fetched."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import warnings
from http.client import HTTPException
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.request import urlopen

from ..errors import CapabilityError, WeightsError

if TYPE_CHECKING:
    from types import ModuleType

# The two addresses that mace-torch 0.3.16 has inside functions, where no import reaches them; a test compares.
OMOL_URL = (
    "https://github.com/ACEsuit/mace-foundations/releases/download/mace_omol_0/MACE-omol-0-extra-large-1024.model"
)
ANICC_URL = "https://github.com/ACEsuit/mace/raw/main/mace/calculators/foundations_models/ani500k_large_CC.model"

UNSTATED = "licence not stated by mace-torch"
ASL_TERMS = "ASL, the Academic Software License, does not permit commercial use: https://github.com/gabor1/ASL"

# fmt: off
LICENCES = {
    "MIT": (
        "small", "medium", "large", "small-0b", "medium-0b", "small-0b2", "medium-0b2", "large-0b2", "medium-0b3",
        "medium-mpa-0", "anicc",
    ),
    "ASL": (
        "small-omat-0", "medium-omat-0", "mace-matpes-pbe-0", "mace-matpes-r2scan-0", "mh-0", "mh-1",
        "off-small", "off-medium", "off-large", "omol-extra-large",
    ),
}
# fmt: on
"""What mace-torch 0.3.16 says, in its docstrings, the notices of its downloads and the table of its README (the only
place that has mh-0 and mh-1). Of the polar models it says nothing, and nothing is assumed of models yet to come."""


class Foundation(NamedTuple):
    """One foundation model: where mace-torch gets it, and where it keeps it."""

    name: str
    family: str
    """The function of mace-torch that loads it."""
    url: str
    file: Path

    @property
    def licence(self) -> str:
        """Licence of the weights, as mace-torch states it."""
        return next((licence for licence, names in LICENCES.items() if self.name in names), UNSTATED)


def foundations() -> dict[str, Foundation]:
    """List the foundation models that the installed mace-torch knows, without network access.

    ``mace_mp`` and ``mace_off`` both have a ``small``: names are those of mace-torch for ``mace_mp`` and
    ``mace_polar``, and begin with the family for the others. ``mace_anicc`` is kept inside mace-torch's own package,
    the others in its cache.

    Returns:
        By name, in the order of mace-torch.

    Raises:
        CapabilityError: mace-torch is not installed.
    """
    import_mace()
    library = import_module("mace.calculators.foundations_models")
    cache = Path(import_module("mace.tools.utils").get_cache_dir())
    package = Path(library.module_dir)
    polar = getattr(library, "polar_model_urls", {})
    found = [
        *(Foundation(name, "mace_mp", url, cache / _letters(url)) for name, url in library.mace_mp_urls.items()),
        *(
            Foundation(f"off-{name}", "mace_off", url, cache / _last(url))
            for name, url in library.mace_off_urls.items()
        ),
        Foundation("omol-extra-large", "mace_omol", OMOL_URL, cache / _last(OMOL_URL)),
        Foundation("anicc", "mace_anicc", ANICC_URL, package / "foundations_models" / _last(ANICC_URL)),
        *(Foundation(name, "mace_polar", url, cache / _letters(url)) for name, url in polar.items()),
    ]
    # Some builds of mace-torch bring the default model along, and then prefer it to the cache.
    bundled = Path(library.local_model_path)
    return {
        one.name: one._replace(file=bundled) if one.name == "medium-mpa-0" and bundled.is_file() else one
        for one in found
    }


def foundation(name: str) -> Foundation:
    """Find a foundation model by name, whether or not its file is there.

    Args:
        name: such as ``medium-mpa-0`` or ``omol-extra-large``.

    Returns:
        The model.

    Raises:
        WeightsError: mace-torch knows no such model.
        CapabilityError: mace-torch is not installed.
    """
    from difflib import get_close_matches

    known = foundations()
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise WeightsError(
            f"mace: {name!r} is no foundation model of mace-torch{hint} (azibflow calculators lists the names; a file "
            "is named with its ending or folder)"
        )
    return known[name]


def fetch_foundation(name: str) -> Path:
    """Download a foundation model to where mace-torch looks for it; the only function here that uses the network.

    Args:
        name: such as ``medium-mpa-0``.

    Returns:
        Path of the file; one that is there already is kept.

    Raises:
        WeightsError: the name is unknown or the download failed.
        CapabilityError: mace-torch is not installed.
    """
    model = foundation(name)
    if not model.file.is_file():
        try:
            _download(model.url, model.file)
        except (OSError, HTTPException) as error:
            raise WeightsError(
                f"mace: {name} could not be downloaded from {model.url} to {model.file}: {error}"
            ) from error
    return model.file


def listing() -> list[str]:
    """Describe the foundation models in a few lines: by family and licence, with those whose file is here marked."""
    lines: dict[tuple[str, str, Path], list[str]] = {}
    for model in foundations().values():
        names = lines.setdefault((model.family, model.licence, model.file.parent), [])
        names.append(f"{model.name} (here)" if model.file.is_file() else model.name)
    found = [f"{family}: {', '.join(names)}; {licence}; {place}" for (family, licence, place), names in lines.items()]
    return [*found, ASL_TERMS]


def import_mace() -> ModuleType:
    """Import mace.calculators quietly, and undo what that does to the environment.

    The import sets TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD, which would let every later ``torch.load`` of the process, and of
    its children, unpickle anything.

    Raises:
        CapabilityError: mace-torch is not installed.
    """
    variable = "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"
    before = os.environ.get(variable)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.filterwarnings("ignore", f"Environment variable {variable}", UserWarning)
            return import_module("mace.calculators")
    except ImportError as error:
        raise CapabilityError(
            "mace-torch is not installed; install it with: pip install mace-torch (after torch)"
        ) from error
    finally:
        if before is None:
            os.environ.pop(variable, None)


def _last(url: str) -> str:
    return url.rsplit("/", 1)[-1].split("?")[0]


def _letters(url: str) -> str:
    """Name a file as ``mace_mp`` and ``mace_polar`` do: without dots and hyphens."""
    return "".join(c for c in url.rsplit("/", 1)[-1] if c.isalnum() or c == "_")


def _download(url: str, path: Path) -> None:
    """Write what a URL answers to a file, which is there completely or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with urlopen(url, timeout=120) as answer, part.open("wb") as file:  # noqa: S310 - addresses of mace-torch
            if answer.headers.get_content_type() == "text/html":
                raise OSError("the server sent a web page")
            shutil.copyfileobj(answer, file, 1 << 20)
            # A connection that breaks looks like the end of the file.
            promised = answer.headers.get("Content-Length")
            if promised is not None and file.tell() != int(promised):
                raise OSError(f"the connection broke after {file.tell()} of {promised} bytes")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
