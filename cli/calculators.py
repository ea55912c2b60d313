"""``azibflow calculators``: what can compute here, and its limits; foundation models are fetched here."""

from __future__ import annotations

import click


@click.command(name="calculators")
@click.argument("spec", required=False)
@click.option("--fetch", metavar="NAME", help="Download a foundation model of MACE to where mace-torch keeps it.")
@click.option("--install", metavar="NAME", help="Install the Python environment of a potential that needs its own.")
def command(spec: str | None, fetch: str | None, install: str | None) -> None:
    """List the calculators, whether each can be used here, and what it can and cannot do; or the limits of one SPEC.

    Those of other packages are named with their package; a plug-in that cannot be used, with the reason.

    Foundation models of MACE are named by family, each with its licence; "here" marks those whose file is here. Nothing
    but --fetch and --install uses the network. On a machine without internet, fetch elsewhere and copy the file.

    Potentials whose libraries cannot stand beside those of this package compute in a Python environment of their own,
    which all runs and SLURM jobs share; it is made in ~/.local/share/azibflow/environments, or where
    AZIBFLOW_ENVIRONMENTS says.

    \b
      azibflow calculators
      azibflow calculators --install sevennet
      azibflow calculators --fetch medium-mpa-0
      azibflow calculators mace:medium-mpa-0
    """
    if fetch is not None:
        _fetch(fetch)
    if install is not None:
        _install(install)
    if spec is not None:
        _print_limits(spec)
    if fetch is None and install is None and spec is None:
        _print_all()


def _fetch(name: str) -> None:
    from ..calculators.mace_foundations import ASL_TERMS, fetch_foundation, foundation
    from ..calculators.weights import file_sha256

    model = foundation(name)
    # Before the download: who takes the file accepts its licence.
    click.echo(f"{name} ({model.family}), {ASL_TERMS if model.licence == 'ASL' else model.licence}\nfrom {model.url}")
    path = fetch_foundation(name)
    click.echo(f"is at {path}\ncalculator: {{kind: mace, models: {{path: {name}, sha256: {file_sha256(path)}}}}}")


def _install(name: str) -> None:
    from ..calculators.isolated.environments import environment
    from ..calculators.isolated.install import install

    wanted = environment(name)
    install(wanted, click.echo)
    click.echo(f"{name} is ready: {wanted.folder}")


def _print_limits(text: str) -> None:
    from ..calculators.guard import listed
    from ..calculators.specs import geometry_method, parse_spec

    spec = geometry_method(parse_spec(text))
    limits = spec.capabilities()
    boundaries = {None: "any", True: "three periodic directions", False: "molecules"}
    click.echo(f"elements: {'any' if limits.elements is None else ', '.join(sorted(limits.elements))}")
    click.echo(f"boundaries: {boundaries[limits.periodic]}")
    click.echo(f"charges: {'any' if limits.charges is None else listed(limits.charges)}")
    click.echo(f"multiplicity: {'an input' if limits.reads_spin else 'not an input'}")
    click.echo(f"properties: {', '.join(limits.properties)}\nwork: {spec.queue()}\nnote: {limits.note}")
    for weights in spec.weights():
        click.echo(f"weights: {weights.name} (SHA-256 {weights.sha256})")
    click.echo(f"versions: {', '.join(f'{name} {version}' for name, version in sorted(spec.versions().items()))}")


def _print_all() -> None:
    from ..calculators.factory import available

    usable = set()
    for calculator in available():
        mark = "usable" if calculator.usable else "not usable"
        click.echo(f"{calculator.kind}: {mark}{f', from {calculator.package}' if calculator.package else ''}")
        click.echo(f"    {calculator.remark}")
        usable |= {calculator.kind} if calculator.usable else set()
    if "mace" in usable:
        from ..calculators.mace_foundations import listing

        click.echo("foundation models of MACE:")
        for line in listing():
            click.echo(f"    {line}")
    _print_environments()


def _print_environments() -> None:
    from ..calculators.isolated.environments import ENVIRONMENTS, environments_folder

    click.echo(f"Python environments of potentials, in {environments_folder()}:")
    for one in ENVIRONMENTS.values():
        state = "not installed" if not one.folder.is_dir() else f"here; {one.problem() or one.main_version()}"
        click.echo(f"    {one.name}: {state}\n        {one.says}")
