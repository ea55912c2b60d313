"""Tables of the published hops: what each potential is worth, and each hop by each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...data.barriers import SOURCE, published_hops
from ...workflows.common.results import Outcome
from ..benchmarks.barriers import FEWEST, ION, Measured, barriers_of, errors_by_class, errors_of, of_ion
from .model import Column, Row, Table, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

EVERY = "all"
PUBLISHED = ", as published"
SUMMARY = (
    Column(key="potential", head="potential", description="what computed the barriers"),
    Column(key="hosts", head="hosts", description="class of hosts"),
    Column(key="number", head="hops", description="hops of Zn with a barrier"),
    Column(key="mean", head="error", unit="eV", decimals=2, description="mean of barrier minus DFT"),
    Column(key="spread", head="+-", unit="eV", decimals=2, description="standard deviation of that over the hops"),
    Column(key="absolute", head="mean abs.", unit="eV", decimals=3, description="mean absolute error"),
    Column(key="rank", head="rank", decimals=2, description="Spearman's rank correlation with DFT"),
    Column(key="failed", head="no result", description="hops that have no barrier or none that converged"),
    Column(key="force_calls", head="force calls", description="median evaluations per hop, endpoints included"),
    Column(key="seconds", head="time", unit="s", decimals=0, description="median wall time per hop, on one core"),
)


def worth_table(potentials: Mapping[str, Measured]) -> Table:
    """Tabulate the errors of potentials, over all hosts and by class; published bands of others below.

    Args:
        potentials: measured ones, by name.
    """
    rows = [row for name, one in potentials.items() for row in _summaries(name, one)]
    for name in ("Orb-v3", "SevenNet", "MACE", "CHGNet"):
        said = {
            hop.name: hop.potentials[name]
            for hop in published_hops().values()
            if name in hop.potentials and hop.ion == ION
        }
        rows += _rows(f"{name}{PUBLISHED}", said, {})
    notes = [
        f"Barriers of {ION} between the published endpoints, against the published bands of DFT (GGA): {SOURCE}.",
        "error: mean of barrier minus DFT over the hops, +- its standard deviation; a class of fewer than "
        f"{FEWEST} hops has no row of its own.",
        "no result: hops whose band did not converge, is no elementary hop or lies outside the potential's domain; "
        "they count in none of the errors, nor do hops that were not asked for.",
    ]
    return Table(title="What potentials are worth on published barriers", columns=list(SUMMARY), rows=rows, notes=notes)


def hops_table(potentials: Mapping[str, Measured]) -> Table:
    """Tabulate each published hop: DFT, and each potential.

    Args:
        potentials: measured ones, by name.
    """
    columns = [
        Column(key="hop", head="hop", description="name of the hop in the compilation"),
        Column(key="ion", head="ion", description="the ion that hops"),
        Column(key="hosts", head="hosts", description="class of the host"),
        Column(key="dft", head="DFT", unit="eV", decimals=3, description="published barrier"),
    ]
    columns += [
        Column(key=name, head=name, unit="eV", decimals=3, description="barrier; none where it is no result")
        for name in potentials
    ]
    found = {name: {hop.name: hop for hop in one.hops} for name, one in potentials.items()}
    rows, notes = [], []
    for hop in published_hops().values():
        cells: dict[str, Value] = dict.fromkeys(column.key for column in columns)
        cells |= {"hop": hop.name, "ion": hop.ion, "hosts": hop.host_class, "dft": hop.dft}
        for name, hops in found.items():
            if hop.name not in hops:
                continue
            cells[name] = hops[hop.name].barrier if hops[hop.name].error is not None else None
            if hops[hop.name].error is None:
                notes.append(f"{hop.name}, {name}: {hops[hop.name].outcome.value}; {hops[hop.name].reason}.")
        rows.append(Row(name=hop.name, cells=cells, outcome=Outcome.OK))
    return Table(title="Published hops by each potential", columns=columns, rows=rows, notes=notes)


def _summaries(name: str, one: Measured) -> list[Row]:
    zinc = set(of_ion(published_hops().values()))
    calls = [hop.force_calls for hop in one.hops if hop.force_calls]
    seconds = [hop.seconds for hop in one.hops if hop.seconds]
    effort: dict[str, Value] = {
        "failed": sum(hop.error is None for hop in one.hops if hop.name in zinc),
        "force_calls": int(np.median(calls)) if calls else None,
        "seconds": float(np.median(seconds)) if seconds else None,
    }
    return _rows(name, barriers_of(one), effort)


def _rows(name: str, barriers: dict[str, float], effort: dict[str, Value]) -> list[Row]:
    """Return the row of all hosts, of however few barriers, and those of classes."""
    errors = errors_of(barriers)
    overall: dict[str, Value] = {"number": len(barriers)} if errors is None else errors.model_dump()
    found = {EVERY: overall | effort} | {hosts: some.model_dump() for hosts, some in errors_by_class(barriers).items()}
    return [
        Row(
            name=f"{name}, {hosts}",
            cells=dict.fromkeys(column.key for column in SUMMARY) | {"potential": name, "hosts": hosts, **some},
            outcome=Outcome.OK,
        )
        for hosts, some in found.items()
    ]
