"""The table of electrostatic potentials on molecular surfaces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from .building import ANGSTROM, Entry, columns_of, make_table, values
from .model import Column, Table, Value
from .molecules import MEDIUM, METHOD, detail_cells, detail_columns, duration, in_gas_phase, medium, molecule_notes
from .published import published_notes

if TYPE_CHECKING:
    from ...calculators.esp.statistics import Extremum, SurfaceStatistics
    from ...workflows.molecular.esp import EspResult

KCAL = "kcal/mol"
SQUARED = "kcal^2/mol^2"


def esp_table(results: Sequence[EspResult], *, literature: bool = False) -> Table:
    """Tabulate extrema and statistics of the potential, one row per molecule.

    Args:
        results: the maps, in the order of the table.
        literature: name the published values that the studies ask for; none is of a potential on a surface.

    Returns:
        The table.
    """
    columns = _columns(results)
    entries = [Entry(result, result, result.molecule_name, _cells(result, columns)) for result in results]
    notes = _notes(results)
    if literature:
        notes += published_notes(key for result in results for key in result.literature)
    title = "Electrostatic potentials on molecular surfaces"
    return make_table(title, columns, entries, notes, published=None, unit=KCAL)


def _cells(result: EspResult, columns: Sequence[Column]) -> dict[str, Value]:
    cells: dict[str, Value] = {**values(result, columns), "medium": medium(result.calculator)}
    if result.molecule is not None:
        molecule = result.molecule
        cells |= {**detail_cells(molecule), "charge": molecule.charge, "method": molecule.method}
    if result.statistics is not None:
        cells |= _surface_cells(result.statistics, columns)
    return cells


def _surface_cells(statistics: SurfaceStatistics, columns: Sequence[Column]) -> dict[str, Value]:
    fit = statistics.fit_error
    cells: dict[str, Value] = {
        **values(statistics, columns),
        "local_maxima": _listed(statistics.maxima),
        "local_minima": _listed(statistics.minima),
    }
    for name, extremum in (("maximum", statistics.maximum), ("minimum", statistics.minimum)):
        cells |= {
            name: extremum.value,
            f"{name}_atom": f"{extremum.nearest_symbol}{extremum.nearest_atom}",
            f"{name}_position": ", ".join(f"{x:.3f}" for x in extremum.position),
        }
    if fit is not None:
        cells |= {"fit_rms": fit.rms, "fit_largest": fit.largest, "fit_points": fit.points}
    return cells


def _listed(extrema: Iterable[Extremum]) -> str:
    return "; ".join(f"{e.value:.2f} at {e.nearest_symbol}{e.nearest_atom}" for e in extrema)


def _columns(results: Sequence[EspResult]) -> list[Column]:
    from ...calculators.esp.statistics import SurfaceStatistics
    from ...workflows.molecular.esp import EspResult

    of, statistic = columns_of(EspResult), columns_of(SurfaceStatistics)
    return [
        of("study", "study", detail=len({result.study for result in results}) == 1),
        of("molecule_name", "molecule"),
        Column(key="charge", head="charge", unit="e", description="total charge, elementary charges"),
        *_extremum_columns("minimum", "V_s,min", "lowest"),
        *_extremum_columns("maximum", "V_s,max", "highest"),
        statistic("average", "average", KCAL, 2, result=True),
        statistic("average_positive", "average +", KCAL, 2, result=True),
        statistic("average_negative", "average -", KCAL, 2, result=True),
        statistic("variance_positive", "sigma+^2", SQUARED, 1, result=True),
        statistic("variance_negative", "sigma-^2", SQUARED, 1, result=True),
        statistic("variance", "sigma_tot^2", SQUARED, 1, result=True, detail=True),
        statistic("balance", "nu", "", 3, result=True),
        statistic("charge_separation", "Pi", KCAL, 2, result=True),
        statistic("polarity_index", "MPI", KCAL, 2, result=True, detail=True),
        statistic("spread", "spread", KCAL, 2, result=True),
        statistic("steepness", "steepness", f"{KCAL}/{ANGSTROM}", 2, result=True),
        statistic("area", "area", "angstrom^2", 1, result=True),
        statistic("volume", "volume", "angstrom^3", 1, result=True),
        statistic("positive_area", "positive area", "angstrom^2", 1, result=True, detail=True),
        statistic("negative_area", "negative area", "angstrom^2", 1, result=True, detail=True),
        statistic("polar_area", "polar area", "angstrom^2", 1, result=True, detail=True),
        Column(key="local_maxima", head="maxima", unit=KCAL, description="local maxima and nearest atoms", detail=True),
        Column(key="local_minima", head="minima", unit=KCAL, description="local minima and nearest atoms", detail=True),
        *_fit_columns(),
        of("isovalue", "density", "e/bohr^3", detail=len({result.isovalue for result in results}) < 2),
        MEDIUM.model_copy(update={"detail": all(in_gas_phase(result.calculator) for result in results)}),
        METHOD,
        of("seconds", "time, map", "s", 1),
        of("seconds_scf", "time, density", "s", 1, detail=True),
        *detail_columns(),
    ]


def _extremum_columns(key: str, head: str, word: str) -> list[Column]:
    return [
        Column(key=key, head=head, unit=KCAL, decimals=1, description=f"{word} potential", result=True),
        Column(key=f"{key}_atom", head="near", description=f"atom nearest to the {word} potential, counted from 0"),
        Column(
            key=f"{key}_position",
            head=f"{head} position",
            unit=ANGSTROM,
            description=f"where the potential is {word}: x, y, z",
            detail=True,
        ),
    ]


def _fit_columns() -> list[Column]:
    shared = {"unit": KCAL, "decimals": 3}
    return [
        Column(key="fit_rms", head="fit RMS", description="error of the fitted potential, root mean square", **shared),
        Column(key="fit_largest", head="fit max", description="largest error of the fitted potential", **shared),
        Column(key="fit_points", head="fit points", description="points the error was measured at", detail=True),
    ]


def _notes(results: Sequence[EspResult]) -> list[str]:
    if not results:
        return []
    isovalues = ", ".join(f"{isovalue:g}" for isovalue in sorted({result.isovalue for result in results}))
    notes = [
        f"V_s: electrostatic potential per unit positive charge on the surface of electron density {isovalues} "
        "electrons/bohr^3, nuclei included. Statistics of Politzer and Murray (10.1016/0166-1280(94)80117-7), weighted "
        "by area, named as Multiwfn names them (10.1016/j.jmgm.2012.07.004); none of a sign that does not occur.",
        "Anisotropy, two measures that do not depend on the mean and so serve ions too: spread, the standard deviation "
        "of V_s over the whole surface; steepness, the root mean square of its gradient along the surface, large where "
        "high and low regions are adjacent.",
        "V_s of an ion carries the potential of its charge: compare extrema and averages within one charge.",
        "Turning a molecule in its grid, at the default spacing of 0.25 bohr, changes extrema by up to 0.1 kcal/mol, "
        "averages by 0.05, variances and areas by 0.2 percent: differences below that are of the mesh.",
    ]
    found = [result for result in results if result.statistics is not None]
    exact = [r.molecule_name for r in found if r.statistics is not None and r.statistics.fit_error is None]
    if len(exact) < len(found):
        notes.append("fit RMS, fit max: fitted minus exact potential at surface points that the fit did not use.")
    if exact:
        notes.append(f"Potential by exact integrals, or on too small a surface to measure a fit: {', '.join(exact)}.")
    notes += [f"{result.study}: {result.molecule.method}." for result in results if result.molecule is not None]
    further = sum(result.seconds + (result.seconds_scf or 0.0) for result in found)
    notes += molecule_notes((result.molecule for result in results), further)
    return notes + (_time_notes(found) if found else [])


def _time_notes(results: Sequence[EspResult]) -> list[str]:
    """Say how long the maps took, and whether their densities were converged a second time."""
    notes = [f"Maps took {duration(sum(result.seconds for result in results))} together, from converged densities on."]
    again = [result.seconds_scf for result in results if result.seconds_scf]
    if again:
        notes.append(
            f"Converging {len(again)} of the densities again, whose orbitals had not been kept, took "
            f"{duration(sum(again))}."
        )
    unknown = [result.molecule_name for result in results if result.seconds_scf is None]
    if unknown:
        names = ", ".join(unknown)
        notes.append(f"In no time here, since it was not recorded: converging the densities of {names} a second time.")
    return notes
