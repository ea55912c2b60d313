"""Counterpoise corrections of complexes that are an ion or molecule with one more molecule bound to it."""

from __future__ import annotations

from functools import partial

from jobflow import job
from pydantic import BaseModel, Field

from ...calculators.specs import CalculatorSpec, PyscfSpec
from ...errors import CapabilityError
from ...structures.connectivity import molecules_in
from ..common.attempts import attempted
from .energies import MoleculeResult

COUNTERPOISE_FAILED = "its counterpoise job failed; the run's log says why"


class CounterpoiseResult(BaseModel):
    """By how much the basis of its partner lowers the energy of each half of a complex."""

    superposition_error: float = Field(
        description="sum over both fragments of E(in the basis of the complex) - E(in its own basis), eV; negative"
    )
    fragment: list[int] = Field(description="atoms of the molecule that was split off")


def counterpoise(molecule: MoleculeResult, calculator: PyscfSpec) -> CounterpoiseResult:
    """Estimate the basis-set superposition error of splitting off the last neutral molecule of a complex.

    Args:
        molecule: a complex whose last covalently connected group of atoms is a neutral closed-shell molecule.
        calculator: spec; its level of energies is used.

    Returns:
        The correction.

    Raises:
        CapabilityError: the complex is one molecule, or computed in a solvent whose cavity ghosts would not have.
    """
    from ...calculators.dft.counterpoise import counterpoise as correction

    atoms = molecule.geometry.structure.to_atoms()
    groups = molecules_in(atoms)
    if len(groups) < 2:
        raise CapabilityError(f"{molecule.name} is one molecule; there is nothing to split off for a counterpoise")
    last = groups[-1]
    rest = [i for i in range(len(atoms)) if i not in last]
    found = correction(atoms, rest, calculator, charges=(molecule.charge, 0), multiplicities=(molecule.spin, 1))
    return CounterpoiseResult(superposition_error=found.total, fragment=last)


def counterpoise_here(molecule: MoleculeResult | None, calculator: CalculatorSpec) -> CounterpoiseResult | None:
    """Estimate the superposition error of a complex without Jobflow; none when it, or the complex, failed."""
    if molecule is None or not isinstance(calculator, PyscfSpec):
        return None
    return attempted(f"the counterpoise correction of {molecule.name}", partial(counterpoise, molecule, calculator))


@job(output_schema=CounterpoiseResult)
def counterpoise_job(molecule: MoleculeResult, calculator: CalculatorSpec) -> CounterpoiseResult:
    """Estimate the superposition error of a complex in the job's folder."""
    assert isinstance(calculator, PyscfSpec)  # makers add this job for PySCF alone
    return counterpoise(molecule, calculator)
