"""``azibflow list``: what may be named in a campaign file, and what each name stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import click

Entry = tuple[str, str]
"""A name, and what it is."""


def _studies() -> Iterator[Entry]:
    from ..studies import study_kinds

    for kind in study_kinds().values():
        also = f"; its table is called {' or '.join(kind.also)} too" if kind.also else ""
        yield kind.name, f"{kind.says}{also}"


def _calculators() -> Iterator[Entry]:
    from ..calculators.factory import available

    for calculator in available():
        yield calculator.kind, calculator.remark


def _prototypes() -> Iterator[Entry]:
    from ..structures.prototypes import prototypes

    for name, prototype in prototypes().items():
        also = f" (also {', '.join(prototype.aliases)})" if prototype.aliases else ""
        places = f" (places: {', '.join(prototype.places)})" if prototype.places else ""
        yield name, f"{_first_line(prototype.build.__doc__)}{also}{places}"


def _molecules() -> Iterator[Entry]:
    from ..structures.clusters import CLUSTERS

    for name, cluster in CLUSTERS.items():
        yield name, cluster.summary


def _heterostructures() -> Iterator[Entry]:
    from ..structures.heterostructures import PAIRS

    yield from PAIRS.items()


def _layers() -> Iterator[Entry]:
    from ..structures.heterostructures import LAYERS

    for name, layer in LAYERS.items():
        yield name, f"{layer.summary}; its faces are {layer.faces}"


def _literature() -> Iterator[Entry]:
    from ..data.literature import published_values

    for key, value in published_values().items():
        order = f"; order {value.order_in_words}" if value.order else ""
        says = f"{str(value.quantity).replace('_', ' ')}: {value.system}: {value.statement}{order}"
        yield key, f"{says} ({value.source.citation})"


def _tables() -> Iterator[Entry]:
    from ..data.tables import paper_tables

    for key, table in paper_tables().items():
        begun = "no campaign yet" if table.text is None else f"azibflow init --from {key}"
        yield key, f"{table.title}: {', '.join(table.rows)} ({table.printed}); {begun}"


LISTS: dict[str, tuple[str, Callable[[], Iterator[Entry]]]] = {
    "studies": ("kinds of studies (kind: of a study; tables and figures have the same names)", _studies),
    "calculators": ("kinds of calculators (calculator: of a campaign or a study)", _calculators),
    "prototypes": ("crystals and sheets (prototype: of a system)", _prototypes),
    "molecules": ("molecules and clusters (molecule: of a system, adsorbates, parts, supports)", _molecules),
    "heterostructures": ("films on supports (heterostructure: of a system)", _heterostructures),
    "layers": ("films and supports that can be paired otherwise (heterostructure: FILM/SUPPORT)", _layers),
    "tables": ("tables of the papers (azibflow init --from), with their rows", _tables),
    "literature": ("keys of published values (literature: of a study)", _literature),
}
"""What can be listed: what it is, where in a campaign it is written, and its entries."""


@click.command(name="list")
@click.argument("what", type=click.Choice([*LISTS, "all"]), required=False)
@click.argument("words", nargs=-1)
def command(what: str | None, words: tuple[str, ...]) -> int:
    """List WHAT may be named in a campaign file, with what each name stands for; only lines that hold all WORDS.

    \b
      azibflow list                           what can be listed
      azibflow list prototypes                crystals and sheets by name
      azibflow list literature adsorption Zn  published adsorption energies of zinc
      azibflow list tables                    tables of the papers, and which have a campaign
      azibflow list all V2O5                  everything that has to do with V2O5

    What other installed packages add is among them. Exit status 1 when no line holds all the words.
    """
    if what is None:
        width = max(map(len, LISTS))
        for name, (says, _) in LISTS.items():
            click.echo(f"{name:{width}}  {says}")
        return 0
    found = False
    for name in LISTS if what == "all" else [what]:
        says, entries = LISTS[name]
        lines = [entry for entry in entries() if _holds(entry, words)]
        found = found or bool(lines)
        if lines and what == "all":
            click.echo(f"{name}: {says}")
        width = min(32, max((len(key) for key, _ in lines), default=0))
        for key, meaning in lines:
            click.echo(f"{'  ' if what == 'all' else ''}{key:{width}}  {meaning}")
    return 0 if found else 1


def _holds(entry: Entry, words: tuple[str, ...]) -> bool:
    text = " ".join(entry).casefold()
    return all(word.casefold() in text for word in words)


def _first_line(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0]
