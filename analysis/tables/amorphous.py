"""The table of amorphous solids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...data.literature import Quantity
from .building import ANGSTROM, Entry, columns_of, distinct, error_cell, error_columns, make_table, relaxation_note
from .model import Column, Table, Value
from .published import published_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...workflows.amorphous.results import AmorphousResult, PairShell, Quenched


def amorphous_table(results: Sequence[AmorphousResult], *, literature: bool = False) -> Table:
    """Tabulate amorphous solids, a row for each pair of elements of each seed.

    Args:
        results: in the order of the table.
        literature: put published distances beside the rows.

    Returns:
        The table.
    """
    entries = [entry for result in results for one in result.seeds for entry in _entries(result, one)]
    return make_table(
        "Amorphous solids",
        _columns(results),
        entries,
        list(_notes(results)),
        published=Quantity.PAIR_DISTANCE if literature else None,
        unit=ANGSTROM,
        described=[Quantity.COORDINATION_NUMBER],
    )


def _columns(results: Sequence[AmorphousResult]) -> list[Column]:
    from ...workflows.amorphous.results import AmorphousResult, PairShell, Quenched

    of, seed, shell = columns_of(AmorphousResult), columns_of(Quenched), columns_of(PairShell)
    return [
        of("study", "study"),
        seed("seed", "seed"),
        Column(key="atoms", head="atoms", description="atoms in the cell"),
        seed("density", "density", "g/cm3", 2),
        Column(key="pair", head="pair", description="the two elements"),
        Column(
            key="peak",
            head="first peak",
            unit=ANGSTROM,
            decimals=2,
            description=str(PairShell.model_fields["peak"].description),
            result=True,
        ),
        shell("end", "shell ends", ANGSTROM, 2, result=True),
        shell("neighbours", "neighbours", "", 2, result=True),
        shell("reverse", "the other way", "", 2, result=True),
        Column(
            key="above_crystal",
            head="above crystal",
            unit="eV/atom",
            decimals=3,
            description="energy per atom above that of the relaxed crystal",
            result=True,
        ),
        *error_columns([one for result in results for one in result.seeds], "eV/atom"),
        seed("closest", "closest", detail=True),
        seed("melted", "melted", ANGSTROM, 2, detail=True),
        Column(key="file", head="file", description="file of the structure in the folder of its job", detail=True),
        seed("force_calls", "force calls", detail=True),
    ]


def _entries(result: AmorphousResult, one: Quenched) -> list[Entry]:
    """Make a row for each pair of elements; one row where the melt fell apart."""
    return [_entry(result, one, shell) for shell in one.shells] or [_entry(result, one, None)]


def _entry(result: AmorphousResult, one: Quenched, shell: PairShell | None) -> Entry:
    pair = "" if shell is None else "-".join(shell.pair)
    cells: dict[str, Value] = {
        "study": result.study,
        "seed": one.seed,
        "atoms": len(result.crystal.structure.symbols),
        "density": one.density,
        "pair": pair,
        "above_crystal": result.above_crystal(one),
        "closest": one.closest,
        "melted": one.melted,
        "file": None if one.file is None else one.file.path,
        "force_calls": one.force_calls,
        **error_cell(one),
    }
    if shell is not None:
        cells |= {key: getattr(shell, key) for key in ("peak", "end", "neighbours", "reverse")}
    return Entry(result, one, f"seed {one.seed} {pair}", cells, beside_pair(result, pair))


def beside_pair(result: AmorphousResult, pair: str) -> list[str]:
    """Return the keys of the published values of a study that are about one pair of elements.

    Args:
        result: the study.
        pair: two elements in alphabetical order, such as O-Si.
    """
    from ...data.literature import published_values

    values = published_values()
    return [
        key for key in result.literature if key in values and "-".join(sorted(values[key].species.split("-"))) == pair
    ]


def published_distances(result: AmorphousResult, pair: tuple[str, str]) -> list[float]:
    """Return the published distances of a study for one pair of elements, angstrom.

    Args:
        result: the study.
        pair: two elements in alphabetical order.
    """
    keys = beside_pair(result, "-".join(pair))
    found = published_numbers(keys, Quantity.PAIR_DISTANCE)
    return [entry.value for entry in found if entry.value is not None]


def _notes(results: Sequence[AmorphousResult]) -> Iterator[str]:
    from ...structures.radial import SMOOTH, WIDTH

    if not results:
        return
    for result in results:
        yield f"{result.study}: from {result.system}; {result.protocol.words}."
    yield (
        "g(r): of the relaxed structure, every distance drawn as a Gaussian of "
        f"{WIDTH:g} angstrom; the first shell ends where g(r), drawn with {SMOOTH:g} angstrom, is least after its "
        "first maximum. Neighbours: of the second element around an atom of the first; the other way: the reverse."
    )
    yield (
        "Rates of cooling are many orders of magnitude above those of a laboratory: bonds and coordination numbers are "
        "near those of the glass, energies above those of an annealed one."
    )
    yield from distinct(relaxation_note(result.settings) for result in results)
