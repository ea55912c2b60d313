"""Sampling: the structures that a surrogate is going to meet, made with a calculator that is cheap enough."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

import numpy as np
from jobflow import job

from ...calculators.checkpoints import read_trajectory
from ...calculators.guard import check
from ...calculators.specs import CalculatorSpec
from ...errors import CalculationError, StructureError
from ...structures.building import build, build_bulk, build_from_bulk
from ...structures.documents import StructureDocument
from ...structures.recipes import StructureRecipe
from ...structures.sampling import rattled, slid, spread, without_constraints
from ..adsorption.placement import placements
from ..common.relaxation_jobs import cell_policy, layer_axis, log_step, relax_structure
from ..common.results import RelaxSettings
from ..common.uses import HOST
from ..migration.barriers import second_endpoint
from ..migration.hops import HopStart, hop_between, hop_starts
from .frames import FrameSet, framed
from .settings import (
    BAND_IMAGES,
    AdsorptionSample,
    BandSample,
    DetachmentSample,
    DynamicsSample,
    HopSample,
    InsertionSample,
    RattledSample,
    RelaxationSample,
    Sample,
    SlidingSample,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ase import Atoms

logger = logging.getLogger(__name__)

FRICTION = 0.02
"""Of the Langevin thermostat, 1/fs."""
TOO_CLOSE = 0.6
"""Frames in which two atoms come nearer than this multiple of their covalent radii's sum are dropped: no potential that
is worth having is asked about them, and a self-consistent field may not converge there."""
SETTINGS = RelaxSettings(fmax=0.03, max_steps=300)


def sample_frames(sample: Sample, recipe: StructureRecipe, calculator: CalculatorSpec, folder: Path) -> FrameSet:
    """Sample structures of one system.

    Args:
        sample: how, and how many.
        recipe: of the system.
        calculator: moves the atoms.
        folder: where checkpoints and the frames go; a killed job continues from the former.

    Returns:
        The frames, not labelled.

    Raises:
        CapabilityError: the calculator cannot treat the system.
        StructureError: the system cannot be built, has no site for an ion, or gave no sound frame.
    """
    sampler = _Sampler(recipe, calculator, folder)
    found = _drawn(sample, sampler)
    sane = [atoms for atoms in found if not overlapping(atoms)]
    if not sane:
        raise StructureError(f"{sample.system}: sampling it by {sample.how} gave no sound frame; the log says why")
    named = [
        framed(atoms, system=sample.system, name=f"{sample.system} {sample.how} {sample.seed}-{number}")
        for number, atoms in enumerate(spread(sane, sample.frames), start=1)
    ]
    return FrameSet.write(
        named, system=sample.system, origin=sample.how, folder=folder, force_calls=sampler.force_calls
    )


def _drawn(sample: Sample, sampler: _Sampler) -> list[Atoms]:
    match sample:
        case RattledSample():
            return rattled(sampler.relaxed(), sample.frames, sample.amplitude, sample.strain, sample.seed)
        case DynamicsSample():
            return list(sampler.dynamics(sample))
        case RelaxationSample():
            return sampler.relaxations(sample)
        case BandSample():
            return sampler.bands(sample)
        case HopSample():
            return sampler.hop(sample)
        case AdsorptionSample():
            return sampler.adsorptions(sample)
        case DetachmentSample():
            return sampler.detachments(sample)
        case SlidingSample():
            return sampler.slidings(sample)
        case InsertionSample():
            return sampler.insertions(sample)
        case _:
            assert_never(sample)


def overlapping(atoms: Atoms) -> bool:
    """Tell whether two atoms are nearer than [`TOO_CLOSE`][] of the sum of their covalent radii."""
    from ase.data import covalent_radii
    from ase.neighborlist import neighbor_list

    reach = [TOO_CLOSE * covalent_radii[number] for number in atoms.numbers]
    return len(neighbor_list("i", atoms, reach)) > 0


class _Sampler:
    """One system and the calculator that moves its atoms; counts what that costs."""

    def __init__(self, recipe: StructureRecipe, calculator: CalculatorSpec, folder: Path) -> None:
        self.recipe = recipe
        self.calculator = calculator
        self.folder = folder
        self.force_calls = 0

    def relaxed(self) -> Atoms:
        """Relax the system as a study would: the bulk first, then what is cut from it."""
        bulk = self._relax_bulk()
        if self.recipe.slab is None and self.recipe.is_whole:
            return bulk
        return self._walk(build_from_bulk(self.recipe, bulk))[-1]

    def dynamics(self, sample: DynamicsSample) -> Iterator[Atoms]:
        """Run molecular dynamics and take a frame at every interval."""
        from ase import units
        from ase.md.langevin import Langevin
        from ase.md.velocitydistribution import thermalize_momenta

        from ...calculators.factory import make_calculator

        generator = np.random.default_rng(sample.seed)
        atoms = build(self.recipe)
        if sample.ion is not None:
            atoms = self._with_ion(atoms, sample.ion, sample.seed)
        check(self.calculator, atoms)
        atoms.calc = make_calculator(self.calculator)
        thermalize_momenta(atoms, sample.temperature, rng=generator)
        run = Langevin(
            atoms,
            sample.timestep * units.fs,
            temperature_K=sample.temperature,
            friction=FRICTION / units.fs,
            fixcm=False,
            rng=generator,
        )
        for number in range(sample.frames):
            # A trajectory may run into a state that its own calculator cannot compute: what came before is sound.
            try:
                run.run(sample.interval)
            except CalculationError as error:
                logger.warning("%s: molecular dynamics ended after %d frames: %s", sample.system, number, error)
                return
            self.force_calls += sample.interval
            if not np.isfinite(atoms.positions).all():
                logger.warning("%s: molecular dynamics blew up after %d frames", sample.system, number)
                return
            logger.info("frame %d of %d: %.0f K", number + 1, sample.frames, atoms.get_temperature())
            yield without_constraints(atoms)

    def relaxations(self, sample: RelaxationSample) -> list[Atoms]:
        """Relax shaken structures and take points on the way down."""
        built, found = build(self.recipe), []
        for number in range(sample.starts):
            seed = sample.seed + number
            start = rattled(built, 1, sample.amplitude, seed=seed)[0] if sample.amplitude else built.copy()
            start.set_constraint(built.constraints)
            found += spread(self._walk(start), -(-sample.frames // sample.starts))
        return found

    def bands(self, sample: BandSample) -> list[Atoms]:
        """Relax endpoints and bands of the hops, and take points along all of it."""
        HOST.require(self.recipe)
        starts = hop_starts(self.relaxed(), sample.ion, sample.hops, label=self.recipe.label)
        share = -(-sample.frames // len(starts))
        return [atoms for number, start in enumerate(starts) for atoms in self._along(start, number, share)]

    def hop(self, sample: HopSample) -> list[Atoms]:
        """Relax the given endpoints and the band between them, and take points along all of it."""
        assert isinstance(sample.final, StructureDocument)
        return self._along(hop_between(build(self.recipe), sample.final.to_atoms()), 0, sample.frames)

    def _along(self, start: HopStart, number: int, frames: int) -> list[Atoms]:
        """Take points along the relaxation of the first endpoint, a quarter of them, and along the band."""
        from ...calculators.bands import minimum_energy_path
        from ...calculators.factory import make_calculator
        from ...calculators.side_by_side import processes_for_images

        down = self._walk(start.initial.to_atoms())
        first = relax_structure(down[-1], self.calculator, SETTINGS, folder=self.folder)
        last = second_endpoint(start, first, self.calculator, SETTINGS, self.folder)
        checkpoint = self.folder / "checkpoints" / f"band-{number}"
        with processes_for_images(self.calculator, BAND_IMAGES) as executors:
            minimum_energy_path(
                first.structure.to_atoms(),
                last.structure.to_atoms(),
                partial(make_calculator, self.calculator),
                images=BAND_IMAGES,
                checkpoint=checkpoint,
                progress=log_step,
                executors=executors,
            )
        along = list(read_trajectory(checkpoint, first.structure.to_atoms()))
        self.force_calls += first.force_calls + last.force_calls + len(along)
        return spread(down, frames // 4) + spread(along, frames - frames // 4)

    def adsorptions(self, sample: AdsorptionSample) -> list[Atoms]:
        """Relax an adsorbate from every site and take points along all of it."""
        surface = self.relaxed()
        starts = placements(surface, sample.adsorbate)
        share = max(1, (sample.frames - 1) // len(starts))
        return [
            surface,
            *(atoms for start in starts for atoms in spread(self._walk(start.structure.to_atoms()), share)),
        ]

    def detachments(self, sample: DetachmentSample) -> list[Atoms]:
        """Relax an adsorbate on every site and lift it off by equal steps, all atoms shaken a little."""
        surface, generator = self.relaxed(), np.random.default_rng(sample.seed)
        starts = placements(surface, sample.adsorbate)[: sample.frames]
        relaxed = [self._walk(start.structure.to_atoms())[-1] for start in starts]
        found = []
        for number, height in enumerate(np.linspace(0.0, sample.height, sample.frames)):
            lifted = without_constraints(relaxed[number % len(relaxed)])
            lifted.positions[len(surface) :, 2] += height
            lifted.positions += generator.normal(scale=sample.amplitude, size=lifted.positions.shape)
            found.append(lifted)
        return found

    def slidings(self, sample: SlidingSample) -> list[Atoms]:
        """Slide layers past each other, put an ion in where one is asked for, and take points along relaxations."""
        generator = np.random.default_rng(sample.seed)
        axis = layer_axis(self.recipe)
        if axis is None:
            raise StructureError(f"{sample.system}: sliding needs a layered prototype")
        layers, found = self.relaxed(), []
        for number in range(sample.starts):
            start = slid(layers, axis, generator)
            if sample.ion is not None:
                start = self._with_ion(start, sample.ion, sample.seed + number)
            found += spread(self._walk(start, steps=sample.steps), -(-sample.frames // sample.starts))
        return found

    def insertions(self, sample: InsertionSample) -> list[Atoms]:
        """Put ions in, one after the other, and take points along the relaxations."""
        state = self._walk(build(self.recipe), steps=sample.steps)[-1]
        found = [state]
        share = max(1, sample.frames // sample.ions)
        for number in range(sample.ions):
            walk = self._walk(self._with_ion(state, sample.ion, sample.seed + number), steps=sample.steps)
            found += spread(walk, share)
            state = walk[-1]
        return found

    def _relax_bulk(self) -> Atoms:
        relaxed = relax_structure(
            build_bulk(self.recipe),
            self.calculator,
            SETTINGS,
            cell=cell_policy(self.recipe),
            stacking_axis=layer_axis(self.recipe),
            folder=self.folder,
        )
        self.force_calls += relaxed.force_calls
        return relaxed.structure.to_atoms()

    def _walk(self, atoms: Atoms, steps: int = SETTINGS.max_steps) -> list[Atoms]:
        """Relax at fixed cell and return every structure on the way."""
        from ...calculators.factory import make_calculator
        from ...calculators.relaxation import relax

        check(self.calculator, atoms)
        key = StructureDocument.from_atoms(atoms).sha256()[:16]
        checkpoint = self.folder / "checkpoints" / f"walk-{key}"
        relaxed = relax(
            atoms,
            make_calculator(self.calculator),
            fmax=SETTINGS.fmax,
            max_steps=steps,
            checkpoint=checkpoint,
            progress=log_step,
        )
        self.force_calls += relaxed.force_calls
        return list(read_trajectory(checkpoint, atoms))

    def _with_ion(self, atoms: Atoms, ion: str, seed: int) -> Atoms:
        """Put an ion into one of the open places, or on one of the sites of a bare surface, drawn by the seed."""
        from ase import Atoms as NewAtoms

        from ...structures.insertion_sites import insertion_sites

        generator = np.random.default_rng(seed)
        places = insertion_sites(atoms, ion, 8, seed)
        if not len(places):
            starts = placements(atoms, ion)
            return starts[generator.integers(len(starts))].structure.to_atoms()
        together = atoms.copy()
        together.info = dict(atoms.info)
        return together + NewAtoms(ion, positions=[places[generator.integers(len(places))]])


@job(output_schema=FrameSet)
def sample_job(sample: Sample, recipe: StructureRecipe, calculator: CalculatorSpec) -> FrameSet:
    """Sample structures of one system in the job's folder."""
    return sample_frames(sample, recipe, calculator, Path.cwd())
