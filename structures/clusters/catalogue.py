"""Molecules and clusters by name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from ...errors import StructureError
from . import complexes, flakes, ion_pairs, ligands, organic, oxides, solvation

if TYPE_CHECKING:
    from ase import Atoms

HYDRATE = re.compile(r"\[([A-Z][a-z]?)\(H2O\)([1-6])?\](\d)?\+(?:\.(\d+)?H2O)?")
BARE_ION = re.compile(r"([A-Z][a-z]?)(\d)?\+")
LIGAND_AND_WATERS = re.compile(r"(.+)-\[Zn\(H2O\)([1-5])?\]2\+")
LIGAND_ALONE = re.compile(r"\[Zn\((.+)\)\]2\+")
HYDRONIUM_HYDRATE = re.compile(r"\[H3O\(H2O\)([1-3])?\]\+")
WITH_WATER = re.compile(r"(.+)-H2O")

Builder = Callable[[int], "Atoms"]
"""Makes a starting geometry from a number; 0 makes the one that the name stands for."""


@dataclass(frozen=True)
class Cluster:
    """A named cluster.

    Attributes:
        summary: what it is, in one line.
        charge: elementary charges.
        spin: multiplicity 2S+1.
        build: makes its starting geometries.
        aliases: other names that users write.
    """

    summary: str
    charge: int
    spin: int
    build: Builder
    aliases: tuple[str, ...] = ()


_IN_WATER = {
    "H2O": Cluster("water", 0, 1, lambda _: _water()),
    "[Zn(H2O)6]2+": Cluster(
        "zinc hexahydrate; likewise 1 to 5 waters, other ions, Zn2+", 2, 1, lambda n: solvation.hydrate("Zn", 6, 2, n)
    ),
    "[Zn(H2O)6]2+.12H2O": Cluster(
        "with a second shell, of 1 to 12 waters", 2, 1, lambda n: solvation.second_shell("Zn", 6, 2, 12, n)
    ),
    "[VO(H2O)5]2+": Cluster("vanadyl in water", 2, 2, solvation.vanadyl_hydrate),
    "SO42-": Cluster("sulfate", -2, 1, lambda _: ion_pairs.sulfate(), ("SO4 2-", "[SO4]2-")),
    "[Zn(H2O)5SO4]": Cluster("contact ion pair, sulfate as a sixth ligand", 0, 1, ion_pairs.contact_pair),
    "[Zn(H2O)4SO4]": Cluster("contact ion pair, sulfate through two oxygen atoms", 0, 1, ion_pairs.chelated_pair),
    "[Zn(H2O)6]SO4": Cluster("solvent-separated ion pair", 0, 1, ion_pairs.separated_pair),
    "[VO(H2O)4SO4]": Cluster("contact ion pair of vanadyl and sulfate", 0, 2, ion_pairs.vanadyl_contact_pair),
    "[Zn(H2O)5SO4VO(H2O)4]2+": Cluster("ZnSO4 with VO2+, one sulfate between both", 2, 2, ion_pairs.bridged_pair),
}
_LIGANDS = {
    "AM-[Zn(H2O)5]2+": Cluster(
        "a water replaced by acrylamide; likewise 1 to 5 waters and other molecules",
        2,
        1,
        lambda n: ligands.zinc_complex("acrylamide", 5, n),
    ),
    "SBMA-[Zn(H2O)5]2+": Cluster(
        "a water replaced by sulfobetaine methacrylate", 2, 1, lambda n: ligands.zinc_complex("SBMA", 5, n)
    ),
    "[Zn(NMP)]2+": Cluster(
        "NMP on bare Zn2+; likewise other molecules", 2, 1, lambda n: ligands.zinc_complex("NMP", 0, n)
    ),
    "[Zn(NH3)4]2+": Cluster(
        "zinc tetraammine; likewise other ions, and 1 to 6 ligands of one sort or several: [Zn(NH3)2(H2O)4]2+, "
        "[Zn(Cl)4]2-, [Zn(SO4)(H2O)3], [Zn(OTf)(H2O)5]+, [Zn(acetonitrile)6]2+",
        2,
        1,
        lambda n: _complex("[Zn(NH3)4]2+", n),
    ),
    "[Zn(Cl)4]2-": Cluster("zinc tetrachloride", -2, 1, lambda n: _complex("[Zn(Cl)4]2-", n), ("[ZnCl4]2-", "ZnCl42-")),
    "[H3O(H2O)3]+": Cluster(
        "hydronium with its first shell; likewise 1 and 2 waters", 1, 1, lambda n: complexes.hydronium_hydrate(3, n)
    ),
    "NMP-H2O": Cluster(
        "hydrogen bond to the carbonyl; likewise other molecules", 0, 1, lambda n: ligands.water_pair("NMP", n)
    ),
    "H2O-H2O": Cluster("water dimer", 0, 1, ligands.water_dimer, ("(H2O)2", "water dimer")),
}
_SOLIDS = {
    "graphene flake": Cluster("coronene, C24H12", 0, 1, lambda _: flakes.flake(2), ("coronene",)),
    "large graphene flake": Cluster("circumcoronene, C54H18", 0, 1, lambda _: flakes.flake(3), ("circumcoronene",)),
    "graphitic N flake": Cluster("coronene, N in place of an inner C", 0, 2, lambda _: flakes.graphitic_nitrogen(2)),
    "pyridinic N flake": Cluster("coronene, N in place of an edge CH", 0, 1, lambda _: flakes.pyridinic_nitrogen(2)),
    "pyrrolic N flake": Cluster("coronene, N-H in place of an edge CH=CH", 0, 1, lambda _: flakes.pyrrolic_nitrogen()),
    "pyridinic N3 flake": Cluster(
        "circumcoronene, N on the three sides of a vacancy", 0, 2, lambda _: flakes.pyridinic_vacancy()
    ),
    "V4O10": Cluster("V4O10 cage, Td", 0, 1, lambda _: oxides.v4o10()),
    "V2O5 molecule": Cluster(
        "O2V-O-VO2; its second start is the isomer OV-O2-VO2",
        0,
        1,
        lambda n: oxides.v2o5_ring() if n else oxides.v2o5_molecule(),
        ("V2O5",),
    ),
    "V2O9H8": Cluster(
        "model of the V2O5 (001) surface, closed by hydrogen", 0, 1, lambda _: oxides.v2o5_layer_cluster()
    ),
}
_MOLECULES = {
    name: Cluster(
        molecule.summary,
        molecule.charge,
        1,
        lambda n, smiles=molecule.smiles: organic.from_smiles(smiles, n),  # type: ignore[misc]
        molecule.aliases,
    )
    for name, molecule in organic.MOLECULES.items()
}
CLUSTERS: Mapping[str, Cluster] = MappingProxyType(_IN_WATER | _LIGANDS | _SOLIDS | _MOLECULES)
"""Clusters by name; see [`find_cluster`][] for those that are known by their pattern."""

_NAMES = {
    written.casefold(): name for name, entry in CLUSTERS.items() for written in (name, *entry.aliases)
}  # upper and lower case alike, as prototypes


def names() -> list[str]:
    """Return the names of all clusters, each followed by its aliases."""
    return [written for name, entry in CLUSTERS.items() for written in (name, *entry.aliases)]


def find_cluster(name: str) -> Builder | None:
    """Return what builds a cluster, or none when nobody knows the name.

    Args:
        name: one of [`CLUSTERS`][] or an alias, upper and lower case alike; or of one of these patterns, for the ions
            in [`IONS`][azibflow.structures.clusters.solvation.IONS] and molecules with a donor atom: ``Zn2+``,
            ``[Zn(H2O)4]2+``, ``[Zn(H2O)4]2+.2H2O``, ``urea-[Zn(H2O)5]2+``, ``[Zn(urea)]2+``, ``urea-H2O``,
            ``[Zn(NH3)2(H2O)4]2+``, ``[Zn(Cl)4]2-``, ``[H3O(H2O)2]+``, ``smiles:STRING``.
    """
    if name.startswith(organic.PREFIX):
        smiles = name.removeprefix(organic.PREFIX)
        return lambda number: organic.from_smiles(smiles, number)
    if known := _NAMES.get(name.strip().casefold()):
        return CLUSTERS[known].build
    return _find_hydrate(name) or _find_complex(name)


def cluster(name: str, number: int = 0) -> Atoms:
    """Build a molecule or a cluster.

    Args:
        name: as for [`find_cluster`][].
        number: which of its starting geometries; 0 is the one that the name stands for.

    Returns:
        Atoms with charge, multiplicity and label in ``info``.

    Raises:
        StructureError: nobody knows the name.
    """
    build = find_cluster(name)
    if build is None:
        near = difflib.get_close_matches(name, names(), n=4, cutoff=0.4)
        offer = f"; nearest names: {', '.join(near)}" if near else ""
        raise StructureError(f"no cluster is called {name!r}{offer}; smiles:STRING and molecule files work too")
    atoms = build(number)
    atoms.info["label"] = name
    return atoms


def starts(name: str, count: int) -> list[Atoms]:
    """Build starting geometries of a cluster, where one alone may end on a minimum that is not the lowest.

    Hydrates and ion pairs have waters turned at random from a fixed seed (five waters stand on a square pyramid too),
    molecules from SMILES their conformers, complexes both. The first shell keeps the number of waters that the name
    says; its isomers have names of their own, such as ``[Zn(H2O)4]2+.2H2O``.

    Args:
        name: as for [`find_cluster`][].
        count: how many at most.

    Returns:
        Geometries, the one that the name stands for first; equal ones are left out.

    Raises:
        StructureError: nobody knows the name.
    """
    import numpy as np

    found = [cluster(name)]
    for number in range(1, count):
        another = cluster(name, number)
        if not any(np.allclose(another.positions, known.positions) for known in found):
            found.append(another)
    return found


def _find_hydrate(name: str) -> Builder | None:
    """Recognise a bare ion, a hydrate, and a hydrate with a second shell."""
    if match := BARE_ION.fullmatch(name):
        ion, charge = match[1], int(match[2] or 1)
        return (lambda _: solvation.hydrate(ion, 0, charge)) if (ion, charge) in solvation.IONS else None
    match = HYDRATE.fullmatch(name)
    if match is None or (match[1], int(match[3] or 1)) not in solvation.IONS:
        return None
    ion, waters, charge = match[1], int(match[2] or 1), int(match[3] or 1)
    if not name.endswith("H2O"):
        return lambda number: solvation.hydrate(ion, waters, charge, number)
    outer = int(match[4] or 1)
    if not 1 <= outer <= 2 * waters:
        raise StructureError(
            f"{name}: the second shell is built of 1 to {2 * waters} waters, two per first-shell water"
        )
    return lambda number: solvation.second_shell(ion, waters, charge, outer, number)


def _find_complex(name: str) -> Builder | None:
    """Recognise a molecule on Zn2+ or with water, hydrated hydronium, and an ion with ligands of several sorts."""
    if (match := LIGAND_AND_WATERS.fullmatch(name)) and (ligand := _ligand(match[1])):
        waters = int(match[2] or 1)
        return lambda number: ligands.zinc_complex(ligand, waters, number)
    if (match := LIGAND_ALONE.fullmatch(name)) and (alone := _ligand(match[1])):
        return lambda number: ligands.zinc_complex(alone, 0, number)
    if (match := WITH_WATER.fullmatch(name)) and (partner := _ligand(match[1])):
        return lambda number: ligands.water_pair(partner, number)
    if match := HYDRONIUM_HYDRATE.fullmatch(name):
        around = int(match[1] or 1)
        return lambda number: complexes.hydronium_hydrate(around, number)
    return (lambda number: _complex(name, number)) if complexes.parse(name) is not None else None


def _complex(name: str, number: int) -> Atoms:
    """Build an ion with ligands by its formula."""
    parsed = complexes.parse(name)
    assert parsed is not None  # the name has been recognised
    return complexes.coordinated(*parsed, number)


def _ligand(written: str) -> str | None:
    """Return the name of a molecule that has a donor atom."""
    name = _NAMES.get(written.casefold())
    return name if name in organic.MOLECULES and organic.MOLECULES[name].donor is not None else None


def _water() -> Atoms:
    from ase.build import molecule

    atoms = molecule("H2O")
    atoms.info = {"charge": 0, "spin": 1}
    return atoms
