"""Grimme's D3 dispersion, added to any calculator."""

from __future__ import annotations

from typing import Any

from ..errors import CapabilityError
from .specs import Dispersion

DAMPING_PARAMETERS = {
    "d3bj": "RationalDampingParam",
    "d3zero": "ZeroDampingParam",
    "d3bjm": "ModifiedRationalDampingParam",
    "d3zerom": "ModifiedZeroDampingParam",
}
"""Class of ``dftd3.interface`` that holds the parameters of each damping function."""


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
