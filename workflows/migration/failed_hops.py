"""Rows of hops that came to no result: what failed stays in the table, with its reason."""

from __future__ import annotations

from jobflow import job

from ...calculators.specs import CalculatorSpec
from ..common.relaxation_jobs import RelaxationResult
from ..common.results import Outcome, StudyLabel
from .hops import HopStart
from .results import BandSettings, MigrationResult

LOG = "the run's log says why"


def failed_hop(
    start: HopStart, reason: str, calculator: CalculatorSpec, band: BandSettings, label: StudyLabel
) -> MigrationResult:
    """Make the row of a hop whose endpoints or band could not be computed.

    Args:
        start: the hop.
        reason: what happened, in words.
        calculator: spec of the calculator.
        band: settings of the band.
        label: the study.
    """
    from ...calculators.factory import record

    atoms = start.initial.to_atoms()
    return MigrationResult(
        **label.model_dump(),
        host=start.host,
        ion=start.ion,
        hop=start.label,
        outcome=Outcome.FAILED,
        reason=reason,
        final_endpoint="symmetry" if start.symmetric else "relaxed",
        pairing=start.pairing,
        sites=None if start.hop is None else (start.hop.initial, start.hop.final),
        mechanism=start.mechanism,
        network=start.network,
        supercell=start.supercell,
        cell=atoms.cell.cellpar().tolist(),
        cell_policy=start.cell_policy,
        n_atoms=len(atoms),
        band=band,
        calculator=record(calculator),
    )


@job
def hop_failure_job(
    start: HopStart,
    first: RelaxationResult | None,
    last: RelaxationResult | None,
    path: MigrationResult | None,
    result: MigrationResult | None,
    calculator: CalculatorSpec,
    band: BandSettings,
    label: StudyLabel,
) -> MigrationResult | None:
    """Make a row for a hop when one of its jobs failed, whose output is then none; nothing when none did."""
    if path is not None:
        reason = f"not corrected, the numbers are the surrogate's: its correction failed; {LOG}"
        return path.model_copy(update={"outcome": Outcome.FAILED, "reason": reason}) if result is None else None
    names = {"the relaxation of the first endpoint": first, "the second endpoint": last, "the band": path}
    failed = next(name for name, output in names.items() if output is None)
    return failed_hop(start, f"{failed} failed; {LOG}", calculator, band, label)


@job(output_schema=MigrationResult)
def no_hop_job(
    host: str, ion: str, reason: str, calculator: CalculatorSpec, band: BandSettings, label: StudyLabel
) -> MigrationResult:
    """Make the row of a host in which no hop could be found."""
    return no_hop(host, ion, reason, calculator, band, label)


def no_hop(
    host: str, ion: str, reason: str, calculator: CalculatorSpec, band: BandSettings, label: StudyLabel
) -> MigrationResult:
    """Make the row of a host in which no hop could be found.

    Args:
        host: its name.
        ion: chemical symbol.
        reason: why there is none, in words.
        calculator: spec of the calculator.
        band: settings of the band.
        label: the study.
    """
    from ...calculators.factory import record

    return MigrationResult(
        **label.model_dump(),
        host=host,
        ion=ion,
        hop="none found",
        outcome=Outcome.FAILED,
        reason=reason,
        band=band,
        calculator=record(calculator),
    )
