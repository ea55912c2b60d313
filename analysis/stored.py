"""Results out of stores: the same result once, in the order in which a run produced it."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import ValidationError

from ..errors import RunError
from ..plugins import broken_plugins

if TYPE_CHECKING:
    from maggma.core.store import Store

    from ..hpc.sqlite_file import DamagedDocumentError
    from ..workflows.common.results import FileRecord, StudyLabel

R = TypeVar("R", bound="StudyLabel")

Document = dict[str, Any]

CORRECTION = {"outcome", "reason", "correction", "refinement", "single_points", "opinions", "ensemble"}
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


class StoredResults:
    """The results of some runs, for which every store is read once.

    A study that was run again with the same settings and structures leaves several versions of a result: within one
    source the latest counts, at the place of the first. Studies that differ in anything are several results, whatever
    their names. The results of one study stand together. Documents of a run that are damaged are left out: the jobs
    that they belong to have failed, as [`azibflow.hpc.status.read_status`][] says.

    Args:
        sources: run folders, or stores of Jobflow documents, which know of no folder; in the order of the results.
        classes: import paths of the classes of results that will be asked for, ``package.module:name``.

    Raises:
        RunError: a source is not a run folder, or its store is gone or damaged as a whole.
    """

    def __init__(self, sources: Iterable[Path | Store], classes: Iterable[str]) -> None:
        self.sources = list(sources)
        self._wanted = {_package_and_name(path) for path in classes}
        names = sorted({name for _, name in self._wanted})
        self.damaged: list[DamagedDocumentError] = []
        self._documents = [_by_class(_documents(source, names, self.damaged)) for source in self.sources]

    def holds(self, path: str) -> bool:
        """Tell whether there is any result of a class, without importing it."""
        return any(_package_and_name(path) in documents for documents in self._documents)

    def of_runs(self, model: type[R]) -> list[list[Located[R]]]:
        """Return the results of one kind, run by run.

        Args:
            model: one of the classes.

        Raises:
            RunError: a document does not fit the model.
        """
        asked = _package_and_name(f"{model.__module__}:{model.__name__}")
        if asked not in self._wanted:
            raise KeyError(f"{model.__name__} was not read")
        return [
            _results(source, model, documents.get(asked, []))
            for source, documents in zip(self.sources, self._documents, strict=True)
        ]


def read_results(sources: Iterable[Path | Store], model: type[StudyLabel]) -> StoredResults:
    """Read the results of one class."""
    return StoredResults(sources, [f"{model.__module__}:{model.__name__}"])


def load_results(sources: Iterable[Path | Store], model: type[R]) -> list[R]:
    """Read every result of one kind, as [`StoredResults`][] orders them.

    Args:
        sources: run folders or stores of Jobflow documents, in the order of the table.
        model: class of the results, such as ``MigrationResult``.

    Returns:
        The results; empty when no source holds any. One that is damaged is left out with a warning.

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
        The results, as [`load_results`][] orders them. One that is damaged is left out with a warning.

    Raises:
        RunError: a source is not a run folder, or holds a document that does not fit the model.
    """
    stored = read_results(sources, model)
    for damage in stored.damaged:
        warnings.warn(f"left out: {damage}", stacklevel=3)
    return [located for run in stored.of_runs(model) for located in run]


def nothing_of(kind: str, sources: Iterable[Path]) -> RunError:
    """Return the error that runs hold no result of a kind."""
    return RunError(f"no {kind} result in {', '.join(str(folder) for folder in sources)}")


def _package_and_name(path: str) -> tuple[str, str]:
    """Return what tells a class apart wherever its package has moved it: earlier versions wrote earlier modules."""
    module, _, name = path.partition(":")
    return module.partition(".")[0], name


def _by_class(documents: Iterable[Document]) -> dict[tuple[str, str], list[Document]]:
    found: dict[tuple[str, str], list[Document]] = {}
    for document in documents:
        output = document["output"]
        if isinstance(output, dict):
            found.setdefault(_package_and_name(f"{output['@module']}:{output['@class']}"), []).append(document)
    return found


def _results(source: Path | Store, model: type[R], documents: Sequence[Document]) -> list[Located[R]]:
    latest: dict[str, Located[R]] = {}
    for document in documents:
        output = _without_markers(document["output"])
        try:
            result = model.model_validate(output)
        except ValidationError as error:
            problem = error.errors()[0]
            where = ".".join(str(part) for part in problem["loc"])
            name = source if isinstance(source, Path) else source.name
            raise RunError(
                f"{name}: job {document['uuid']} holds a {model.__name__} that this version cannot read "
                f"({where}: {problem['msg']}); {_advice(problem)}"
            ) from error
        identity = _identity(result)
        known = latest.get(identity)
        copied = known is not None and _files(known.result) == _files(result)
        folder = known.folder if known is not None and copied else _job_folder(source, document)
        latest[identity] = Located(result, folder)
    studies = list(dict.fromkeys(located.result.study for located in latest.values()))
    return sorted(latest.values(), key=lambda one: (one.result.place, studies.index(one.result.study)))


def _advice(problem: Mapping[str, Any]) -> str:
    """Say what to do about an output that cannot be read; one of another package may want that package."""
    if problem["type"] != "union_tag_invalid":
        return "read it with the version that wrote it, or compute it again"
    broken = [f"; {plugin}" for plugin in broken_plugins()]
    return f"install the package that brings {problem['ctx']['tag']!r}{''.join(broken)}"


def _files(result: StudyLabel) -> list[FileRecord]:
    """Return the files of a result: a job that passes it on leaves them in the folder of the one that made it."""
    files: list[FileRecord] = getattr(result, "files", [])
    return files


def _job_folder(source: Path | Store, document: Document) -> Path | None:
    if not isinstance(source, Path):
        return None
    from ..hpc.run_folder import RunFolder

    return RunFolder(source).job_folder((document["uuid"], document["index"]))


def _documents(source: Path | Store, names: Sequence[str], damaged: list[DamagedDocumentError]) -> list[Document]:
    """Return the documents whose output is of some classes, oldest first; add what is damaged to a list."""
    if isinstance(source, Path):
        from ..hpc.run_folder import RunFolder

        folder = RunFolder.open(source)
        folder.check_store()
        with folder.documents() as store, store.leaving_out_damaged() as met:
            found = _documents(store, names, damaged)
        if not folder.keeps_flow() and met:
            raise met[0]
        damaged += met
        return found
    source.connect()
    documents = source.query({"output.@class": {"$in": list(names)}})
    return sorted(documents, key=lambda document: str(document.get("completed_at", "")))


def _without_markers(value: Any) -> Any:
    """Drop the class names that Jobflow adds to every model it stores."""
    if isinstance(value, dict):
        return {k: _without_markers(v) for k, v in value.items() if k not in ("@module", "@class", "@version")}
    return [_without_markers(item) for item in value] if isinstance(value, list) else value


def _identity(result: StudyLabel) -> str:
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
