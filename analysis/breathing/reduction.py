"""Which metal atoms of a film took the electrons that ions brought, by their magnetic moments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

FILLING = frozenset({"Ti", "V", "Cr", "Mn", "Zr", "Nb", "Mo", "Hf", "Ta", "W"})
"""Metals whose ions in oxides have at most five d electrons, all of one spin: an electron more is one Bohr magneton
more. In iron to copper an electron more pairs, or a change of spin state hides it, and moments do not tell."""
HALF = 0.5
"""A moment has risen to that of one more d electron when it has risen by more than half a Bohr magneton: CHGNet, which
was taught moments to tell charges (10.1038/s42256-023-00716-3), draws the same bounds, midway between whole numbers."""


def telling_atoms(symbols: Sequence[str], film: Iterable[int]) -> list[int]:
    """Return the metal atoms of a film whose moments tell how many d electrons they have."""
    return [i for i in film if symbols[i] in FILLING]


def reduced_atoms(
    loaded: Sequence[float] | None, host: Sequence[float] | None, metals: Sequence[int]
) -> list[int] | None:
    """Return the metal atoms with at least one d electron more than in the host.

    Args:
        loaded: magnetic moments of the loaded host, the host's atoms first, mu_B.
        host: those of the host, mu_B.
        metals: atoms whose moments tell.

    Returns:
        Their indices; none where moments are not known or there is no such metal.
    """
    if loaded is None or host is None or not metals:
        return None
    return [i for i in metals if abs(loaded[i]) - abs(host[i]) > HALF]


def moment_change(loaded: Sequence[float] | None, host: Sequence[float] | None, metals: Sequence[int]) -> float | None:
    """Return by how much the magnitudes of moments, summed over metal atoms, have risen, mu_B; none as above."""
    if loaded is None or host is None or not metals:
        return None
    return float(sum(abs(loaded[i]) - abs(host[i]) for i in metals))
