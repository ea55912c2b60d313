"""Building what recipes say: the bulk, the slab or supercell that is made of it, and its edits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..errors import StructureError
from .documents import StructureDocument
from .edits import edited as edited_structure
from .electrons import check_electrons
from .recipes import ONE_CELL, CellLengths, StructureRecipe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ase import Atoms

    from .axes import Axes
    from .edits import Draft


def build_bulk(recipe: StructureRecipe) -> Atoms:
    """Build what the recipe starts from: the bulk, sheet or molecule before any slab or supercell.

    Args:
        recipe: the recipe.

    Returns:
        Atoms with ``info["charge"]``, ``info["label"]`` and, for a molecule, no cell.

    Raises:
        StructureError: the source cannot be found, read or used.
    """
    if recipe.prototype is not None:
        from .prototypes import prototype

        atoms = prototype(recipe.prototype)
    elif recipe.molecule is not None:
        from .molecules import adsorbate

        atoms = adsorbate(recipe.molecule)
    elif recipe.document is not None:
        from .files import check_structure

        atoms = recipe.document.to_atoms()
        check_structure(atoms, f"document {recipe.label}", periodic=bool(atoms.pbc.any()))
    elif recipe.heterostructure is not None:
        atoms = recipe.heterostructure.build().atoms
    else:
        from .files import read_structure

        assert recipe.file is not None  # the model has exactly one source
        atoms = read_structure(recipe.file)
    _set_lengths(atoms, recipe.cell, recipe.described)
    if recipe.is_whole:
        _set_state(atoms, recipe)
    return atoms


def as_recipe(source: StructureRecipe | Atoms) -> StructureRecipe:
    """Wrap atoms into a recipe; a recipe that names a file takes its contents along (see [`embed_file`][])."""
    if isinstance(source, StructureRecipe):
        return embed_file(source)
    return StructureRecipe(document=StructureDocument.from_atoms(source))


def embed_file(recipe: StructureRecipe) -> StructureRecipe:
    """Replace a file by its contents, so that the recipe can be built where the file is not.

    Raises:
        StructureError: the file cannot be read.
    """
    if recipe.heterostructure is not None:
        return recipe.model_copy(update={"heterostructure": recipe.heterostructure.embedded()})
    if recipe.document is not None or not recipe.files:
        return recipe
    document = StructureDocument.from_atoms(build_bulk(StructureRecipe(file=recipe.file, molecule=recipe.molecule)))
    return recipe.model_copy(update={"file": None, "molecule": None, "document": document})


def build_from_bulk(recipe: StructureRecipe, bulk: Atoms, built: Atoms | None = None) -> Atoms:
    """Do the rest of the recipe, slab or supercell and then the edits, on a bulk that may have been relaxed meanwhile.

    Args:
        recipe: the recipe.
        bulk: what ``build_bulk`` made, or the same after relaxation; the lattice is its.
        built: what ``build_bulk`` made, which edits are found in; made anew when none.

    Returns:
        The slab or supercell; its total charge is the one the recipe states for the whole structure.

    Raises:
        StructureError: the slab cannot be cut, or has fewer terminations than the one asked for; an edit cannot be
            made; or its electrons do not allow charge and multiplicity.
    """
    atoms = _cut(recipe, bulk)
    if recipe.edits:
        ideal = atoms if built is bulk else _cut(recipe, build_bulk(recipe.bulk) if built is None else built)
        atoms = edited_structure(recipe.described, recipe.edits, recipe.choose, ideal, atoms)
        _set_state(atoms, recipe)
    atoms.info["label"] = recipe.label
    check_electrons(atoms, recipe.label)
    return atoms


def build(recipe: StructureRecipe) -> Atoms:
    """Build the structure of a recipe without relaxing anything on the way."""
    bulk = build_bulk(recipe)
    return build_from_bulk(recipe, bulk, bulk)


def build_host(recipe: StructureRecipe) -> Atoms:
    """Build what studies of a bulk start from: the bulk, and where it is edited the supercell with its edits.

    Raises:
        StructureError: it cannot be built.
    """
    return build(recipe) if recipe.is_edited_bulk else build_bulk(recipe.bulk)


def intact_bonds(recipe: StructureRecipe, broken: Sequence[str] = ()) -> dict[tuple[str, str], float] | None:
    """Return the bonds a slab of this recipe must not cut, those that hold the layers of a layered crystal together.

    Args:
        recipe: the recipe.
        broken: those among them that the facet may break, such as "Ti-S".

    Returns:
        Pairs of elements and their longest length, angstrom; none where every bond may be cut.

    Raises:
        StructureError: the crystal cannot be built, or a bond that may be broken holds none of its layers together.
    """
    from .layering import layer_bonds, without_broken

    if recipe.prototype is not None:
        from .prototypes import find

        bonds: Mapping[tuple[str, str], float] = find(recipe.prototype).intact_bonds
    else:
        bulk = build_bulk(recipe.bulk)
        bonds = (layer_bonds(bulk) if bulk.pbc.all() else None) or {}
    return without_broken(bonds, broken, recipe.described)


def slab_terminations(recipe: StructureRecipe, bulk: Atoms) -> list[Atoms]:
    """Cut every termination of the recipe's slab.

    Raises:
        StructureError: the slab cannot be cut.
    """
    from .slabs import build_slabs

    slab = recipe.slab
    assert slab is not None  # callers have checked
    return build_slabs(
        bulk,
        slab.miller,
        layers=slab.layers,
        vacuum=slab.vacuum,
        supercell=slab.supercell,
        fixed_layers=slab.fixed_layers,
        intact_bonds=intact_bonds(recipe, slab.broken_bonds),
        axes=slab_axes(recipe),
    )


def slab_axes(recipe: StructureRecipe) -> Axes:
    """Return the cell that the Miller indices of a recipe refer to: that of the bulk as it is built, not yet relaxed.

    Returns:
        Its vectors in units of those of the bulk, or of the supercell that is edited.

    Raises:
        StructureError: the bulk cannot be built, or is no crystal.
    """
    from .axes import index_axes

    bulk = build_bulk(recipe.bulk)
    if not bulk.pbc.all():
        raise StructureError(f"{recipe.described}: slab: one is cut from a crystal, which has a cell; remove slab")
    a, b, c = (
        (x / recipe.supercell[0], y / recipe.supercell[1], z / recipe.supercell[2]) for x, y, z in index_axes(bulk)
    )
    return a, b, c


def distinct_edits(recipe: StructureRecipe) -> Iterator[Draft]:
    """Make the edits of a recipe in every way that symmetry does not make equal to another.

    Raises:
        StructureError: the structure cannot be built, or an edit cannot be made.
    """
    from .edits import distinct_edits as drafts

    yield from drafts(recipe.described, recipe.edits, _cut(recipe, build_bulk(recipe.bulk)))


def _cut(recipe: StructureRecipe, bulk: Atoms) -> Atoms:
    """Cut the slab or repeat the cell; nothing is edited."""
    return _repeated(recipe, bulk) if recipe.slab is None else _chosen_slab(recipe, bulk)


def _chosen_slab(recipe: StructureRecipe, bulk: Atoms) -> Atoms:
    assert recipe.slab is not None  # callers have checked
    slabs, wanted = slab_terminations(recipe, bulk), recipe.slab.termination
    if wanted >= len(slabs):
        raise StructureError(
            f"{recipe.described} has {len(slabs)} termination(s), numbered from 0; there is no termination {wanted}"
        )
    return slabs[wanted]


def _repeated(recipe: StructureRecipe, bulk: Atoms) -> Atoms:
    """Repeat a cell; the charge and the spin of a supercell are those that the recipe states for the whole."""
    from .files import check_size

    state = {"charge": bulk.info.get("charge", 0)} | {key: bulk.info[key] for key in ("spin",) if key in bulk.info}
    if recipe.supercell != ONE_CELL:
        open_axes = [
            axis for axis, n, along in zip("abc", recipe.supercell, bulk.pbc, strict=True) if n > 1 and not along
        ]
        if open_axes:
            raise StructureError(
                f"{recipe.described}: supercell {list(recipe.supercell)} repeats it along {' and '.join(open_axes)}, "
                "where it is not periodic; write 1 there"
            )
        for key, value in state.items():
            if value and getattr(recipe, key) is None:
                raise StructureError(
                    f"{recipe.described}: its source states {key} {value} for one cell; state {key} for the supercell"
                )
    check_size(len(bulk) * math.prod(recipe.supercell), recipe.described)
    atoms = bulk.repeat(recipe.supercell)
    atoms.info = state
    _set_state(atoms, recipe)
    return atoms


def _set_state(atoms: Atoms, recipe: StructureRecipe) -> None:
    """Set charge and multiplicity; that of the source belongs to the charge of the source and not to another."""
    if recipe.charge is not None and recipe.charge != atoms.info.get("charge", 0):
        spin = atoms.info.pop("spin", None)
        if recipe.spin is None and spin is not None and spin > 2:
            raise StructureError(
                f"{recipe.described}: multiplicity {spin} belongs to charge {atoms.info.get('charge', 0):+d}; with "
                f"charge: {recipe.charge} state spin: too"
            )
        atoms.info["charge"] = recipe.charge
    if recipe.spin is not None:
        atoms.info["spin"] = recipe.spin


def _set_lengths(atoms: Atoms, cell: CellLengths, label: str) -> None:
    lengths = [getattr(cell, axis) for axis in "abc"]
    if not any(lengths):
        return
    if atoms.cell.rank < 3:
        raise StructureError(f"{label}: cell: lengths are given for a structure without a cell; remove cell")
    parameters = atoms.cell.cellpar()
    for axis, length in enumerate(lengths):
        parameters[axis] = length or parameters[axis]
    directions = atoms.cell.array / atoms.cell.lengths()[:, None]
    atoms.set_cell(directions * parameters[:3, None], scale_atoms=True)
