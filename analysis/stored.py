"""Results out of stores: the same result once, in the order in which a run produced it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import ValidationError

from ..errors import RunError

if TYPE_CHECKING:
    from maggma.core.store import Store

    from ..workflows.adsorption.results import AdsorptionResult
    from ..workflows.breathing.results import BreathingResult
    from ..workflows.common.results import FileRecord
    from ..workflows.interfaces import InterfaceResult
    from ..workflows.migration.results import MigrationResult
    from ..workflows.molecular.binding import BindingResult
    from ..workflows.molecular.desolvation_results import DesolvationResult
    from ..workflows.molecular.esp import EspResult
    from ..workflows.molecular.orbitals import OrbitalsResult
    from ..workflows.surfaces import SurfaceResult
    from ..workflows.surrogate.publication import SurrogateResult

R = TypeVar(
    "R",
    "MigrationResult",
    "AdsorptionResult",
    "SurfaceResult",
    "DesolvationResult",
    "BindingResult",
    "OrbitalsResult",
    "EspResult",
    "BreathingResult",
    "InterfaceResult",
    "SurrogateResult",
)

CORRECTION = {"outcome", "reason", "correction", "single_points"}
"""What correcting by a better method changes in a result or in its rows."""


@dataclass(frozen=True)
class Located(Generic[R]):
    """A result, and where the job that made it left its files.

    Attributes:
        result: the result.
        folder: folder of the job; none when the result was read from a store alone.
    """

    result: R
    folder: Path | None

    def file(self, record: FileRecord) -> Path:
        """Return a file of the job, checked against what was written.

        Args:
            record: one of the result's files.

        Raises:
            RunError: the file is missing, or not the one that the job wrote.
        """
        if self.folder is None:
            raise RunError(f"{record.path} ({record.holds}) is a file: name the run folder it lies in, not its store")
        path = self.folder / record.path
        if not path.is_file():
            raise RunError(
                f"{path} ({record.holds}) is missing; copy the jobs of a run along with its store, or compute it again"
            )
        if hashlib.sha256(path.read_bytes()).hexdigest() != record.sha256:
            raise RunError(f"{path} ({record.holds}) has changed since its job wrote it; compute it again")
        return path


def load_results(sources: Iterable[Path | Store], model: type[R]) -> list[R]:
    """Read every result of one kind.

    A study that was run again with the same settings and structures leaves several versions of a result: within one
    source the latest counts, at the place of the first. Studies that differ in anything are several results, whatever
    their names. The results of one study stand together.

    Args:
        sources: run folders or stores of Jobflow documents, in the order of the table.
        model: class of the results, such as ``MigrationResult``.

    Returns:
        The results; empty when no source holds any.

    Raises:
        RunError: a source is not a run folder, or holds a document that does not fit the model.
    """
    return [located.result for located in load_located(sources, model)]


def load_located(sources: Iterable[Path | Store], model: type[R]) -> list[Located[R]]:
    """Read every result of one kind, each with the folder of the job that made it.

    Args:
        sources: run folders, or stores of Jobflow documents, which know of no folder.
        model: class of the results.

    Returns:
        The results, as :func:`load_results` orders them.

    Raises:
        RunError: a source is not a run folder, or holds a document that does not fit the model.
    """
    return [located for source in sources for located in _results_of(source, model)]


def _results_of(source: Path | Store, model: type[R]) -> list[Located[R]]:
    latest: dict[str, Located[R]] = {}
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
        identity = _identity(result)
        known = latest.get(identity)
        copied = known is not None and _files(known.result) == _files(result)
        folder = known.folder if known is not None and copied else _job_folder(source, document)
        latest[identity] = Located(result, folder)
    studies = list(dict.fromkeys(located.result.study for located in latest.values()))
    return sorted(latest.values(), key=lambda one: (one.result.place, studies.index(one.result.study)))


def _files(result: R) -> list[FileRecord]:
    """Return the files of a result: a job that passes it on leaves them in the folder of the one that made it."""
    return getattr(result, "files", [])


def _job_folder(source: Path | Store, document: dict[str, Any]) -> Path | None:
    if not isinstance(source, Path):
        return None
    from ..hpc.run_folder import RunFolder

    return RunFolder(source).job_folder((document["uuid"], document["index"]))


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


def _identity(result: R) -> str:
    """Return what two documents share that hold one result: computed again, corrected since, or only copied.

    Every setting and structure that a study was given is in ``given``. Without it (earlier versions), documents hold
    one result only if they agree in all but its correction.
    """
    if result.given:
        return json.dumps([result.study, result.place, result.given])
    return json.dumps(_uncorrected(result.model_dump(mode="json")), sort_keys=True)


def _uncorrected(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _uncorrected(held) for key, held in value.items() if key not in CORRECTION}
    return [_uncorrected(item) for item in value] if isinstance(value, list) else value
