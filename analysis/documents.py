"""Results out of stores: the same result once, in the order in which a run produced it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from ..errors import RunError

if TYPE_CHECKING:
    from maggma.core.store import Store

    from ..workflows.adsorption import AdsorptionResult
    from ..workflows.barriers import MigrationResult
    from ..workflows.surfaces import SurfaceResult

R = TypeVar("R", "MigrationResult", "AdsorptionResult", "SurfaceResult")

IDENTITY = {
    "MigrationResult": ("study", "host", "ion", "hop", "supercell", "cell_policy", "band"),
    "AdsorptionResult": ("study", "surface", "adsorbate", "bare.settings"),
    "SurfaceResult": ("study", "bulk.settings", "bulk.cell_policy"),
}
"""Fields that say what was asked for; two results of one run that agree in them are one result computed twice."""

ROW_IDENTITY = {
    "AdsorptionResult": ("site", "orientation"),
    "SurfaceResult": ("miller", "termination", "layers"),
}
"""The same for the rows of a result."""


def load_results(sources: Iterable[Path | Store], model: type[R]) -> list[R]:
    """Read every result of one kind.

    A run that was repeated leaves several versions of a result: within one source the latest counts, at the place of
    the first. The results of one study stand together.

    Args:
        sources: run folders or stores of Jobflow documents, in the order of the table.
        model: ``MigrationResult``, ``AdsorptionResult`` or ``SurfaceResult``.

    Returns:
        The results; empty when no source holds any.

    Raises:
        RunError: a source is not a run folder, or holds a document that does not fit the model.
    """
    return [result for source in sources for result in _results_of(source, model)]


def _results_of(source: Path | Store, model: type[R]) -> list[R]:
    latest: dict[str, R] = {}
    for document in _documents(source, model.__name__):
        output = _without_markers(document["output"])
        try:
            result = model.model_validate(output)
        except ValidationError as error:
            problem = error.errors()[0]
            where = ".".join(str(part) for part in problem["loc"])
            name = source if isinstance(source, Path) else source.name
            raise RunError(
                f"{name}: job {document['uuid']} holds a {model.__name__} that this version cannot read "
                f"({where}: {problem['msg']}); read it with the version that wrote it, or compute it again"
            ) from error
        latest[_identity(result)] = result
    studies = list(dict.fromkeys(result.study for result in latest.values()))
    return sorted(latest.values(), key=lambda result: (result.place, studies.index(result.study)))


def _documents(source: Path | Store, class_name: str) -> list[dict[str, Any]]:
    """Return the documents of one class of output, oldest first."""
    if isinstance(source, Path):
        from ..hpc.run_folder import RunFolder

        with RunFolder.open(source).documents() as store:
            return _documents(store, class_name)
    source.connect()
    documents = source.query({"output.@class": class_name})
    return sorted(documents, key=lambda document: str(document.get("completed_at", "")))


def _without_markers(value: Any) -> Any:
    """Drop the class names that Jobflow adds to every model it stores."""
    if isinstance(value, dict):
        return {k: _without_markers(v) for k, v in value.items() if k not in ("@module", "@class", "@version")}
    return [_without_markers(item) for item in value] if isinstance(value, list) else value


def _identity(result: BaseModel) -> str:
    name = type(result).__name__
    data = result.model_dump(mode="json")
    asked = [reduce(getitem, field.split("."), data) for field in IDENTITY[name]]
    rows = [[row[field] for field in ROW_IDENTITY[name]] for row in data.get("rows", [])]
    return json.dumps([asked, rows, data["calculator"]["spec"]])
