"""Images of a band in processes side by side: each has its own calculator, in the same process from step to step."""

from __future__ import annotations

import logging
import pickle
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cached_property
from io import StringIO
from logging.handlers import QueueHandler
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes, compare_atoms

from ..errors import CalculationError, RunError
from ..room import borrowed
from .checkpoints import RECORDED, Journal, engine, evaluation
from .devices import resolved
from .folders import numbered

if TYPE_CHECKING:
    from .specs import CalculatorSpec

Factory = Callable[[], Any]


@contextmanager
def processes_for_images(spec: CalculatorSpec, images: int) -> Iterator[Sequence[Executor]]:
    """Borrow processes for the images of a band.

    Args:
        spec: the calculator of the band.
        images: moving images.

    Yields:
        Executors of one process each; none where there is no room, or where the calculator has a GPU, which a single
        process uses best.
    """
    with borrowed(images) as lent:
        device = getattr(spec, "device", None) if lent else None
        yield lent if device is None or resolved(device) == "cpu" else ()


def calculators_elsewhere(factory: Factory, number: int, executors: Sequence[Executor]) -> list[RemoteCalculator]:
    """Make the calculators of a band in processes, image i always in that of executor i modulo their number.

    What a calculator keeps from one geometry to the next, as the density of a self-consistent field, stays with its
    image, so that the numbers are those of one process.

    Args:
        factory: makes one calculator per call; it can be pickled.
        number: of calculators.
        executors: of one process each.
    """
    band = uuid4().hex
    return [RemoteCalculator(executors[i % len(executors)], factory, band, i) for i in range(number)]


def begin_together(journal: Journal, images: Sequence[Atoms]) -> None:
    """Begin with all images that are new and not in the journal, before one is waited for.

    They are asked for in the order of the images all the same, so that the journal does not tell how many were computed
    at a time.

    Args:
        journal: of the band.
        images: with the calculators of [`calculators_elsewhere`][] inside recording ones, in the order in which they
            are asked for.
    """
    new = [image for image in images if image.calc.calculation_required(image, ["forces"])]
    for image in new[journal.ahead :]:
        image.calc.calculator.begin(image)


class RemoteCalculator(Calculator):  # type: ignore[misc]
    """Asks a calculator in another process, which can be told to begin before the answer is wanted.

    Args:
        executor: of that process.
        factory: makes the calculator there.
        band: which calculators belong together.
        number: of this one among them.
    """

    implemented_properties = ("energy", "free_energy", "forces", "stress")

    def __init__(self, executor: Executor, factory: Factory, band: str, number: int) -> None:
        super().__init__()
        self._executor = executor
        self._called = (factory, band, number)
        self._image = number
        self._engine: Future[_Answer] = executor.submit(_answer, _engine, *self._called)
        self._begun: tuple[Atoms, Future[_Answer]] | None = None

    @cached_property
    def identity(self) -> str:
        """What says which calculator it is; see ``calculation_identity``."""
        return str(self._value(self._engine))

    def begin(self, atoms: Atoms) -> None:
        """Begin with a geometry that will be asked for next."""
        copy = atoms.copy()
        self._begun = copy, self._executor.submit(_answer, _evaluate, *self._called, copy)

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: list[str] | None = None,
        system_changes: list[str] = all_changes,
    ) -> None:
        """Wait for the answer about a geometry, which is begun with unless it was before.

        Raises:
            RunError: the process has died.
        """
        super().calculate(atoms, properties, system_changes)
        if self._begun is None or compare_atoms(self._begun[0], self.atoms):
            self.begin(self.atoms)
        assert self._begun is not None
        self.results = self._value(self._begun[1])
        self._begun = None

    def _value(self, asked: Future[_Answer]) -> Any:
        """Wait for an answer, and say here what was printed and logged there."""
        try:
            answer = asked.result()
        except RunError as lost:
            raise RunError(f"image {self._image} of the band: {lost}") from lost
        print(answer.printed, end="")
        for record in answer.logged:
            logging.getLogger(record.name).handle(record)
        if answer.error is not None:
            raise answer.error
        return answer.value


@dataclass(frozen=True)
class _Answer:
    """What comes back from another process.

    Attributes:
        value: asked for; none when there is an error.
        error: why there is none.
        printed: meanwhile.
        logged: meanwhile.
    """

    value: Any
    error: Exception | None
    printed: str
    logged: list[logging.LogRecord]


def _answer(function: Callable[..., Any], *words: Any) -> _Answer:
    """Call a function in this process; what it prints and logs is for the log of the job, which is another process."""
    value, error, printed, logged = None, None, StringIO(), SimpleQueue[logging.LogRecord]()
    handler, root = QueueHandler(logged), logging.getLogger()  # type: ignore[arg-type]
    root.addHandler(handler)
    logging.getLogger("azibflow").setLevel(logging.INFO)
    with redirect_stdout(printed), redirect_stderr(printed):
        try:
            value = function(*words)
        except Exception as failure:  # of whatever code of others
            traceback.print_exc()
            error = _sendable(failure)
    root.removeHandler(handler)
    return _Answer(value, error, printed.getvalue(), [logged.get() for _ in range(logged.qsize())])


_made: dict[tuple[str, int], Any] = {}
"""Calculators of this process by band and number; of one band at a time."""


def _calculator(factory: Factory, band: str, number: int) -> Any:
    """Return a calculator of this process, which is made when it is first asked for."""
    if (band, number) not in _made:
        for other in [key for key in _made if key[0] != band]:
            del _made[other]
        with numbered(number + 1):
            _made[band, number] = factory()
    return _made[band, number]


def _engine(factory: Factory, band: str, number: int) -> str:
    return engine(_calculator(factory, band, number))


def _evaluate(factory: Factory, band: str, number: int, atoms: Atoms) -> dict[str, Any]:
    results = evaluation(_calculator(factory, band, number), atoms)
    return {name: results[name] for name in RECORDED if name in results}


def _sendable(error: Exception) -> Exception:
    """Return an error, or what it says where it is of a kind that cannot be sent to another process."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - written here
    except Exception:
        return CalculationError(f"{type(error).__name__}: {error}")
    return error
