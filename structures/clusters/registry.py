"""Molecules and clusters by name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ...errors import StructureError
from . import organic, oxides, solvation

if TYPE_CHECKING:
    from ase import Atoms

IONS = "Zn|Mg|Ca|Mn|Fe|Co|Ni|Cu"
HYDRATE = re.compile(rf"\[({IONS})\(H2O\)([1-6])?\](\d)\+(?:\.(\d+)H2O)?")
BARE_ION = re.compile(rf"({IONS})(\d)\+")

Builder = Callable[[int], "Atoms"]
"""Makes a starting geometry from a number; 0 makes the one that the name stands for."""


@dataclass(frozen=True)
class Cluster:
    """A named cluster.

    Attributes:
        summary: what it is, in one line.
        build: makes its starting geometries.
    """

    summary: str
    build: Builder


CLUSTERS: dict[str, Cluster] = {
    "[Zn(H2O)6]2+": Cluster(
        "zinc hexahydrate; likewise with 1 to 5 waters", lambda n: solvation.hydrate("Zn", 6, 2, n)
    ),
    "[Zn(H2O)6]2+.12H2O": Cluster(
        "with a second shell; any number of outer waters", lambda n: solvation.second_shell(6, 12, n)
    ),
    "[VO(H2O)5]2+": Cluster("vanadyl in water, a doublet", solvation.vanadyl_hydrate),
    "[Zn(H2O)5SO4]": Cluster("contact ion pair, sulfate as a sixth ligand", solvation.contact_pair),
    "[Zn(H2O)6]SO4": Cluster("solvent-separated ion pair", solvation.separated_pair),
    "[Zn(H2O)5SO4VO(H2O)4]2+": Cluster("ZnSO4 with VO2+, one sulfate between both, a doublet", solvation.bridged_pair),
    "SO42-": Cluster("sulfate", lambda _: solvation.sulfate()),
    "V4O10": Cluster("V4O10 cage, Td", lambda _: oxides.v4o10()),
    "V2O5": Cluster("V2O5 molecule, O2V-O-VO2", lambda _: oxides.v2o5_molecule()),
    "V2O9H8": Cluster("model of the V2O5 (001) surface, closed by hydrogen", lambda _: oxides.v2o5_layer_cluster()),
} | {
    name: Cluster(molecule.summary, partial(organic.from_smiles, molecule.smiles))
    for name, molecule in organic.MOLECULES.items()
}
"""Clusters by name; other hydrates and bare ions are known by the pattern of their names."""


def find_cluster(name: str) -> Builder | None:
    """Return what builds a cluster, or none when nobody knows the name.

    Args:
        name: one of :data:`CLUSTERS`, ``Zn2+``, ``[Zn(H2O)4]2+``, ``[Zn(H2O)4]2+.2H2O``, or ``smiles:STRING``.
    """
    if name in CLUSTERS:
        return CLUSTERS[name].build
    if name.startswith(organic.PREFIX):
        smiles = name.removeprefix(organic.PREFIX)
        return lambda number: organic.from_smiles(smiles, number)
    if match := BARE_ION.fullmatch(name):
        ion, charge = match.groups()
        return lambda _: solvation.hydrate(ion, 0, int(charge))
    if match := HYDRATE.fullmatch(name):
        return _hydrate(name, *match.groups())
    return None


def cluster(name: str, number: int = 0) -> Atoms:
    """Build a molecule or a cluster.

    Args:
        name: as for :func:`find_cluster`.
        number: which of its starting geometries; 0 is the one that the name stands for.

    Returns:
        Atoms with charge, multiplicity and label in ``info``.

    Raises:
        StructureError: nobody knows the name.
    """
    build = find_cluster(name)
    if build is None:
        raise StructureError(f"nobody knows the cluster {name!r}")
    atoms = build(number)
    atoms.info["label"] = name
    return atoms


def starts(name: str, count: int) -> list[Atoms]:
    """Build starting geometries of a cluster, where one alone may end on a minimum that is not the lowest.

    Hydrates and ion pairs have waters turned at random from a fixed seed, molecules from SMILES their conformers.

    Args:
        name: as for :func:`find_cluster`.
        count: how many at most.

    Returns:
        Geometries, the one that the name stands for first; equal ones are left out.
    """
    import numpy as np

    found = [cluster(name)]
    for number in range(1, count):
        another = cluster(name, number)
        if not any(np.allclose(another.positions, known.positions) for known in found):
            found.append(another)
    return found


def _hydrate(name: str, ion: str, waters: str | None, charge: str, outer: str | None) -> Builder:
    inner = int(waters or 1)
    if outer is None:
        return lambda number: solvation.hydrate(ion, inner, int(charge), number)
    if ion != "Zn" or int(charge) != 2 or int(outer) > 2 * inner:
        raise StructureError(f"{name}: second shells are built for Zn2+, of at most two waters per water of the first")
    return lambda number: solvation.second_shell(inner, int(outer), number)
