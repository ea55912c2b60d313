"""Continuum solvents for PySCF mean fields, and the dielectric constants of solvents by name."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import CapabilityError
from .levels import Solvent
from .library import load_pyscf

METHODS = {"iefpcm": "IEF-PCM", "cpcm": "C-PCM"}
BONDI_SCALE = 1.2
"""Factor on van der Waals radii for the spheres of a cavity, as Q-Chem and PySCF take it."""
PLACEHOLDER = 2.0
"""Radius in PySCF's table, angstrom, of the elements that have none: most transition metals, lanthanides, actinides."""
UFF_SCALE = 1.1
"""Factor on the radii of UFF (10.1021/ja00051a040) that replace it, which is how Gaussian makes its cavities. Published
radii of zinc and copper times 1.2 are 1.67 and 1.68 angstrom; vanadium gets 1.73, where the placeholder gave 2.40."""
STORED_SHARE = 0.5
"""Part of the planned memory that integrals of the cavity may take; beyond it they are computed anew every cycle."""


def in_solvent(field: Any, solvent: Solvent) -> Any:
    """Put a mean field into a dielectric.

    Args:
        field: PySCF mean field.
        solvent: continuum model and solvent.

    Returns:
        The mean field with the solvent attached.

    Raises:
        CapabilityError: nobody knows the solvent, or SMD is given a dielectric constant.
    """
    constant = dielectric(solvent)
    if solvent.model == "smd":
        if solvent.dielectric is not None:
            raise CapabilityError("SMD is parametrised by solvent; give its name and no dielectric")
        solvated = field.SMD()
        solvated.with_solvent.solvent = solvent.name
    else:
        solvated = field.PCM(_stored_pcm(field.mol))
        solvated.with_solvent.method = METHODS[solvent.model]
        solvated.with_solvent.eps = constant
        solvated.with_solvent.radii_table = cavity_radii()
    solvated.with_solvent.lebedev_order = solvent.lebedev_order
    return solvated


def cavity_radii() -> np.ndarray:
    """Return the radii of the spheres of a PCM cavity by atomic number, bohr.

    1.2 times the van der Waals radii of Bondi (10.1021/j100785a001) as Mantina completed them for the main group
    (10.1021/jp8111556), with 1.10 angstrom for hydrogen; 1.1 times those of UFF where there is none.
    """
    load_pyscf()
    from pyscf.data import radii
    from pyscf.solvent.pcm import modified_Bondi

    uff = np.asarray(radii.UFF)[: len(modified_Bondi)]
    return np.asarray(np.where(_has_radius(modified_Bondi), BONDI_SCALE * modified_Bondi, UFF_SCALE * uff))


def estimated_radii(solvent: Solvent | None, symbols: list[str]) -> dict[str, float]:
    """Return the cavity radii that are estimates, by symbol, angstrom.

    SMD is parametrised with 2.00 angstrom for elements without a radius (10.1021/jp810292n): it has no estimates.

    Args:
        solvent: the continuum; none is the gas phase.
        symbols: chemical symbols.
    """
    if solvent is None or solvent.model == "smd":
        return {}
    load_pyscf()
    from ase.data import atomic_numbers
    from ase.units import Bohr
    from pyscf.solvent.pcm import modified_Bondi

    known, used = _has_radius(modified_Bondi), cavity_radii()
    return {
        symbol: round(float(used[atomic_numbers[symbol]]) * Bohr, 3)
        for symbol in sorted(set(symbols))
        if not known[atomic_numbers[symbol]]
    }


def _has_radius(table: np.ndarray) -> np.ndarray:
    """Tell which radii of a table of PySCF, bohr, are no placeholders."""
    from ase.units import Bohr

    return np.asarray(np.abs(table * Bohr - PLACEHOLDER) > 1e-4)


def dielectric(solvent: Solvent) -> float:
    """Return the static dielectric constant of a solvent.

    Raises:
        CapabilityError: the solvent is not in the SMD list.
    """
    if solvent.dielectric is not None:
        return solvent.dielectric
    from difflib import get_close_matches

    load_pyscf()
    from pyscf.solvent.smd import solvent_db

    name = solvent.name.lower()
    if name not in solvent_db:
        near = ", ".join(get_close_matches(name, solvent_db, n=3)) or "none like it"
        raise CapabilityError(f"no solvent {solvent.name!r} in the SMD list; near names: {near}; or give a dielectric")
    return float(solvent_db[name][5])


def _stored_pcm(molecule: Any) -> Any:
    """Make PySCF's PCM keep its integrals between orbitals and cavity charges, which it else computes twice a cycle.

    They are most of the time of an SCF in a solvent: keeping them makes it three to five times faster.
    """
    from pyscf import df, gto, lib
    from pyscf.solvent.pcm import PCM

    class StoredPCM(PCM):  # type: ignore[misc]
        _stored = None

        def reset(self, mol: Any = None) -> Any:
            self._stored = None
            return super().reset(mol)

        def build(self, ng: int | None = None) -> None:
            super().build(ng)
            self._stored = None
            pairs = self.mol.nao * (self.mol.nao + 1) // 2
            if 8 * pairs * len(self.surface["grid_coords"]) < STORED_SHARE * 1e6 * self.max_memory:
                charges = gto.fakemol_for_charges(self.surface["grid_coords"], expnt=self.surface["charge_exp"] ** 2)
                charges.cart = self.mol.cart
                self._stored = df.incore.aux_e2(self.mol, charges, intor=self.mol._add_suffix("int3c2e"), aosym="s2ij")

        def _get_v(self, dms: np.ndarray) -> np.ndarray:
            if self._stored is None:
                return np.asarray(super()._get_v(dms))
            # Pairs of orbitals once: off-diagonal elements of the density count twice.
            packed = [lib.pack_tril(dm + dm.T - np.diag(np.diag(dm))) for dm in dms]
            return np.asarray(np.array(packed) @ self._stored)

        def _get_vmat(self, q: np.ndarray) -> np.ndarray:
            if self._stored is None:
                return np.asarray(super()._get_vmat(q))
            charges = q.reshape(-1, self._stored.shape[1])
            return -np.array([lib.unpack_tril(self._stored @ row) for row in charges])

    return StoredPCM(molecule)
