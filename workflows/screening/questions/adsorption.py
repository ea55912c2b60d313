"""How strongly a surface holds an adsorbate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from jobflow import Flow
from pydantic import Field

from ....calculators.specs import CorrectedSpec
from ....structures.documents import StructureDocument
from ....structures.molecules import molecule_label
from ...adsorption.flow import AdsorptionMaker, adsorption_study
from ...common.corrections import correct
from ...common.results import Outcome
from ...common.shared_jobs import SharedJobs
from ...common.uses import AS_BUILT
from ..results import Found
from .base import Asked, Evidence, Question, corrections, nothing

if TYPE_CHECKING:
    from jobflow import Job

    from ....structures.recipes import StructureRecipe
    from ...adsorption.results import AdsorptionCorrection, AdsorptionResult, AdsorptionRow


class AdsorptionQuestion(Question):
    """The adsorption energy on the best site of a surface."""

    QUANTITY = "adsorption energy"
    UNIT = "eV"
    PREFER = "lowest"
    USE = AS_BUILT
    CORRECTABLE = True

    kind: Literal["adsorption"] = Field("adsorption", description="the adsorption energy on the best site")
    adsorbate: str | StructureDocument = Field(
        "Zn", description="Zn, H, O, OH, a molecule by name, or the name of a system that is a molecule"
    )

    @property
    def about(self) -> str:
        """The adsorbate."""
        return molecule_label(self.adsorbate)

    def study(self, system: str) -> str:
        """Name the study of one surface."""
        return f"{self.about} on {system}"

    def flow(self, structure: StructureRecipe, asked: Asked, pool: SharedJobs) -> tuple[Flow, Evidence]:
        """Compute the adsorbate on all distinct sites of the surface."""
        maker = AdsorptionMaker(
            name=asked.name,
            adsorbate=self.adsorbate,
            calculator=asked.calculator,
            settings=asked.relax,
            cell=asked.cell,
            place=asked.place,
        )
        flow = maker.make(structure, pool)
        return flow, {"adsorption": flow.output}

    def compute(self, structure: StructureRecipe, asked: Asked, folder: Path | None = None) -> Evidence:
        """Compute all sites without Jobflow."""
        result = adsorption_study(
            structure, self.adsorbate, asked.calculator, asked.relax, cell=asked.cell, folder=folder
        )
        return {"adsorption": result}

    def corrected(self, evidence: Evidence, calculator: CorrectedSpec, folder: Path | None = None) -> Evidence:
        """Correct all sites without Jobflow."""
        return {"adsorption": correct(evidence["adsorption"], calculator, folder)}

    def correction(self, evidence: Evidence, calculator: CorrectedSpec) -> tuple[list[Job], Evidence]:
        """Correct all sites."""
        (job,) = corrections([evidence["adsorption"]], calculator)
        return [job], {"adsorption": job.output}

    def answer(self, evidence: Evidence) -> Found:
        """Take the site of lowest energy."""
        result: AdsorptionResult | None = evidence["adsorption"]
        if result is None:
            reason = "the surface, its reference or its sites failed; the run's log says why"
            return Found(outcome=Outcome.FAILED, reason=reason)
        points = [] if result.single_points is None else [result.single_points]
        seconds = [result.bare.seconds, *(row.seconds for row in result.rows), *(one.seconds for one in points)]
        effort = {
            "seconds": sum(one for one in seconds if one is not None),
            "force_calls": result.bare.force_calls
            + sum(row.force_calls for row in result.rows)
            + sum(one.calls for one in points),
        }
        best = result.best
        if best is None:
            ended = [(row.name, row.outcome, row.reason) for row in result.rows]
            return Found(**nothing(ended, "no site with a result"), **effort)
        return Found(
            outcome=Outcome.OK,
            value=_energy(best.correction or best),
            at=best.name,
            trust=best.trust,
            opinions=_opinions(result),
            n_atoms=None if best.structure is None else len(best.structure.symbols),
            **effort,
        )


def _energy(row: AdsorptionRow | AdsorptionCorrection) -> float | None:
    """Return the energy against the bulk metal, or against molecules for what has none."""
    return row.e_ads_vs_molecule if row.e_ads_vs_bulk is None else row.e_ads_vs_bulk


def _opinions(result: AdsorptionResult) -> list[float]:
    """Return the energy of the best site by every other member of an ensemble, each with a best site of its own."""
    rows = [row for row in result.rows if row.outcome is Outcome.OK]
    found = []
    for member in range(max((len(row.opinions) for row in rows), default=0)):
        said = [row.opinions[member] for row in rows if member < len(row.opinions)]
        numbers = [number for one in said if one is not None and (number := _energy(one)) is not None]
        if numbers:
            found.append(min(numbers))
    return found
