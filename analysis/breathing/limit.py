"""How many ions an interface takes before its bonds no longer come back: arithmetic on a breathing study."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import BaseModel, Field

from ...structures.bonds import followed
from ...workflows.breathing.results import BreathingResult, HostState, rereferenced
from ...workflows.common.results import Outcome
from .hull import Plateau, lower_hull, molar_mass, plateaus
from .rows import BreathingFlag, BreathingRow, breathing_rows, with_neighbours

DEFINITIONS = {"n_thermo": "thermodynamic", "n_rev": "reversible", "n_max": "maximum"}
"""Names of the limits and the fields that hold them."""


class Limit(BaseModel):
    """A largest number of ions by one definition."""

    n: int = Field(description="largest number of ions")
    exact: bool = Field(description="the next number was computed and fails; otherwise this is a lower bound")
    single: tuple[int, int] | None = Field(
        None, description="smallest and largest number that searches find when each stands alone, where several do"
    )

    @property
    def range(self) -> tuple[int, int | None]:
        """Smallest and largest number that it may be; none where nothing bounds it from above."""
        lowest, highest = self.single or (self.n, self.n)
        return min(self.n, lowest), max(self.n, highest) if self.exact else None

    @property
    def text(self) -> str:
        """The number, as a lower bound where it is one, and its range where single searches differ."""
        number = f"{self.n}" if self.exact else f"at least {self.n}"
        if self.single is None or self.single == (self.n, self.n):
            return number
        return f"{number} ({self.single[0]} to {self.single[1]} by single searches)"


class BreathingLimit(BaseModel):
    """The limits of one study by every definition, and the rows they follow from."""

    rows: list[BreathingRow] = Field(description="from n = 0 up")
    host: HostState = Field(description="reference state: the lowest intact host found anywhere")
    bonds: int = Field(description="bonds of the host that are followed")
    of_interface: bool = Field(description="those of its interface; otherwise it has none there, and all are followed")
    mass: float = Field(description="mass of the film, g/mol of cells")
    hull: list[int] = Field(description="stable numbers of ions")
    plateaus: list[Plateau] = Field(description="voltages between them")
    thermodynamic: Limit = Field(description="n_thermo: last n on the hull with a negative increment")
    reversible: Limit = Field(description="n_rev: largest n up to which every m gives the host back when it is emptied")
    unbroken: Limit = Field(description="largest n up to which every m leaves all followed bonds intact")
    sound: Limit = Field(description="largest n up to which no m plates metal or disintegrates the film")
    maximum: Limit = Field(description="n_max: the smaller of n_thermo and n_rev")
    lower_broken: float | None = Field(
        None, description="energy of the lowest emptied host that is not intact, if below the host, eV"
    )


def breathing_limit(result: BreathingResult) -> BreathingLimit:
    """Follow E_b(n), its hull and the bonds that count to the limits.

    All records are judged anew against the lowest intact host that any of them found. Of several records of one n the
    lowest converged one counts; neither their order nor further ones of higher energy change anything.

    Args:
        result: the study.

    Returns:
        Rows from n = 0 up, a row that says so for every n without a record, and the limits.
    """
    result = rereferenced(result)
    whole = limit_of(result)
    seeds = sorted({record.seed for record in result.records})
    if len(seeds) < 2:
        return whole
    single = [
        limit_of(result.model_copy(update={"records": [one for one in result.records if one.seed == seed]}))
        for seed in seeds
    ]
    return whole.model_copy(
        update={
            name: _with_range(getattr(whole, name), [getattr(one, name) for one in single])
            for name in DEFINITIONS.values()
        }
    )


def _with_range(limit: Limit, single: Sequence[Limit]) -> Limit:
    """Add what single searches find; one that ended before its limit contradicts nothing."""
    numbers = [limit.n, *(one.n for one in single if one.exact)]
    return limit.model_copy(update={"single": (min(numbers), max(numbers))})


def limit_of(result: BreathingResult) -> BreathingLimit:
    """Follow the rows of records to the limits, whichever search they are of.

    Args:
        result: judged against its only host.
    """
    (host,) = result.hosts
    rows = breathing_rows(result, host)
    energies = {row.n: row.binding for row in rows if row.outcome is Outcome.OK and row.binding is not None}
    hull, steps = lower_hull(energies), plateaus(energies, result.charge)
    rows = [with_neighbours(row, energies, hull, steps) for row in rows]
    thermodynamic = Limit(n=hull[-1], exact=hull[-1] + 1 in energies)
    reversible = _as_far_as((row.n, row.reversible) for row in rows)
    return BreathingLimit(
        rows=rows,
        host=host,
        bonds=rows[0].intact or 0,
        of_interface=followed(host.structure.to_atoms(), result.interface, result.criteria.bonds) is not None,
        mass=molar_mass(host.structure, result.interface.film),
        hull=hull,
        plateaus=steps,
        thermodynamic=thermodynamic,
        reversible=reversible,
        unbroken=_as_far_as((row.n, _if_result(row, row.broken == 0)) for row in rows),
        sound=_as_far_as((row.n, _if_result(row, _is_sound(row))) for row in rows),
        maximum=_smaller(thermodynamic, reversible),
        lower_broken=_lowest_not_intact(result, host),
    )


def _as_far_as(known: Iterable[tuple[int, bool | None]]) -> Limit:
    """Return the last n before the first that fails (then exact) or of which nothing is known (then a lower bound)."""
    last = 0
    for n, holds in known:
        if not holds:
            return Limit(n=last, exact=holds is False)
        last = n
    return Limit(n=last, exact=False)


def _smaller(one: Limit, other: Limit) -> Limit:
    """Return the smaller limit: exact when either of those that equal it is, as the other can only be larger."""
    n = min(one.n, other.n)
    return Limit(n=n, exact=any(limit.exact for limit in (one, other) if limit.n == n))


def _if_result(row: BreathingRow, holds: bool) -> bool | None:
    return holds if row.outcome is Outcome.OK else None


def _is_sound(row: BreathingRow) -> bool:
    return not {BreathingFlag.PLATING, BreathingFlag.DISINTEGRATION}.intersection(row.flags)


def _lowest_not_intact(result: BreathingResult, host: HostState) -> float | None:
    energies = [
        record.emptied.energy - host.energy
        for record in result.records
        if record.emptied is not None
        and record.emptied.outcome is Outcome.OK
        and record.emptied.energy is not None
        and record.emptied.bonds is not None
        and not record.emptied.intact
    ]
    lowest = min(energies, default=0.0)
    return lowest if lowest < 0 else None
