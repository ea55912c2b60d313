"""``azibflow build``: write a structure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .descriptions import describe, describe_edits, describe_interface
from .recipes import edits_of_words, recipe_of_words

if TYPE_CHECKING:
    from ase import Atoms

    from ..structures.recipes import StructureRecipe


@click.command(name="build")
@click.argument("spec", required=False)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write; its suffix chooses the format.")
@click.option("--on", "support", metavar="SUPPORT", help="Put SPEC, a layer or a slab file, on this one.")
@click.option("--slab", metavar="FACET", help='Cut a slab: "(002)", "(10-10)", 101. Lists its terminations too.')
@click.option("--layers", type=click.IntRange(1), default=6, show_default=True, help="Slab thickness, repeat layers.")
@click.option("--vacuum", type=float, default=15.0, show_default=True, help="Vacuum of a slab, angstrom.")
@click.option("--termination", type=click.IntRange(0), default=0, show_default=True, help="Which termination.")
@click.option("--break", "broken", metavar="BOND", multiple=True, help="A bond in layers that the slab may cut: Ti-S.")
@click.option("--supercell", type=int, nargs=3, help="Repeats along a, b, c (slabs: first two).")
@click.option("--edit", "edits", multiple=True, metavar="KEY", help="An edit as in a recipe: 'vacancies: {O: 1}'.")
def command(
    spec: str | None,
    output: Path | None,
    support: str | None,
    slab: str | None,
    layers: int,
    vacuum: float,
    termination: int,
    broken: tuple[str, ...],
    supercell: tuple[int, int, int] | None,
    edits: tuple[str, ...],
) -> None:
    """Write the structure that SPEC describes; without SPEC, list everything that has a name.

    SPEC is the name of a prototype (alpha-V2O5), of a molecule or a cluster (H2O, NMP, "[Zn(H2O)6]2+"), a
    heterostructure (V8O16/graphene), a SMILES (smiles:CCO), a structure file, or a YAML file with a recipe as it stands
    under `systems:` in a campaign. Nothing is relaxed. Charge and multiplicity are kept in .xyz and .traj files, and so
    are the tags that tell film (2) from support (1).

    \b
      azibflow build alpha-V2O5 --supercell 1 3 1 -o host.cif
      azibflow build Zn --slab "(002)" --layers 5 -o zn002.vasp
      azibflow build "[Zn(H2O)6]2+" -o zn.xyz
      azibflow build V8O16/graphene -o interface.xyz
      azibflow build film.cif --on support.cif -o interface.xyz
      azibflow build "VO2(B)" --supercell 1 2 2 --edit "vacancies: {O: 1}" --edit "choose: 2" -o vacancy.cif

    Distinct edits are listed with their numbers for `choose`; `choose: all` writes every one, vacancy-0.cif and so on.
    """
    from ..structures.axes import describe_axes
    from ..structures.building import build_bulk, slab_axes, slab_terminations
    from ..structures.files import write_structure

    if spec is None:
        _list_names()
        return
    changes: dict[str, Any] = {} if supercell is None else {"supercell": supercell}
    if slab is not None:
        changes = {
            "slab": {
                "miller": slab,
                "layers": layers,
                "vacuum": vacuum,
                "termination": termination,
                "broken_bonds": broken,
                "supercell": (1, 1) if supercell is None else supercell[:2],
            }
        }
    recipe = recipe_of_words(spec, changes | edits_of_words(edits), support)
    interface = None if recipe.heterostructure is None else recipe.heterostructure.build()
    made = _made(recipe, None if interface is None else interface.atoms, output)
    for atoms, path in made:  # before anything is printed: who reads the words may stop listening
        if path is not None:
            write_structure(atoms, path)
    for atoms, _ in made:
        click.echo(f"{atoms.info['label']}: {describe(atoms)}")
    for line in describe_edits(recipe):
        click.echo(f"  {line}")
    if interface is not None:
        for line in describe_interface(interface):
            click.echo(f"  {line}")
    if recipe.slab is not None:
        if cell := describe_axes(build_bulk(recipe.bulk), slab_axes(recipe)):
            click.echo(f"  indices refer to the {cell}")
        for number, cut in enumerate(slab_terminations(recipe, build_bulk(recipe))):
            chosen = "  <- this one" if number == recipe.slab.termination else ""
            faces = "equivalent faces" if cut.info["symmetric"] else "two different faces"
            click.echo(f"  termination {number}: {len(cut)} atoms, {cut.info['layers']} layers, {faces}{chosen}")
    for _, path in made:
        if path is not None:
            click.echo(f"written to {path}")


def _made(recipe: StructureRecipe, bulk: Atoms | None, output: Path | None) -> list[tuple[Atoms, Path | None]]:
    """Build the structure, or one for each edit where all are wanted, with the file that each goes to."""
    from ..structures.building import build_bulk, build_from_bulk, distinct_edits

    source = build_bulk(recipe) if bulk is None else bulk
    if recipe.choose != "all":
        return [(build_from_bulk(recipe, source, source), output)]
    made = []
    for number, _ in enumerate(distinct_edits(recipe)):
        atoms = build_from_bulk(recipe.model_copy(update={"choose": number}), source, source)
        atoms.info["label"] = f"{recipe.label}#{number}"
        made.append((atoms, None if output is None else output.with_stem(f"{output.stem}-{number}")))
    return made


def _list_names() -> None:
    from ..structures.clusters import CLUSTERS
    from ..structures.heterostructures import LAYERS, PAIRS
    from ..structures.prototypes import prototypes

    summaries = {name: (prototype.build.__doc__ or "").strip() for name, prototype in prototypes().items()}
    molecules = {name: cluster.summary for name, cluster in CLUSTERS.items()}
    groups = {
        "Crystals and sheets": summaries,
        "Molecules and clusters": molecules,
        "Heterostructures (film/support) and the bond they are studied for": dict(PAIRS),
    }
    for heading, entries in groups.items():
        click.echo(f"{heading}:")
        for name, summary in entries.items():
            click.echo(f"  {name:28s} {summary.splitlines()[0]}")
    click.echo("Beside these: other hydrates such as [Mg(H2O)4]2+, ions such as Ca2+, and smiles:STRING.")
    click.echo(f"Films and supports that can be paired otherwise: {', '.join(LAYERS)}.")
