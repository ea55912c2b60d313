"""The table of frontier levels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...data.literature import Quantity, published_values
from .building import Entry, columns_of, make_table, values
from .model import Column, Table, Value
from .molecules import MEDIUM, METHOD, detail_cells, detail_columns, in_gas_phase, medium, molecule_notes

if TYPE_CHECKING:
    from ...workflows.molecular.orbitals import OrbitalRow, OrbitalsResult


COLUMN = {"oxidized": "vertical IP", "reduced": "vertical EA"}
"""Column that an ion of a molecule is needed for."""


def orbitals_table(results: Sequence[OrbitalsResult], *, literature: bool = False) -> Table:
    """Tabulate frontier levels, one row per molecule.

    Args:
        results: the studies, in the order of the table.
        literature: put published levels beside the molecules that they are about.

    Returns:
        The table.
    """
    columns = _columns(results)
    entries = [
        Entry(
            result,
            row,
            row.molecule_name,
            values(result, columns) | values(row, columns) | _cells(result, row),
            published_beside(result, row),
        )
        for result in results
        for row in result.rows
    ]
    published = Quantity.ORBITAL_ENERGY if literature else None
    return make_table("Frontier levels", columns, entries, _notes(results), published=published, unit="eV")


def published_beside(result: OrbitalsResult, row: OrbitalRow) -> list[str]:
    """Return the keys of the published values whose species is named like the molecule."""
    known = published_values()
    name = row.molecule_name.lower()
    return [key for key in result.literature if key in known and name in known[key].species.lower().split()]


def _cells(result: OrbitalsResult, row: OrbitalRow) -> dict[str, Value]:
    molecule = row.molecule
    cells: dict[str, Value] = {"medium": medium(result.calculator), **detail_cells(molecule)}
    if molecule is not None:
        cells["dipole"] = molecule.dipole
        if molecule.orbitals is not None:
            cells |= {"homo_spin": molecule.orbitals.homo_spin, "lumo_spin": molecule.orbitals.lumo_spin}
    for state, ion in (("oxidized", row.oxidized), ("reduced", row.reduced)):
        if ion is not None:
            cells |= {f"{state}_energy": ion.energy, f"{state}_spin_squared": ion.spin_squared}
    return cells


def _columns(results: Sequence[OrbitalsResult]) -> list[Column]:
    from ...workflows.molecular.energies import MoleculeResult
    from ...workflows.molecular.orbitals import OrbitalRow, OrbitalsResult

    of, row_of, molecule_of = columns_of(OrbitalsResult), columns_of(OrbitalRow), columns_of(MoleculeResult)
    molecules = [row.molecule for result in results for row in result.rows if row.molecule is not None]
    singlets = all(molecule.spin == 1 for molecule in molecules)
    return [
        of("study", "study", detail=len(results) == 1),
        row_of("molecule_name", "molecule"),
        row_of("charge", "charge", "e"),
        molecule_of("spin", "2S+1", detail=singlets),
        row_of("homo", "HOMO", "eV", 2, result=True),
        row_of("lumo", "LUMO", "eV", 2, result=True),
        row_of("gap", "gap", "eV", 2, result=True),
        row_of("ionization_energy", "vertical IP", "eV", 2, result=True),
        row_of("electron_affinity", "vertical EA", "eV", 2, result=True),
        molecule_of("dipole", "dipole", "debye", 2, result=True),
        MEDIUM,
        METHOD,
        *(
            Column(key=f"{level}_spin", head=f"{level.upper()} spin", description=f"spin of the {level}", detail=True)
            for level in ("homo", "lumo")
        ),
        *(column for column in detail_columns() if column.key != "spin"),
        *_state_columns("oxidized", "one electron less"),
        *_state_columns("reduced", "one electron more"),
    ]


def _state_columns(state: str, words: str) -> list[Column]:
    return [
        Column(
            key=f"{state}_energy",
            head=f"E {state}",
            unit="eV",
            decimals=6,
            description=f"total energy with {words} at the same geometry, eV",
            detail=True,
        ),
        Column(
            key=f"{state}_spin_squared",
            head=f"<S^2> {state}",
            decimals=4,
            description=f"<S^2> with {words}",
            detail=True,
        ),
    ]


def _notes(results: Sequence[OrbitalsResult]) -> list[str]:
    if not results:
        return []
    rows = [row for result in results for row in result.rows]
    notes = [
        f"HOMO, LUMO: {_kind_of_levels(results)} levels against vacuum, no ionisation energies; of an open shell the "
        "higher and the lower of both spins. Levels of an ion carry the potential of its charge: compare within one "
        "charge.",
        "Vertical IP = E(one electron less) - E, vertical EA = E - E(one electron more), at the geometry of the row; a "
        "negative EA means that the added electron is not bound in this basis, and its number is of the basis.",
        "Ions of open shells: of the two multiplicities that one electron leads to, the one of lower energy.",
    ]
    if any(not in_gas_phase(result.calculator) for result in results):
        notes.append("In a continuum the solvent of both charge states is in equilibrium with them.")
    notes += [f"{result.study}: {result.method}." for result in results]
    notes += [note for result in results for note in _not_asked_for(result)]
    notes += [_missing(result, row) for result in results for row in result.rows if _lacking(result, row)]
    notes += molecule_notes(m for row in rows for m in (row.molecule, row.oxidized, row.reduced))
    return notes


def _kind_of_levels(results: Sequence[OrbitalsResult]) -> str:
    kinds = {"Hartree-Fock" if result.method.startswith(("HF/", "HF-")) else "Kohn-Sham" for result in results}
    return " or ".join(sorted(kinds, reverse=True))


def _lacking(result: OrbitalsResult, row: OrbitalRow) -> list[str]:
    """Return the columns of a molecule that are empty although they were asked for."""
    if row.molecule is None:
        return []
    return [head for ion, head in COLUMN.items() if ion in result.ions and getattr(row, ion) is None]


def _missing(result: OrbitalsResult, row: OrbitalRow) -> str:
    lacking = " and no ".join(_lacking(result, row))
    return f"{result.study}, {row.molecule_name}: no {lacking}, there is no energy of that ion."


def _not_asked_for(result: OrbitalsResult) -> list[str]:
    left = [head for ion, head in COLUMN.items() if ion not in result.ions]
    return [f"{result.study}: no {' and no '.join(left)}, the campaign asks for none of these ions."] if left else []
