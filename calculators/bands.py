"""Minimum energy paths by the nudged elastic band, and what is read off them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from ..structures.endpoints import check_ends_of_band, displacement
from .ascent import Ascent, Phase
from .checkpoints import Journal, RecordingCalculator, calculation_identity, frozen
from .climbing import HIGHER, ClimbingBand, tops_and_dips
from .image_hessians import ImageHessians
from .optimization import OptimizerName, Progress, Status
from .relaxation import largest_force

EVALUATIONS = "a Hessian per image, arrived images rest"
"""Which evaluations a band makes; another algorithm says another word, and begins a journal anew."""


@dataclass(frozen=True)
class Band:
    """A relaxed band.

    Attributes:
        images: both endpoints and the moving images in order, with energies and forces attached.
        energies: of every image, eV.
        path_length: along the path from the initial state to each image, angstrom.
        fmax: largest band force (spring force included) on an atom of a moving image, eV/angstrom.
        endpoint_fmax: largest force on a free atom of either endpoint, eV/angstrom; large if they were not relaxed.
        left_open: by how much the barrier may still change until no force is left on saddle and endpoints, eV: an
            estimate, half of f H^-1 f, and several times more along modes softer than H says. None if none climbed.
        climbing: index of the climbing image; none if none climbed.
        status: how the last phase ended.
        phases: what was done.
        force_calls: evaluations of one image, endpoints and earlier, interrupted runs included.
        replayed: how many of them came from the checkpoint.
        trajectory: the checkpoint, which holds every evaluation.
    """

    images: list[Atoms]
    energies: NDArray[np.float64]
    path_length: NDArray[np.float64]
    fmax: float
    endpoint_fmax: float
    left_open: float | None
    climbing: int | None
    status: Status
    phases: tuple[Phase, ...]
    force_calls: int
    replayed: int
    trajectory: Path | None

    @property
    def converged(self) -> bool:
        """Whether the last phase reached its fmax."""
        return self.status is Status.CONVERGED

    @property
    def iterations(self) -> int:
        """Evaluations of the whole band: its first one and one per move."""
        return 1 + sum(phase.iterations for phase in self.phases)


@dataclass(frozen=True)
class Barrier:
    """What a band says about a hop.

    Attributes:
        forward: energy of the saddle above the initial state, eV.
        backward: energy of the saddle above the final state, eV.
        reaction_energy: final minus initial state, eV.
        saddle: index of the image whose energy this is.
        kind: what that image is. Only a converged climbing image that no other overtops by 0.01 eV is a saddle point;
            the highest image of a plain band is a lower bound to it, and an endpoint means that there is no barrier
            between the endpoints.
        interpolated_forward: maximum of the curve through all image energies and forces, above the initial state, eV; a
            check on the number of images, not the barrier.
        intermediate: deepest minimum of that curve between two maxima, above the initial state, eV; none where there is
            one maximum only.
    """

    forward: float
    backward: float
    reaction_energy: float
    saddle: int
    kind: Literal["climbing image", "highest image", "endpoint"]
    interpolated_forward: float
    intermediate: float | None


def minimum_energy_path(
    initial: Atoms,
    final: Atoms,
    calculator_factory: Callable[[], Any],
    *,
    images: int = 5,
    fmax: float = 0.05,
    max_steps: int = 300,
    spring: float = 0.1,
    method: Literal["climbing", "plain"] = "climbing",
    interpolation: Literal["idpp", "linear"] = "idpp",
    optimizer: OptimizerName = "BFGS",
    checkpoint: Path | None = None,
    progress: Progress | None = None,
    executors: Sequence[Executor] = (),
) -> Band:
    """Find the minimum energy path between two relaxed structures by the nudged elastic band.

    Improved tangents (10.1063/1.1323224), IDPP interpolation (10.1063/1.4878664), and, once the plain band is roughly
    relaxed, a climbing image (10.1063/1.1329672). Every image has its own calculator object around the same network, so
    each is evaluated once per iteration.

    Args:
        initial: relaxed structure before the hop; its constraints hold for all images.
        final: relaxed structure after it: same atoms in the same order, same cell, same constraints. Atoms may be
            whole cell vectors away; they are brought to the image nearest to the initial state.
        calculator_factory: makes one ASE calculator per call; with ``executors`` it can be pickled.
        images: moving images, without the endpoints.
        fmax: largest force on an atom of the band at convergence, eV/angstrom.
        max_steps: moves of the band allowed, both phases together.
        spring: spring constant, eV/angstrom^2.
        method: let the highest image climb to the saddle point, or not.
        interpolation: how the first path is made.
        optimizer: ASE optimiser to begin with; FIRE takes over where BFGS fails.
        checkpoint: file that a killed band goes on from; see ``relaxation.relax``.
        progress: called after every iteration.
        executors: of one process each, in which images are computed side by side; without any they are computed here,
            one after the other. The journal is the same, and so are the numbers.

    Returns:
        The band; one that did not converge says so in ``status``.

    Raises:
        StructureError: the endpoints are no two states of the same system.
        RunError: the process of an image has died.
    """
    from .side_by_side import begin_together, calculators_elsewhere

    check_ends_of_band(initial, final)
    if executors:
        calculators = calculators_elsewhere(calculator_factory, images + 2, executors)
    else:
        calculators = [calculator_factory() for _ in range(images + 2)]
    settings = {"task": "band", "images": images, "spring": spring, "interpolation": interpolation, "path": EVALUATIONS}
    identity = calculation_identity([initial, final], calculators[0], optimizer=optimizer, **settings)
    journal = Journal(identity, checkpoint)
    path = interpolate(initial, final, images, interpolation)
    for image, calculator in zip(path, calculators, strict=True):
        image.calc = RecordingCalculator(calculator, journal)
    begin = partial(begin_together, journal) if executors else None
    if begin is not None:
        begin([path[0], path[-1], *path[1:-1]])
    path[0], path[-1] = _evaluated(path[0]), _evaluated(path[-1])

    neb = ClimbingBand(path, k=spring, method="improvedtangent")
    neb.begin = begin
    ascent = Ascent(neb, journal, fmax, max_steps, optimizer, progress)
    if method == "climbing":
        ascent.climb()
    else:
        ascent.relax()
    return Band(
        images=[_evaluated(image) for image in path],
        energies=np.array([image.get_potential_energy() for image in path]),
        path_length=path_length(path),
        fmax=neb.largest_force(),
        endpoint_fmax=max(largest_force(path[0]), largest_force(path[-1])),
        left_open=None if neb.climber is None else neb.left_open() + max(_left_open(path[0]), _left_open(path[-1])),
        climbing=neb.climber,
        status=ascent.phases[-1].status,
        phases=tuple(ascent.phases),
        force_calls=journal.position,
        replayed=journal.position - journal.computed,
        trajectory=checkpoint,
    )


def interpolate(
    initial: Atoms, final: Atoms, images: int, interpolation: Literal["idpp", "linear"] = "idpp"
) -> list[Atoms]:
    """Make a first path.

    Args:
        initial: first endpoint.
        final: second endpoint; brought to the images of its atoms nearest to the first.
        images: structures in between.
        interpolation: straight lines, or the image-dependent pair potential (10.1063/1.4878664), which keeps atoms
            from meeting.

    Returns:
        ``images + 2`` structures with the constraints and ``info`` of the initial one; the last is the final one.
    """
    from ase.mep import NEB
    from ase.mep.neb import idpp_interpolate

    whole = displacement(initial, final)
    path = [initial.copy() for _ in range(images + 2)]
    for number, image in enumerate(path):
        # Fixed atoms agree in both endpoints, so that ignoring the constraints here moves none of them.
        image.set_positions(initial.positions + whole * number / (images + 1), apply_constraint=False)
    if interpolation == "idpp":
        idpp_interpolate(NEB(path, method="improvedtangent"), traj=None, log=None, mic=True)
    return path


def path_length(images: Sequence[Atoms]) -> NDArray[np.float64]:
    """Return the length of a path up to each image: root of the sum over atoms, minimum images.

    Args:
        images: structures of one path.

    Returns:
        Cumulative lengths, angstrom; shape (images,), the first is zero.
    """
    steps = [float(np.linalg.norm(displacement(start, end))) for start, end in pairwise(images)]
    return np.cumsum([0.0, *steps])


def barrier(band: Band) -> Barrier:
    """Read barriers and reaction energy off a band.

    Args:
        band: converged or not; whether it is, its ``status`` says.

    Returns:
        Energies relative to the endpoints, and what the saddle's image is.
    """
    energies = band.energies
    saddle = int(energies.argmax())
    kind: Literal["climbing image", "highest image", "endpoint"] = "highest image"
    if band.climbing is not None and band.converged and energies[band.climbing] >= energies[saddle] - HIGHER:
        saddle, kind = band.climbing, "climbing image"
    elif saddle in (0, len(energies) - 1):
        kind = "endpoint"
    top, dip = tops_and_dips(band.images)
    return Barrier(
        forward=float(energies[saddle] - energies[0]),
        backward=float(energies[saddle] - energies[-1]),
        reaction_energy=float(energies[-1] - energies[0]),
        saddle=saddle,
        kind=kind,
        interpolated_forward=top,
        intermediate=dip,
    )


def _evaluated(image: Atoms) -> Atoms:
    image.get_forces()
    return frozen(image, image.calc.results)


def _left_open(endpoint: Atoms) -> float:
    return ImageHessians([endpoint]).left_open(0, endpoint.get_forces().ravel())
