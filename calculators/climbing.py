"""The band whose climbing image is chosen once and keeps climbing, whichever image is highest meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from ase.mep import NEB
from ase.mep.neb import NEBOptimizable
from ase.utils.forcecurve import fit_images
from numpy.typing import NDArray

from .image_hessians import ImageHessians

Array = NDArray[np.float64]

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

    Images that have arrived rest until their neighbours pull at them again (10.1021/acs.jctc.9b00633).

    Attributes:
        climber: index of the climbing image; none of them climbs when none.
        begin: told the moving images before the forces on them are asked for, one after the other.
        tolerance: largest force on an image that has arrived, eV/angstrom.
        settling: whether the climbing image moves alone, also below the tolerance.
        hessians: what is known of the curvature around the moving images.
    """

    climber: int | None = None
    tolerance = 0.05
    settling = False
    begin: Callable[[Sequence[Any]], None] | None = None
    _highest = 0

    def __init__(self, images: list[Any], **options: Any) -> None:
        super().__init__(images, **options)
        self.hessians = ImageHessians(images[1:-1])

    def __ase_optimizable__(self) -> Any:
        return _Travelling(self)

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

    def largest_forces(self) -> Array:
        """Return the largest force on an atom of each moving image, eV/angstrom, shape (images,)."""
        found: Array = np.linalg.norm(self.get_forces().reshape(self.nimages - 2, -1, 3), axis=2).max(axis=1)
        return found

    def largest_force(self) -> float:
        """Return the largest force on an atom of the band, eV/angstrom."""
        return float(self.largest_forces().max())

    def travelling(self) -> NDArray[np.bool_]:
        """Tell which of the moving images have not arrived; while the saddle settles, the climbing one alone."""
        found: NDArray[np.bool_] = self.largest_forces() > self.tolerance
        if self.settling:
            found = np.arange(1, self.nimages - 1) == self.climber
        return found

    def left_open(self) -> float:
        """Return by how much the energy of the climbing image may still change until no force is left, eV."""
        assert self.climber is not None
        forces = self.get_forces().reshape(self.nimages - 2, -1)
        return self.hessians.left_open(self.climber - 1, forces[self.climber - 1])

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


class _Travelling(NEBOptimizable):  # type: ignore[misc]
    """What an optimiser sees of the band: images that have arrived have no forces, and so stay where they are."""

    def get_gradient(self) -> Any:
        forces = self.neb.get_forces().reshape(self.neb.nimages - 2, -1)
        forces[~self.neb.travelling()] = 0.0
        return -forces.ravel()


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
    """Notices, long before the steps run out, that the forces on a band do not fall.

    In bands of CHGNet in five hosts of zinc and of model potentials with one, two and three tops the largest force went
    at most 11 moves without falling by a tenth, and rose at most threefold; in Cr2S4, which took 47 moves, 16 and
    eightfold.
    """

    PATIENCE = 15
    FALLING = 0.9
    GROWN = 10.0

    def __init__(self) -> None:
        self._least = np.inf
        self._since = 0
        self._grown = False

    def trouble(self, move: int, fmax: float) -> str:
        """Say what is wrong with a band, once each time; nothing where nothing is.

        Args:
            move: moves of the band so far.
            fmax: largest force on it now, eV/angstrom.
        """
        if fmax < self.FALLING * self._least:
            self._least, self._since, self._grown = fmax, move, False
        if fmax > self.GROWN * self._least and not self._grown:
            self._grown = True
            return f"the largest force has grown from {self._least:.3f} to {fmax:.3f} eV/angstrom"
        if move - self._since == self.PATIENCE:
            return (
                f"the largest force has not fallen by a tenth for {move - self._since} steps ({fmax:.3f} eV/angstrom)"
            )
        return ""


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
