"""Quasi-Newton steps of structures that keep a Hessian each: the images of a band in all its phases, or one alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from ase import Atoms
from ase.optimize.optimize import Optimizer
from numpy.typing import NDArray

from .model_hessian import model_hessian

Array = NDArray[np.float64]

LEFT_OPEN = 1e-4
"""Energy (eV) that forces may leave open of a saddle or an endpoint; tables of barriers print ten times as much."""

MOST_SETTLING = 20
"""Moves below fmax in which that is tried; those of hops that were measured took at most 13."""

LONGEST = 0.2
"""Longest move of an atom in one step, angstrom; that of ASE's BFGS."""

FLATTEST = 1.0
"""Least curvature, eV/angstrom^2, that a step believes in: images that follow a flatter one slide along the path."""

LEAST_CHANGE = 0.2
"""Least curvature along a move that is believed, over the one expected there."""

STILL = 1e-7
"""A shorter move, angstrom, says nothing of the curvature."""


class ImageHessians:
    """What is known of the curvature around each moving image: a model, updated by BFGS (10.1093/imamat/6.1.76).

    One Hessian of the whole band would learn one direction per step, and its eigenvalues would cost more than the
    forces; here each image learns its own.

    Args:
        images: moving images at the beginning.
    """

    def __init__(self, images: Sequence[Atoms]) -> None:
        self._hessians = [model_hessian(image) for image in images]
        self._last: tuple[Array, Array] | None = None

    def learn(self, places: Array, forces: Array) -> None:
        """Compare with the last call what the forces did where images have moved.

        Args:
            places: of all atoms of the images, angstrom, shape (images, 3n).
            forces: on them, eV/angstrom, the same shape.
        """
        if self._last is not None:
            for hessian, move, change in zip(
                self._hessians, places - self._last[0], self._last[1] - forces, strict=True
            ):
                if np.abs(move).max() > STILL:
                    _update(hessian, move, change)
        self._last = places, forces

    @property
    def shape(self) -> tuple[int, int]:
        """Of the places and forces of all images: (images, 3n)."""
        return len(self._hessians), len(self._hessians[0])

    def begin_phase(self) -> None:
        """Keep the curvature; the next forces differ from the last ones for another reason, as that an image climbs."""
        self._last = None

    def step(self, image: int, forces: Array) -> Array:
        """Return the step to where an image's forces vanish, angstrom, shape (3n,); curvature counts as positive.

        Args:
            image: its number among the moving images, from zero.
            forces: on its atoms, eV/angstrom, shape (3n,).
        """
        if not forces.any():
            return np.zeros_like(forces)
        values, modes = np.linalg.eigh(self._hessians[image])
        towards: Array = modes @ (forces @ modes / np.maximum(np.abs(values), FLATTEST))
        return towards

    def left_open(self, image: int, forces: Array) -> float:
        """Return by how much the energy may still change until the forces of an image vanish, eV: half of f H^-1 f."""
        return float(forces @ self.step(image, forces)) / 2


class ImagesBFGS(Optimizer):  # type: ignore[misc]
    """BFGS for a band whose images have a Hessian each, or for atoms.

    Args:
        target: band or atoms.
        hessians: of its images, begun with or learned in an earlier phase; they go on learning.
    """

    def __init__(self, target: Any, hessians: ImageHessians) -> None:
        super().__init__(target, logfile=None)
        self._hessians = hessians
        hessians.begin_phase()

    def step(self) -> None:
        """Move the images that have forces."""
        places = self.optimizable.get_x()
        forces = -self.optimizable.get_gradient().reshape(self._hessians.shape)
        self._hessians.learn(places.reshape(self._hessians.shape), forces)
        steps = np.concatenate([self._hessians.step(image, own) for image, own in enumerate(forces)])
        longest = np.linalg.norm(steps.reshape(-1, 3), axis=1).max()
        self.optimizable.set_x(places + steps * min(1.0, LONGEST / longest))


def _update(hessian: Array, move: Array, change: Array) -> None:
    """Update a Hessian in place by BFGS, damped as Powell does (10.1007/BFb0067703) so that it stays positive definite.

    The forces of a band are no gradient, and those of a network have steps: undamped, a change of forces that is nearly
    at right angles to the move makes an image jump.
    """
    expected = hessian @ move
    before = float(move @ expected)
    seen = float(move @ change)
    if seen < LEAST_CHANGE * before:
        share = (1 - LEAST_CHANGE) * before / (before - seen)
        change = share * change + (1 - share) * expected
    hessian += np.outer(change, change) / (change @ move) - np.outer(expected, expected) / before
