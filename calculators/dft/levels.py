"""Levels of theory, and the presets that name the usual ones."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PositiveFloat, model_validator

from ...earlier_names import moved_name


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


def _named(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


def _by_element(value: Any) -> Any:
    return {"default": value} if isinstance(value, str) else value


SOLVENT_MODELS = {"iefpcm": "IEF-PCM", "cpcm": "C-PCM", "smd": "SMD"}
"""Continuum models as the literature writes them."""


class Solvent(_Frozen):
    """A dielectric around a molecule: a polarisable continuum, or SMD, which adds non-electrostatic terms.

    IEF-PCM: 10.1063/1.474659. C-PCM: 10.1021/jp9716997. SMD: 10.1021/jp810292n.
    """

    model: Literal["iefpcm", "cpcm", "smd"] = Field("iefpcm", description="continuum model")
    name: str = Field("water", description="solvent, by its name in the SMD list of solvents (179 of them)")
    dielectric: PositiveFloat | None = Field(None, description="static dielectric constant; none takes the solvent's")
    lebedev_order: Literal[7, 11, 17, 23, 29] = Field(
        17, description="order of the grid on the sphere of each atom: 26, 50, 110, 194 or 302 points"
    )

    @property
    def title(self) -> str:
        """Model and name, such as IEF-PCM water."""
        return f"{SOLVENT_MODELS[self.model]} {self.name}"


class Level(_Frozen):
    """A level of theory: functional, basis, dispersion, solvent, integration grid."""

    functional: str = Field(description="density functional as PySCF names it (pbe, pbe0, b3lyp, wb97x), or hf")
    basis: Annotated[dict[str, str], BeforeValidator(_by_element)] = Field(
        description="basis set: a name, or {default: name, V: name} by element"
    )
    fallback_basis: str | None = Field(
        None, description="basis of elements for which PySCF has no default one; none refuses such elements"
    )
    dispersion: Literal["d3bj", "d3zero", "d4"] | None = Field(
        None, description="dispersion correction: D3 with rational or zero damping, or D4; none adds none"
    )
    density_fit: bool = Field(True, description="fit the density in Coulomb and exchange (def2-universal-jkfit)")
    solvent: Annotated[Solvent, BeforeValidator(_named)] | None = Field(
        None, description="continuum solvent: a name or a mapping; none is the gas phase"
    )
    grid: int = Field(3, ge=0, le=9, description="level of PySCF's integration grids")
    cartesian: bool = Field(
        False, description="six d and ten f functions, as Gaussian has them with its 6-31G family; else five and seven"
    )

    @model_validator(mode="after")
    def _has_default_basis(self) -> Level:
        if "default" not in self.basis:
            raise ValueError("a basis by element needs a default, as in {default: def2-svp, V: def2-tzvp}")
        return self

    @property
    def title(self) -> str:
        """Short name, such as PBE0-D3BJ/def2-tzvpd, iefpcm water."""
        functional = self.functional.upper() + (f"-{self.dispersion.upper()}" if self.dispersion else "")
        medium = f", {self.solvent.model} {self.solvent.name}" if self.solvent else ""
        return f"{functional}/{self.basis['default']}{medium}"


PRESETS: dict[str, dict[str, dict[str, Any]]] = {
    "quick": {
        "geometry": {"functional": "pbe", "basis": "def2-svp", "dispersion": "d3bj"},
        "energy": {"functional": "pbe", "basis": "def2-svp", "dispersion": "d3bj"},
    },
    "standard": {
        "geometry": {"functional": "pbe0", "basis": "def2-svp", "dispersion": "d3bj"},
        "energy": {"functional": "pbe0", "basis": "def2-tzvpd", "dispersion": "d3bj"},
    },
    "yang2025": {
        "geometry": {
            "functional": "pbe0",
            "basis": "6-31+g(d,p)",
            "fallback_basis": "def2-svpd",
            "dispersion": "d3bj",
            "solvent": "water",
            "cartesian": True,
        },
        "energy": {
            "functional": "pbe0",
            "basis": "6-311+g(d,p)",
            "fallback_basis": "def2-tzvpd",
            "dispersion": "d3bj",
        },
    },
}
"""The two levels of each preset. ``yang2025`` is the protocol of 10.1016/j.cej.2025.172521 for its ESP maps (Gaussian
16: PBE0-D3(BJ), PCM water for geometries; whether the single point had PCM the paper does not say; here it has none).
PySCF has neither Pople basis for transition metals; these get def2 sets, and results say so."""


def __getattr__(name: str) -> Any:
    """Offer what was in this module before calculators had a file each."""
    return moved_name(("calculators.kinds.pyscf",), __name__, name)
