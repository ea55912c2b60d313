"""GFN2-xTB, for starting geometries of charged molecules."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from ase.data import chemical_symbols
from pydantic import Field

from ..capabilities import Capabilities
from .base import Spec, Work


class XtbSpec(Spec):
    """GFN2-xTB by tblite (10.1021/acs.jctc.8b01176): charged molecules in milliseconds, to find starting geometries.

    Its structures are sound, its energies of zinc hydrates are not to be quoted: preoptimise with it.
    """

    cites: ClassVar[tuple[str, ...]] = ("gfn2",)
    says: ClassVar[str] = "GFN2-xTB for charged molecules: starting geometries"
    modules: ClassVar[tuple[str, ...]] = ("tblite",)
    install: ClassVar[str] = "pip install tblite"
    libraries: ClassVar[tuple[str, ...]] = ("tblite",)
    caveat: ClassVar[str] = "GFN2-xTB finds structures; its energies of zinc hydrates are not to be quoted."
    tested: ClassVar[bool] = True

    kind: Literal["xtb"] = Field("xtb", description="GFN2-xTB")
    method: Literal["GFN2-xTB", "GFN1-xTB"] = Field("GFN2-xTB", description="parametrisation")
    solvent: str | None = Field(None, description="ALPB implicit solvent by name, such as water; none is the gas phase")

    @property
    def title(self) -> str:
        """Short name, such as GFN2-xTB, ALPB water."""
        return self.method if self.solvent is None else f"{self.method}, {self.medium()}"

    def queue(self) -> Work:
        """Say which work it is."""
        return "surrogate"

    def medium(self) -> str:
        """Name the solvent."""
        return "gas phase" if self.solvent is None else f"ALPB {self.solvent}"

    def make(self) -> Any:
        """Make one calculator."""
        from ..xtb import XtbCalculator

        return XtbCalculator(self)

    def capabilities(self) -> Capabilities:
        """Say what it can compute."""
        from ..xtb import XtbCalculator

        return Capabilities(
            elements=frozenset(chemical_symbols[1:87]),
            periodic=False,
            charges=None,
            reads_spin=True,
            properties=XtbCalculator.implemented_properties,
            note="starting geometries only",
        )
