"""``azibflow build``: write a structure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ..structures.recipes import StructureRecipe


@click.command(name="build")
@click.argument("spec", required=False)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write; its suffix chooses the format.")
@click.option("--slab", metavar="FACET", help='Cut a slab: "(002)", "(10-10)", 101. Lists its terminations too.')
@click.option("--layers", type=click.IntRange(1), default=6, show_default=True, help="Slab thickness, repeat layers.")
@click.option("--vacuum", type=float, default=15.0, show_default=True, help="Vacuum of a slab, angstrom.")
@click.option("--termination", type=click.IntRange(0), default=0, show_default=True, help="Which termination.")
@click.option("--supercell", type=int, nargs=3, default=(1, 1, 1), help="Repeats along a, b, c (slabs: first two).")
def command(
    spec: str | None,
    output: Path | None,
    slab: str | None,
    layers: int,
    vacuum: float,
    termination: int,
    supercell: tuple[int, int, int],
) -> None:
    """Write the structure that SPEC describes; without SPEC, list the prototypes.

    SPEC is the name of a prototype (alpha-V2O5), of a molecule (H2O), a structure file, or a YAML file with a recipe as
    it stands under `systems:` in a campaign. Nothing is relaxed.

    \b
      azibflow build alpha-V2O5 --supercell 1 3 1 -o host.cif
      azibflow build Zn --slab "(002)" --layers 5 -o zn002.vasp
    """
    from ..structures.recipes import build, build_bulk, slab_terminations

    if spec is None:
        _list_prototypes()
        return
    changes: dict[str, Any] = {"supercell": supercell}
    if slab is not None:
        changes = {
            "slab": {
                "miller": slab,
                "layers": layers,
                "vacuum": vacuum,
                "termination": termination,
                "supercell": supercell[:2],
            }
        }
    recipe = _recipe(spec, changes)
    atoms = build(recipe)
    lengths = " x ".join(f"{length:.3f}" for length in atoms.cell.lengths()) if atoms.pbc.any() else "no cell"
    click.echo(f"{recipe.label}: {atoms.get_chemical_formula()}, {len(atoms)} atoms, {lengths} angstrom")
    if recipe.slab is not None:
        for number, cut in enumerate(slab_terminations(recipe, build_bulk(recipe))):
            chosen = "  <- this one" if number == recipe.slab.termination else ""
            faces = "equivalent faces" if cut.info["symmetric"] else "two different faces"
            click.echo(f"  termination {number}: {len(cut)} atoms, {cut.info['layers']} layers, {faces}{chosen}")
    if output is not None:
        from ..structures.files import write_structure

        write_structure(atoms, output)
        click.echo(f"written to {output}")


def _recipe(spec: str, changes: dict[str, Any]) -> StructureRecipe:
    from pydantic import ValidationError

    from ..errors import StructureError
    from ..structures.prototypes import find
    from ..structures.recipes import StructureRecipe

    path = Path(spec)
    try:
        if path.suffix in (".yaml", ".yml"):
            from ..campaigns.files import load_recipe

            return load_recipe(path, changes)
        if path.suffix or path.is_file():
            return StructureRecipe(file=path, **changes)
        try:
            find(spec)
        except StructureError as unknown_prototype:
            from ase.collections import g2

            if spec not in g2.names:
                raise unknown_prototype from None
            return StructureRecipe(molecule=spec, **changes)
        return StructureRecipe(prototype=spec, **changes)
    except ValidationError as error:
        raise StructureError(f"{spec}: {error.errors()[0]['msg'].removeprefix('Value error, ')}") from error


def _list_prototypes() -> None:
    from ..structures.prototypes import PROTOTYPES

    for name, prototype in PROTOTYPES.items():
        summary = (prototype.build.__doc__ or "").strip().splitlines()[0]
        click.echo(f"{name:24s} {summary}")
