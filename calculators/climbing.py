"""The band whose climbing image is chosen once and keeps climbing, whichever image is highest meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from ase.mep import NEB
from ase.utils.forcecurve import fit_images

TIE = 1e-3
"""Images whose energies differ by less than this (eV) are equally high; single precision tells no more."""

HIGHER = 0.01
"""A curve through energies and forces of the images that rises this far (eV) above their highest has another top."""

MOST_CLIMBS = 3
"""Images that may climb one after the other: the first, one that turned out higher, and the first again."""


class ClimbingBand(NEB):  # type: ignore[misc]
    """ASE's band with the climbing image chosen from outside, and the images of a step begun together.

    ASE lets the image climb that is highest at this moment: of two equally high ones now the one, now the other, and
    neither arrives.

    Attributes:
        climber: index of the climbing image; none of them climbs when none.
        begin: told the moving images before the forces on them are asked for, one after the other.
    """

    climber: int | None = None
    begin: Callable[[Sequence[Any]], None] | None = None
    _highest = 0

    @property
    def imax(self) -> int:
        """Index of the image that ASE lets climb."""
        return self._highest if self.climber is None else self.climber

    @imax.setter
    def imax(self, highest: int) -> None:
        self._highest = int(highest)

    @property
    def climb(self) -> bool:
        """Whether an image climbs."""
        return self.climber is not None

    @climb.setter
    def climb(self, _: bool) -> None:
        """ASE's own switch; ``climber`` decides."""

    def get_forces(self) -> Any:
        """Return the forces on the band, eV/angstrom, shape (atoms of all moving images, 3)."""
        if self.begin is not None:
            self.begin(self.images[1:-1])
        return super().get_forces()

    def next_climber(self) -> int | None:
        """Choose the image that should climb (on): the highest, or the one nearest to a higher top between images.

        Returns:
            Its index; none where an endpoint is highest: there is no saddle to climb to, and an image sent uphill would
            leave the path.
        """
        energies = np.asarray(self.energies)
        highest = 1 + int(energies[1:-1].argmax())
        known = max(energies[0], energies[-1]) if self.climber is None else energies[self.climber] + TIE
        if energies[highest] > known:
            return highest
        curve = fit_images(self.images)
        top = int(curve.fit_energies.argmax())
        if curve.fit_energies[top] + energies[0] > known + HIGHER:
            return 1 + int(np.abs(curve.path[1:-1] - curve.fit_path[top]).argmin())
        return self.climber


def tops_and_dips(images: list[Any]) -> tuple[float, float | None]:
    """Read a curve through energies and forces of all images.

    Args:
        images: of one path, with energies and forces.

    Returns:
        The maximum of the curve and its deepest minimum between two maxima that are both ``HIGHER`` above it, relative
        to the first image, eV; no minimum where there is one maximum only.
    """
    from scipy.signal import find_peaks

    energies = fit_images(images).fit_energies
    dips, _ = find_peaks(-energies, prominence=HIGHER)
    return float(energies.max()), float(energies[dips].min()) if len(dips) else None


class Watch:
    """Notices, long before the steps run out, that the forces on a band have stopped falling.

    Bands of EMT (gold on Al(100), vacancies in Al) and of model potentials with one, two and three tops that converged
    without trouble went at most 20 moves without their largest force falling by a tenth.
    """

    PATIENCE = 30
    FALLING = 0.9

    def __init__(self) -> None:
        self._least = np.inf
        self._since = 0

    def stalled(self, move: int, fmax: float) -> bool:
        """Tell that a band has stalled, once each time.

        Args:
            move: moves of the band so far.
            fmax: largest force on it now, eV/angstrom.
        """
        if fmax < self.FALLING * self._least:
            self._least, self._since = fmax, move
        return move - self._since == self.PATIENCE


def advice(images: list[Any]) -> str:
    """Say what may help a band that does not converge, from what its path looks like.

    Args:
        images: of the path, with energies and forces.
    """
    top, dip = tops_and_dips(images)
    if dip is not None:
        return f"its path dips to {dip:.2f} eV between two tops: relax the structure there and compute two hops"
    if top > max(image.get_potential_energy() for image in images) - images[0].get_potential_energy() + HIGHER:
        return f"a curve through its images rises to {top:.2f} eV between two of them: more images may find that top"
    return "more images, or endpoints relaxed to smaller forces, may help"
