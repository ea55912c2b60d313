"""Grimme's D3 dispersion, added to any calculator."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..errors import CapabilityError

DAMPING_PARAMETERS = {
    "d3bj": "RationalDampingParam",
    "d3zero": "ZeroDampingParam",
    "d3bjm": "ModifiedRationalDampingParam",
    "d3zerom": "ModifiedZeroDampingParam",
}
"""Class of ``dftd3.interface`` that holds the parameters of each damping function."""


class Dispersion(BaseModel):
    """Grimme's D3 correction by the s-dftd3 library, added to the energy, forces and stress of another calculator.

    A choice per system: layered hosts need it, but it shrinks c of hcp zinc from 5.0 to 4.4 angstrom.
    D3: 10.1063/1.3382344. Rational (Becke-Johnson) damping: 10.1002/jcc.21759.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    functional: str = Field("pbe", description="density functional whose damping parameters are used")
    damping: Literal["d3bj", "d3zero", "d3bjm", "d3zerom"] = Field("d3bj", description="damping function")
    three_body: bool = Field(False, description="add the Axilrod-Teller-Muto term; published D3(BJ) numbers rarely do")


def d3_calculator(dispersion: Dispersion) -> Any:
    """Make the D3 calculator of the s-dftd3 library.

    Args:
        dispersion: functional, damping and three-body term.

    Returns:
        ASE calculator of the correction alone: energy, forces, stress.

    Raises:
        CapabilityError: there are no damping parameters for this functional.
    """
    import dftd3.interface
    from dftd3.ase import DFTD3

    parameters = {"method": dispersion.functional, "atm": dispersion.three_body}
    try:
        getattr(dftd3.interface, DAMPING_PARAMETERS[dispersion.damping])(**parameters)
    except RuntimeError as error:
        raise CapabilityError(
            f"dispersion: s-dftd3 has no {dispersion.damping} parameters for functional {dispersion.functional!r}"
        ) from error
    return DFTD3(damping=dispersion.damping, params_tweaks=parameters)


def with_dispersion(calculator: Any, dispersion: Dispersion | None) -> Any:
    """Add D3 to a calculator.

    Args:
        calculator: ASE calculator.
        dispersion: the correction; none returns the calculator itself.

    Returns:
        ASE ``SumCalculator`` of both; its properties are those that both have.
    """
    if dispersion is None:
        return calculator
    from ase.calculators.mixing import SumCalculator

    return SumCalculator([calculator, d3_calculator(dispersion)])
