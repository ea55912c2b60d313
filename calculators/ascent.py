"""From a first path to a saddle: the phases in which a band is relaxed."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from .checkpoints import Journal
from .climbing import MOST_CLIMBS, ClimbingBand, Watch, advice
from .image_hessians import LEFT_OPEN, MOST_SETTLING, ImagesBFGS
from .optimization import Ending, OptimizerName, Progress, Status, Step, optimize

logger = logging.getLogger(__name__)

PhaseName = Literal["band", "climbing", "saddle"]

PLAIN_TO_CLIMBING = 4.0
"""The plain band is relaxed to this many times fmax before its highest image climbs."""


DEPARTED = 2.0
"""A settling image whose force is more than so many times fmax has left the saddle."""


@dataclass(frozen=True)
class Phase:
    """One optimisation of the band.

    Attributes:
        name: band (plain), climbing, or saddle (the climbing image alone).
        status: how it ended.
        iterations: moves of the band.
        force_calls: evaluations it took.
        fmax: largest force on the band at its end, eV/angstrom.
        optimizer: the optimiser that ended it; FIRE after BFGS means that BFGS had failed.
    """

    name: PhaseName
    status: Status
    iterations: int
    force_calls: int
    fmax: float
    optimizer: str


class Ascent:
    """Relaxes a band phase by phase.

    Args:
        band: the first path, with calculators.
        journal: of its evaluations.
        fmax: largest force on an atom of the band at convergence, eV/angstrom.
        max_steps: moves of the band allowed, all phases together.
        optimizer: ASE optimiser to begin with.
        progress: called after every iteration.

    Attributes:
        phases: what was done.
    """

    def __init__(
        self,
        band: ClimbingBand,
        journal: Journal,
        fmax: float,
        max_steps: int,
        optimizer: OptimizerName,
        progress: Progress | None,
    ) -> None:
        self._band = band
        self._journal = journal
        self._fmax = fmax
        self._max_steps = max_steps
        self._optimizer = optimizer
        self._progress = progress
        self.phases: list[Phase] = []

    @property
    def moves(self) -> int:
        """Moves of the band so far."""
        return sum(phase.iterations for phase in self.phases)

    @property
    def converged(self) -> bool:
        """Whether the last phase reached its end."""
        return self.phases[-1].status is Status.CONVERGED

    def relax(self) -> None:
        """Relax the band without a climbing image."""
        self._arrive(self._fmax * PLAIN_TO_CLIMBING)
        if self.converged:
            self._arrive(self._fmax)

    def climb(self) -> None:
        """Relax the band roughly, then let images climb until the one that climbed is the highest."""
        self._arrive(self._fmax * PLAIN_TO_CLIMBING)
        for _ in range(MOST_CLIMBS):
            if not self.converged:
                return
            self._band.climber = self._band.next_climber()
            self._arrive(self._fmax)
            if self._band.climber is not None and self.converged:
                self._settle()
            if self._band.next_climber() == self._band.climber:
                return

    def _arrive(self, tolerance: float) -> None:
        """Move all images until the forces on each are small."""
        band = self._band
        band.tolerance = tolerance
        name: PhaseName = "climbing" if band.climb else "band"
        done, watch = self.moves, Watch()

        def report(steps: int) -> None:
            self._report(name, done + steps)
            if trouble := watch.trouble(steps, band.largest_force()):
                logger.warning("%s: %s; %s", name, trouble, advice(band.images))

        calls, left = self._journal.position, self._max_steps - done
        outcome = optimize(
            band,
            lambda: band.largest_force() / tolerance,
            left,
            self._optimizer,
            report,
            self._bfgs,
            growth=Watch.GROWN,
        )
        self._record(name, calls, outcome)

    def _settle(self) -> None:
        """Let the climbing image go on alone until its forces leave little open of its energy.

        Along soft modes a small force is a long way. Where it has another way down, as between two saddles that a
        symmetry maps onto each other, its forces rise again; it then goes back to where least was left open.
        """
        band = self._band
        assert band.climber is not None
        number, image = band.climber - 1, band.images[band.climber]
        least, best = np.inf, image.get_positions()
        done, calls = self.moves, self._journal.position

        def departed() -> bool:
            return bool(band.largest_forces()[number] > DEPARTED * band.tolerance)

        def residual() -> float:
            nonlocal least, best
            if departed():
                return 0.0
            left_open = band.left_open()
            if left_open < least:
                least, best = left_open, image.get_positions()
            return left_open / LEFT_OPEN

        band.settling = True
        most = min(MOST_SETTLING, self._max_steps - done)
        outcome = optimize(
            band, residual, most, self._optimizer, lambda steps: self._report("saddle", done + steps), self._bfgs
        )
        if departed():
            logger.warning(
                "saddle: its forces rise as it settles: there is another way down, and a lower saddle may be near; "
                "about %.1f meV are left open. Endpoints that are a little less alike may lead to it",
                1e3 * least,
            )
        image.set_positions(best)
        band.settling = False
        self._record("saddle", calls, Ending(Status.CONVERGED, outcome.steps, outcome.optimizer))
        if band.travelling().any():  # the path beside the saddle follows it
            self._arrive(self._fmax)

    @property
    def _bfgs(self) -> partial[ImagesBFGS]:
        return partial(ImagesBFGS, hessians=self._band.hessians)

    def _record(self, name: PhaseName, calls: int, outcome: Ending) -> None:
        largest = self._band.largest_force()
        calls = self._journal.position - calls
        self.phases.append(Phase(name, outcome.status, outcome.steps, calls, largest, outcome.optimizer))

    def _report(self, name: PhaseName, moves: int) -> None:
        if self._progress is not None:
            self._progress(Step(name, moves, float(self._band.emax), self._band.largest_force()))
