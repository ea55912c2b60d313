"""What tables say of the molecules behind a number: columns for CSV and JSON, footnotes for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...calculators.dft.levels import Solvent
from ...calculators.specs import PyscfSpec
from .building import FORCE, distinct
from .model import Column, Value

if TYPE_CHECKING:
    from ...calculators.specs import CalculatorRecord
    from ...workflows.molecular.energies import MoleculeResult

MEDIUM = Column(key="medium", head="medium", description="what surrounds the molecules in the final energies")
METHOD = Column(key="method", head="method", description="final level // level of the geometries", detail=True)


@dataclass(frozen=True)
class Detail:
    """One thing to tell of a molecule.

    Attributes:
        column: where it stands.
        read: how it is read off the molecule.
    """

    column: Column
    read: Callable[[MoleculeResult], Value]


def _detail(
    key: str,
    head: str,
    description: str,
    read: Callable[[MoleculeResult], Value],
    unit: str = "",
    decimals: int | None = None,
) -> Detail:
    column = Column(key=key, head=head, unit=unit, decimals=decimals, description=description, detail=True)
    return Detail(column, read)


def _lowest_frequency(molecule: MoleculeResult) -> float | None:
    thermo = molecule.geometry.thermochemistry
    return None if thermo is None else min(thermo.frequencies, default=None)


def _imaginary(molecule: MoleculeResult) -> int | None:
    thermo = molecule.geometry.thermochemistry
    return None if thermo is None else thermo.imaginary


DETAILS = (
    _detail("energy", "E", "total energy at the final level, eV", lambda m: m.energy, "eV", 6),
    _detail("spin", "2S+1", "multiplicity", lambda m: m.spin),
    _detail("spin_squared", "<S^2>", "<S^2>", lambda m: m.spin_squared, "", 4),
    _detail("stable", "SCF stable", "whether no orbital rotation lowers the energy", lambda m: m.stable),
    _detail("scf", "SCF", "attempts at the self-consistent field, in order", lambda m: "; ".join(m.scf)),
    _detail("fmax", "fmax", "largest force left on any atom, eV/angstrom", lambda m: m.geometry.fmax, FORCE, 4),
    _detail("force_calls", "force calls", "evaluations of energy and forces", lambda m: m.geometry.force_calls),
    _detail("lowest_frequency", "lowest mode", "wavenumber of the softest mode, cm-1", _lowest_frequency, "cm^-1", 1),
    _detail("imaginary", "imaginary modes", "number of imaginary modes", _imaginary),
    _detail("seconds_geometry", "time, geometry", "wall time, s", lambda m: m.geometry.seconds, "s", 1),
    _detail("seconds_energy", "time, energy", "wall time, s", lambda m: m.seconds, "s", 1),
    _detail("deviations", "deviations", "where it departs from its preset", lambda m: "; ".join(m.deviations)),
)


def detail_columns(prefix: str = "", words: str = "") -> list[Column]:
    """Return columns with the details of a molecule.

    Args:
        prefix: of their keys, where a row has several molecules.
        words: which of them it is.
    """
    return [
        column.model_copy(
            update={
                "key": prefix + column.key,
                "head": f"{column.head} {words}".strip(),
                "description": f"{words}: {column.description}" if words else column.description,
            }
        )
        for column in (detail.column for detail in DETAILS)
    ]


def detail_cells(molecule: MoleculeResult | None, prefix: str = "") -> dict[str, Value]:
    """Return the cells of [`detail_columns`][]; none for a molecule whose job failed."""
    if molecule is None:
        return {}
    return {prefix + detail.column.key: detail.read(molecule) for detail in DETAILS}


def medium(record: CalculatorRecord) -> str:
    """Say what surrounds the molecules in final energies: gas phase, or the model and name of a solvent."""
    return record.spec.medium()


def in_gas_phase(record: CalculatorRecord) -> bool:
    """Tell whether final energies are those of free molecules."""
    return medium(record) == "gas phase"


def molecule_notes(molecules: Iterable[MoleculeResult | None], further_seconds: float = 0.0) -> list[str]:
    """Describe in footnotes how some molecules were computed.

    Args:
        molecules: may hold one of them several times, and none where a job failed.
        further_seconds: wall time of what was computed from them, s.

    Returns:
        Geometries, frequencies and thermochemistry, spins, SCF, deviations from presets, time.
    """
    found = [molecule for molecule in molecules if molecule is not None]
    if not found:
        return []
    seconds = wall_seconds(found) + further_seconds
    return [
        *_geometry_notes(found),
        *_thermochemistry_notes(found),
        *_spin_notes(found),
        *_scf_notes(found),
        *_cavity_notes(found),
        *_caveats(found),
        *(f"Departs from its preset: {text}." for text in distinct(t for m in found for t in m.deviations)),
        f"All calculations behind this table took {duration(seconds)} of wall time one after the other, "
        "each geometry and each energy counted once.",
    ]


def _caveats(molecules: Sequence[MoleculeResult]) -> list[str]:
    return distinct(molecule.calculator.spec.caveat for molecule in molecules if molecule.calculator.spec.caveat)


def wall_seconds(molecules: Iterable[MoleculeResult]) -> float:
    """Add up wall times, s; a geometry or an energy that several studies share counts once."""
    geometries: dict[tuple[str, float], float] = {}
    energies: dict[tuple[str, int, str, float], float] = {}
    for molecule in molecules:
        geometry = molecule.geometry
        geometries[geometry.structure.sha256(), geometry.seconds] = geometry.seconds
        energies[molecule.name, molecule.charge, molecule.method, molecule.energy] = molecule.seconds
    return sum(geometries.values()) + sum(energies.values())


def duration(seconds: float) -> str:
    """Write a time as people say it."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def _geometry_notes(molecules: Sequence[MoleculeResult]) -> list[str]:
    notes = []
    for molecule in molecules:
        settings = molecule.geometry.settings
        starts = "" if settings.starts == 1 else f", the lowest of {settings.starts} starting geometries kept"
        notes.append(
            f"Geometries: every species relaxed by itself, largest force below {settings.fmax:g} eV/angstrom, given up "
            f"after {settings.max_steps} steps{starts}."
        )
    return distinct(notes)


def _thermochemistry_notes(molecules: Sequence[MoleculeResult]) -> list[str]:
    thermos = [m.geometry.thermochemistry for m in molecules if m.geometry.thermochemistry is not None]
    notes = distinct(
        f"dH and dG at {thermo.temperature:g} K and {thermo.pressure:g} Pa: ideal gas, in a solvent too; rigid rotor, "
        "harmonic oscillator, symmetry numbers of the point groups, entropies of modes around and below 100 cm^-1 "
        "quasi-harmonic (10.1002/chem.201200497)."
        for thermo in thermos
    )
    if any(thermo.imaginary for thermo in thermos):
        soft = distinct(_saddle(m) for m in molecules if _imaginary(m))
        notes.append(f"Imaginary modes, left out of dH and dG: {', '.join(soft)}.")
    elif thermos and len(thermos) == len(molecules):
        notes.append("Frequencies: no geometry has an imaginary mode, all are minima.")
    unproven = distinct(m.name for m in molecules if m.geometry.thermochemistry is None and not _is_atom(m))
    if unproven:
        names = ", ".join(unproven) if thermos else "any geometry"
        notes.append(f"No frequencies were computed for {names}: that these are minima is not proven.")
    return notes


def _is_atom(molecule: MoleculeResult) -> bool:
    return len(molecule.geometry.structure.symbols) == 1


def _saddle(molecule: MoleculeResult) -> str:
    return f"{molecule.name} {_imaginary(molecule)} (softest {_lowest_frequency(molecule):.0f} cm^-1)"


def _spin_notes(molecules: Sequence[MoleculeResult]) -> list[str]:
    """Name the molecules whose multiplicity nobody gave: a triplet such as O2 in a plain file would be a singlet."""
    assumed = distinct(
        f"{m.name} ({m.spin})"
        for m in molecules
        if m.geometry.structure.spin is None and m.charge == m.geometry.structure.charge
    )
    if not assumed:
        return []
    return [f"Multiplicity not given, the lowest that the electrons allow taken: {', '.join(assumed)}."]


def _scf_notes(molecules: Sequence[MoleculeResult]) -> list[str]:
    computed = [molecule for molecule in molecules if molecule.spin_squared is not None]
    if not computed:
        return []
    open_shells = distinct(
        f"{m.name}, charge {m.charge:+d} (2S+1 = {m.spin}, <S^2> {m.spin_squared:.3f})"
        for m in computed
        if m.spin != 1 or abs(m.spin_squared or 0.0) > 1e-3
    )
    shells = f"Open shells: {', '.join(open_shells)}." if open_shells else "All species are closed-shell singlets."
    followed = distinct(m.name for m in computed if any("instability" in attempt for attempt in m.scf))
    rescued = [f"Instabilities were followed to lower solutions for {', '.join(followed)}."] if followed else []
    return [shells, *_stability_notes(computed), *rescued]


def _stability_notes(molecules: Sequence[MoleculeResult]) -> list[str]:
    """Say of which fields the stability is known; a state is named in one of the notes alone."""
    unstable = distinct(f"{m.name}, charge {m.charge:+d}" for m in molecules if m.stable is False)
    granted = _states((m for m in molecules if m.stable is None), molecules)
    stable = _states((m for m in molecules if m.stable), molecules)
    notes = [f"NOT stable: the self-consistent field of {', '.join(unstable)}."] if unstable else []
    if stable:
        which = f" of {', '.join(stable)}" if granted or unstable else ""
        notes.append(f"The self-consistent fields{which} are stable: no orbital rotation lowers their energy.")
    if granted:
        notes.append(
            f"Stability taken for granted, the levels of a closed shell leaving no doubt: {', '.join(granted)}."
        )
    return notes


def _states(chosen: Iterable[MoleculeResult], among: Sequence[MoleculeResult]) -> list[str]:
    """Name states of molecules, with charge and method where the name alone does not tell them apart."""

    def name(molecule: MoleculeResult) -> str:
        same = [other for other in among if other.name == molecule.name]
        charge = f"charge {molecule.charge:+d}" if len({other.charge for other in same}) > 1 else ""
        rivals = [other for other in same if other.charge == molecule.charge and other.stable != molecule.stable]
        told = [part for part in (charge, molecule.method if rivals else "") if part]
        return f"{molecule.name} ({'; '.join(told)})" if told else molecule.name

    return distinct(name(molecule) for molecule in chosen)


def _cavity_notes(molecules: Sequence[MoleculeResult]) -> list[str]:
    """Say which radii of solvent cavities nobody has published, and what was taken."""
    notes = []
    for molecule in molecules:
        spec, symbols = molecule.calculator.spec, molecule.geometry.structure.symbols
        if isinstance(spec, PyscfSpec):
            radii = (molecule.geometry.estimated_radii, molecule.estimated_radii)
            for level, estimated in zip(spec.levels, radii[-len(spec.levels) :], strict=True):
                notes += _cavity_note(level.solvent, symbols, estimated)
    return distinct(notes)


def _cavity_note(solvent: Solvent | None, symbols: list[str], radii: dict[str, float] | None) -> list[str]:
    """Return a note on one level of theory, if it has a cavity with such radii.

    Args:
        solvent: of the level.
        symbols: of the molecule.
        radii: that were recorded; none of results of earlier versions, which had placeholders.
    """
    if solvent is None or solvent.model == "smd":
        return []
    if radii is not None:
        listed = ", ".join(f"{symbol} {radius:.2f}" for symbol, radius in radii.items())
        words = f"{listed} angstrom, which is 1.1 times the radius of UFF (10.1021/ja00051a040)"
    else:
        from ...calculators.dft.solvation import BONDI_SCALE, PLACEHOLDER, estimated_radii

        listed = ", ".join(estimated_radii(solvent, symbols))
        words = f"{listed} {BONDI_SCALE * PLACEHOLDER:.2f} angstrom, an earlier version's placeholder"
    return [f"Cavity of the continuum, no published radius: {words}."] if listed else []
