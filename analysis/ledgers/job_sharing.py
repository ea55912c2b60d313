r"""Job sharing: ions move in one phase, their electrons in the other, and both together are one diffusion.

With the ion of charge z in phase a and its z electrons in phase b,

    j_i = -s_i/(z^2 F^2) (grad mu_i + z F grad phi_a)
    j_e = -s_e/F^2       (grad mu_e -   F grad phi_b),    j_e = z j_i,

adding the driving forces of the neutral component, mu_i + z mu_e, gives

    j = -1/(z^2 F^2)  s_i s_e/(s_i + s_e)  [dmu_i/dc_i + z^2 dmu_e/dc_e + z F d(phi_a - phi_b)/dc] grad c

with c = c_i and c_e = z c. One z of the electron term counts the electrons of an ion, the other comes from c_e.
chen2026 (10.1039/d5mh02260f) prints the form of z = 1 for Zn2+; both are returned here.

The bracket is RT/c times the thermodynamic factor d(mu_i + z mu_e)/(RT d ln c) of a neutral component (W. Weppner and
R. A. Huggins, J. Electrochem. Soc. 1977, 124, 1569, 10.1149/1.2133112), plus the space-charge term.
"""

from __future__ import annotations

import math

from pydantic import BaseModel, ConfigDict, Field

from ...errors import AzibflowError
from .constants import ROOM_TEMPERATURE, faraday, gas_constant

UNITS = {
    "diffusion": "m2/s",
    "diffusion_printed": "m2/s",
    "ion_term": "J m3/mol2",
    "electron_term": "J m3/mol2",
    "potential_term": "J m3/mol2",
    "slope": "J m3/mol2",
    "conductivity": "S/m",
}
"""Units of the numbers of a ledger."""


class JobSharing(BaseModel):
    """The chemical diffusion coefficient of a component whose ions and electrons share the job."""

    model_config = ConfigDict(frozen=True)

    charge: int = Field(description="charge number z of the ion")
    conductivity: float = Field(description="joint conductivity s_i s_e/(s_i + s_e), S/m")
    ion_term: float = Field(description="dmu_i/dc_i, J m3/mol2")
    electron_term: float = Field(description="z^2 dmu_e/dc_e, J m3/mol2")
    potential_term: float = Field(description="z F d(phi_a - phi_b)/dc, J m3/mol2")
    diffusion: float = Field(description="chemical diffusion coefficient, m2/s")
    diffusion_printed: float = Field(description="the same from the form printed for z = 1, m2/s")

    @property
    def printed_over_correct(self) -> float | None:
        """How far the printed form is off; none where the diffusion coefficient is zero."""
        return self.diffusion_printed / self.diffusion if self.diffusion else None

    def flux(self, gradient: float) -> float:
        """Return the flux -D grad c.

        Args:
            gradient: of the concentration of the ion, mol/m4.

        Returns:
            Flux, mol/(m2 s).
        """
        return -self.diffusion * gradient

    def flux_printed(self, gradient: float) -> float:
        """Return the flux of the form printed for z = 1, mol/(m2 s)."""
        return -self.diffusion_printed * gradient


def job_sharing(
    *,
    charge: int,
    ion_conductivity: float,
    electron_conductivity: float,
    ion_slope: float,
    electron_slope: float,
    potential_slope: float = 0.0,
) -> JobSharing:
    """Work out the chemical diffusion coefficient of job sharing.

    Args:
        charge: charge number z of the ion.
        ion_conductivity: s_i in phase a, S/m.
        electron_conductivity: s_e in phase b, S/m; infinite for a metal.
        ion_slope: dmu_i/dc_i, J m3/mol2.
        electron_slope: dmu_e/dc_e, J m3/mol2; zero for a metal.
        potential_slope: d(phi_a - phi_b)/dc, V m3/mol; zero in a homogeneous phase.

    Returns:
        The coefficient, its parts, and what the form printed for z = 1 gives.

    Raises:
        AzibflowError: the charge is below 1, or a conductivity is not positive.
    """
    if charge < 1:
        raise AzibflowError(f"the charge of the ion must be 1 or more, not {charge}")
    conductivity = joint_conductivity(ion_conductivity, electron_conductivity)
    F = faraday()
    electron_term = charge**2 * electron_slope
    potential_term = charge * F * potential_slope
    return JobSharing(
        charge=charge,
        conductivity=conductivity,
        ion_term=ion_slope,
        electron_term=electron_term,
        potential_term=potential_term,
        diffusion=conductivity * (ion_slope + electron_term + potential_term) / (charge * F) ** 2,
        diffusion_printed=conductivity * (ion_slope + electron_slope + F * potential_slope) / F**2,
    )


def joint_conductivity(ions: float, electrons: float) -> float:
    """Return s_i s_e/(s_i + s_e), S/m; the slower one decides.

    Raises:
        AzibflowError: a conductivity is not positive.
    """
    if not (ions > 0 and electrons > 0):
        raise AzibflowError(f"both conductivities must be positive, not {ions:g} and {electrons:g} S/m")
    if math.isinf(ions) and math.isinf(electrons):
        raise AzibflowError("one of the two conductivities must be finite")
    return 1.0 / (1.0 / ions + 1.0 / electrons)


def dilute_slope(concentration: float, temperature: float = ROOM_TEMPERATURE) -> float:
    """Return dmu/dc = RT/c of a dilute species, J m3/mol2.

    Args:
        concentration: mol/m3.
        temperature: K.

    Raises:
        AzibflowError: the concentration is not positive.
    """
    return gas_constant() * temperature / _concentration(concentration)


def dilute_conductivity(
    diffusion: float, concentration: float, charge: int, temperature: float = ROOM_TEMPERATURE
) -> float:
    """Return s = z^2 F^2 D c/(RT) of a dilute species, S/m.

    Args:
        diffusion: its own diffusion coefficient, m2/s.
        concentration: mol/m3.
        charge: charge number; 1 for electrons.
        temperature: K.

    Raises:
        AzibflowError: the concentration is not positive.
    """
    return (charge * faraday()) ** 2 * diffusion / dilute_slope(concentration, temperature)


def relative_diffusion(
    *, charge: int, conductivity_ratio: float = 0.0, electron_factor: float = 1.0, potential: float = 0.0
) -> tuple[float, float]:
    """Return D/D_i of dilute ions.

    Args:
        charge: charge number z of the ion.
        conductivity_ratio: s_i/s_e; zero for a good electron conductor.
        electron_factor: dmu_e/(RT d ln c_e); one for dilute electrons, zero for those of a metal.
        potential: the space charge, c F d(phi_a - phi_b)/dc in units of RT.

    Returns:
        D/D_i, and the same from the form printed for z = 1.

    Raises:
        AzibflowError: the charge is below 1, or the ratio negative.
    """
    if not conductivity_ratio >= 0:
        raise AzibflowError(f"the ratio of the conductivities must not be negative, not {conductivity_ratio:g}")
    concentration, diffusion = 1.0, 1.0  # both cancel
    ions = dilute_conductivity(diffusion, concentration, charge)
    shared = job_sharing(
        charge=charge,
        ion_conductivity=ions,
        electron_conductivity=ions / conductivity_ratio if conductivity_ratio else math.inf,
        ion_slope=dilute_slope(concentration),
        electron_slope=electron_factor * dilute_slope(charge * concentration),
        potential_slope=potential * dilute_slope(concentration) / faraday(),
    )
    return shared.diffusion, shared.diffusion_printed


def _concentration(value: float) -> float:
    if not (math.isfinite(value) and value > 0):
        raise AzibflowError(f"the concentration must be positive, not {value:g} mol/m3")
    return value
