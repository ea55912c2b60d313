"""How commands describe a structure in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ase import Atoms

    from ..structures.heterostructures import Heterostructure
    from ..structures.recipes import StructureRecipe


def describe(atoms: Atoms) -> str:
    """Describe a structure by its formula and what else tells it from others of that formula.

    Args:
        atoms: the structure.

    Returns:
        Formula, number of atoms, then lengths of the cell, angstrom, or of a molecule its charge and multiplicity. The
        charge of a crystal or a slab is named when there is one.
    """
    size = f"{atoms.get_chemical_formula()}, {len(atoms)} atoms"
    charge = int(atoms.info.get("charge", 0))
    signed = f"{charge:+d}" if charge else "0"
    if not atoms.pbc.any():
        from ..calculators.dft.molecule import multiplicity

        return f"{size}, charge {signed}, multiplicity {multiplicity(atoms)}"
    lengths = " x ".join(f"{length:.2f}" for length in atoms.cell.lengths())
    return f"{size}, {lengths} angstrom" + (f", charge {signed}" if charge else "")


def describe_edits(recipe: StructureRecipe) -> list[str]:
    """List the distinct edits of a recipe: what is done where, how many such there are, distances.

    Args:
        recipe: with edits or without.

    Returns:
        One line for each, numbered from 0 as ``choose`` counts them; none without edits.
    """
    from itertools import islice

    from ..structures.building import distinct_edits
    from ..structures.edits import MOST

    if not recipe.edits:
        return []
    lines = [
        f"edit {number}: {'; '.join(draft.told)}{'  <- this one' if number == recipe.choose else ''}"
        for number, draft in enumerate(islice(distinct_edits(recipe), MOST))
    ]
    if len(lines) == MOST:
        lines.append(f"only the first {MOST} distinct edits are listed")
    return lines


def describe_interface(interface: Heterostructure) -> list[str]:
    """Describe how a heterostructure is put together: cell, strain, place of the film, interface bonds.

    Args:
        interface: the heterostructure.

    Returns:
        One line for each.
    """
    from ..structures.heterostructures import count_patterns

    film, support, place = len(interface.film), len(interface.support), interface.placement
    lines = [f"area {interface.area:.1f} angstrom^2, film {film} atoms, support {support} atoms"]
    match = interface.match
    if match is None:
        lines.append("strain: none, the film is a cluster")
    else:
        vectors = " and ".join(f"{100 * mismatch:+.2f} %" for mismatch in match.mismatch)
        lines.append(
            f"mismatch of the cell vectors {vectors}, of their angle {match.angle_mismatch:+.2f} degrees; "
            f"{match.film_cells} cells of the film on {match.support_cells} of the support"
        )
        lines += [
            f"strain of the {side}: {100 * strain.largest:+.2f} % at most, von Mises {100 * strain.von_mises:.2f} %"
            for side, strain in (("film", interface.film_strain), ("support", interface.support_strain))
        ]
    lines.append(f"{place.contact} contact, gap {place.gap:.2f} angstrom")
    if place.waters:
        lines.append(
            f"condensed: {place.waters} H2O have left, with {10 * place.waters} electrons; the rest is neutral"
        )
    if interface.candidates > 1:
        x, y = place.shift
        kind = f"film shifted by ({x:.2f}, {y:.2f}) angstrom" if match is not None else f"face {place.face} down"
        lines.append(
            f"candidate {interface.number} of {interface.candidates}, numbered from 0: {kind}; "
            "`candidate: N` in a recipe takes another"
        )
    if not interface.bonds:
        return [*lines, "interface bonds: none"]
    lengths = [bond.length for bond in interface.bonds]
    counts = ", ".join(f"{count} {pattern}" for pattern, count in count_patterns(interface.bonds).items())
    return [*lines, f"interface bonds: {counts}; {min(lengths):.2f} to {max(lengths):.2f} angstrom"]
