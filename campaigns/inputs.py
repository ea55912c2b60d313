"""The files that the results of a campaign depend on, and the libraries that compute them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..calculators.specs import methods
from ..errors import NotInstalledError, StructureError
from ..structures.building import embed_file
from ..structures.documents import StructureDocument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..calculators.specs import AnySpec
    from .model import Campaign


def input_files(campaign: Campaign) -> list[Path]:
    """Return every file that a result of a campaign depends on.

    Args:
        campaign: with absolute paths.

    Returns:
        Structure and molecule files, label stores, and the files of the calculators; of a code that is not here none.

    Raises:
        WeightsError: weights or a card are missing.
        CapabilityError: an ASE calculator cannot be imported.
    """
    found = [path for recipe in campaign.systems.values() for path in recipe.files]
    found += [path for study in campaign.studies for path in study.files]
    return found + [path for method in methods_of(campaign) for path in _files(method)]


def input_distributions(campaign: Campaign) -> list[str]:
    """Return the distributions whose versions may change the results of a campaign."""
    return ["azibflow", *(name for method in methods_of(campaign) for name in method.distributions())]


def changed_structures(campaign: Campaign, flow: Any) -> list[Path]:
    """Compare the structure files of a campaign with what a flow made of it has embedded.

    Args:
        campaign: with absolute paths.
        flow: the flow as plain data.

    Returns:
        Files that give none of the structures in the flow; molecule files, which early versions did not embed, second
        endpoints, which are embedded in the order of the first, and files that cannot be read any more are not among
        them.
    """
    embedded = set(_embedded(flow))
    reordered = {name for study in campaign.studies for name in study.reordered}
    changed = []
    for name, recipe in campaign.systems.items():
        if name in reordered:
            continue
        try:
            now = embed_file(recipe)
        except StructureError:
            continue
        pairs: list[tuple[object, object]] = [(recipe.file, now.document)]
        if recipe.heterostructure is not None and now.heterostructure is not None:
            before, after = recipe.heterostructure, now.heterostructure
            pairs += [(before.film, after.film), (before.support, after.support)]
        for source, document in pairs:
            if not (isinstance(source, str | Path) and isinstance(document, StructureDocument)):
                continue
            if document.sha256() not in embedded:
                changed.append(Path(source))
    return changed


def methods_of(campaign: Campaign) -> Iterator[AnySpec]:
    """Yield every single method that a campaign computes with, of each study."""
    for study in campaign.studies:
        for calculator in (campaign.calculator_of(study), *study.methods):
            yield from methods(calculator)


def _files(method: AnySpec) -> list[Path]:
    try:
        return method.files()
    except NotInstalledError:  # its jobs compute elsewhere; their results name the files
        return []


def _embedded(record: Any) -> Iterator[str]:
    """Yield the hash of every structure in plain data."""
    if isinstance(record, dict):
        if {"symbols", "positions", "cell"} <= set(record):
            fields = {name: value for name, value in record.items() if name in StructureDocument.model_fields}
            yield StructureDocument.model_validate(fields).sha256()
            return
        for item in record.values():
            yield from _embedded(item)
    elif isinstance(record, list):
        for item in record:
            yield from _embedded(item)
