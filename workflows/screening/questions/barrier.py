"""How hard it is for an ion to run on through a host."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from jobflow import Flow
from pydantic import Field, PositiveFloat, PositiveInt

from ....calculators.specs import CorrectedSpec, geometry_method
from ....errors import StructureError
from ....structures.elements import Element
from ....structures.host_classes import host_class
from ....structures.percolation import AXES, Bottleneck, Step, bottlenecks
from ...common.corrections import correct
from ...common.relaxation_jobs import relax_bulk
from ...common.results import Outcome, StudyLabel
from ...common.shared_jobs import SharedJobs
from ...common.single_points import total
from ...common.uses import HOST
from ...migration.failed_hops import no_hop
from ...migration.flow import MigrationMaker, compute_hop
from ...migration.hops import HopSettings, hop_starts
from ...migration.results import BandSettings
from ...migration.ways import step_of
from ..results import Found
from .base import Asked, Evidence, Question, corrections, nothing

if TYPE_CHECKING:
    from ase import Atoms
    from jobflow import Job

    from ....structures.recipes import StructureRecipe
    from ...common.relaxation_jobs import RelaxationResult
    from ...migration.results import MigrationResult


class BarrierQuestion(Question):
    """The barrier of the easiest way of an ion through a host."""

    QUANTITY = "migration barrier"
    UNIT = "eV"
    PREFER = "lowest"
    USE = HOST
    CORRECTABLE = True

    kind: Literal["barrier"] = Field("barrier", description="the barrier of the easiest way through the host")
    ion: Element = Field("Zn", description="chemical symbol of the ion")
    max_distance: PositiveFloat = Field(5.0, description="longest hop considered, angstrom")
    max_hops: PositiveInt = Field(
        6, description="most hops computed of a host; ways along axes that need more are left out"
    )
    min_length: PositiveFloat = Field(8.0, description="least length of a supercell vector, angstrom")
    band: BandSettings = Field(default_factory=BandSettings, description="images and convergence of the bands")

    @property
    def about(self) -> str:
        """The ion."""
        return self.ion

    def study(self, system: str) -> str:
        """Name the study of one host."""
        return f"{self.ion} through {system}"

    @property
    def hops(self) -> HopSettings:
        """Which hops are computed."""
        return HopSettings(
            choose="percolating",
            max_distance=self.max_distance,
            max_hops=self.max_hops,
            min_length=self.min_length,
        )

    def flow(self, structure: StructureRecipe, asked: Asked, pool: SharedJobs) -> tuple[Flow, Evidence]:
        """Compute the hops by which the ion runs on through the host."""
        maker = MigrationMaker(
            name=asked.name,
            ion=self.ion,
            hops=self.hops,
            band=self.band,
            calculator=asked.calculator,
            settings=asked.relax,
            cell=asked.cell,
            place=asked.place,
        )
        host = pool.relaxed_bulk(structure, geometry_method(asked.calculator), asked.relax, asked.cell)
        flow = maker.make(structure, pool)
        return flow, {"host": host.output, "hops": flow.output}

    def compute(self, structure: StructureRecipe, asked: Asked, folder: Path | None = None) -> Evidence:
        """Compute the hops without Jobflow."""
        HOST.require(structure)
        method = geometry_method(asked.calculator)
        host = relax_bulk(structure, method, asked.relax, asked.cell, folder)
        label = StudyLabel(study=asked.name, place=asked.place)
        try:
            starts = hop_starts(
                host.structure.to_atoms(), self.ion, self.hops, label=structure.described, policy=host.cell_policy
            )
        except StructureError as error:
            none = no_hop(structure.described, self.ion, str(error), method, self.band, label)
            return {"host": host, "hops": [none]}
        hops = [
            compute_hop(start, asked.calculator, band=self.band, settings=asked.relax, label=label, folder=folder)
            for start in starts
        ]
        return {"host": host, "hops": hops}

    def corrected(self, evidence: Evidence, calculator: CorrectedSpec, folder: Path | None = None) -> Evidence:
        """Correct every hop without Jobflow."""
        return {"host": evidence["host"], "hops": [correct(hop, calculator, folder) for hop in _there(evidence)]}

    def correction(self, evidence: Evidence, calculator: CorrectedSpec) -> tuple[list[Job], Evidence]:
        """Correct every hop."""
        jobs = corrections(_there(evidence), calculator)
        return jobs, {"host": evidence["host"], "hops": [job.output for job in jobs]}

    def answer(self, evidence: Evidence) -> Found:
        """Find the bottleneck along each axis; that of the easiest axis is the answer."""
        host: RelaxationResult | None = evidence["host"]
        hops = _there(evidence)
        if host is None:
            reason = "the relaxation of the host failed; the run's log says why"
            return Found(outcome=Outcome.FAILED, reason=reason)
        steps = [(hop, step) for hop in hops if (step := step_of(hop)) is not None]
        sound = [hop for hop, _ in steps]
        atoms = host.structure.to_atoms()
        ways = bottlenecks(atoms, [step for _, step in steps])
        if not ways:
            return Found(**_no_way(hops), **_effort(host, hops))
        easiest = min(ways.values(), key=lambda way: way.barrier)
        decisive = sound[easiest.step]
        return Found(
            outcome=Outcome.OK,
            reason=_without(hops, sound),
            value=easiest.barrier,
            at=decisive.hop,
            along={axis: ways[axis].barrier for axis in AXES if axis in ways},
            trust=decisive.trust,
            opinions=_opinions(atoms, sound),
            host_class=host_class(atoms, self.ion),
            n_atoms=decisive.n_atoms,
            **_effort(host, hops),
        )


def _there(evidence: Evidence) -> list[MigrationResult]:
    return [hop for hop in evidence["hops"] or () if hop is not None]


def _effort(host: RelaxationResult, hops: list[MigrationResult]) -> dict[str, Any]:
    points = [hop.single_points for hop in hops if hop.single_points is not None]
    seconds = [host.seconds, *(one.seconds for one in points)]
    calls = [host.force_calls, *(one.calls for one in points)]
    for hop in hops:
        seconds += [hop.seconds, hop.endpoint_seconds]
        calls += [hop.force_calls, hop.endpoint_force_calls or 0]
    return {"seconds": total([one for one in seconds if one is not None]), "force_calls": sum(calls)}


def _opinions(host: Atoms, hops: list[MigrationResult]) -> list[float]:
    """Return the barrier of the easiest way by every other member of an ensemble."""
    found = []
    for member in range(max((len(hop.opinions) for hop in hops), default=0)):
        steps = []
        for hop in hops:
            opinion = hop.opinions[member] if member < len(hop.opinions) else None
            if opinion is not None and hop.sites is not None:
                steps.append(Step(*hop.sites, opinion.barrier_forward, opinion.barrier_backward))
        ways: dict[Any, Bottleneck] = bottlenecks(host, steps)
        if ways:
            found.append(min(way.barrier for way in ways.values()))
    return found


def _without(hops: list[MigrationResult], sound: list[MigrationResult]) -> str:
    """Say which hops are no results: without them a way may be missing, or seem easier than it is."""
    missing = [f"{hop.hop} ({hop.outcome})" for hop in hops if hop not in sound]
    return f"without {', '.join(missing)}" if missing else ""


def _no_way(hops: list[MigrationResult]) -> dict[str, Any]:
    ended = [(hop.hop, hop.outcome, hop.reason) for hop in hops]
    return nothing(ended, "no way on through the host by hops that are results")
