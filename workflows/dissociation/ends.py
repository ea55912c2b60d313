"""The two ends of a dissociation: the lowest adsorbed water, and the lowest OH and H that come of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from ...calculators.specs import CalculatorSpec, StudyCalculator
from ...errors import StructureError
from ...structures.dissociation import APART, Water, beside, splits
from ...structures.documents import StructureDocument
from ..adsorption.results import AdsorptionResult, AdsorptionRow
from ..common.relaxation_jobs import RelaxationResult
from ..common.results import Outcome, RelaxSettings, StudyLabel
from ..migration.hops import HopStart
from ..migration.results import BandSettings, MigrationResult
from .results import DissociationResult, EndSettings, Product

if TYPE_CHECKING:
    from ase import Atoms

LOG = "the run's log says why"


class Asked(BaseModel):
    """What one row is computed with."""

    model_config = ConfigDict(frozen=True)

    label: StudyLabel = Field(description="of the row")
    surface: str = Field(description="name of the surface")
    beside: str = Field("", description="chemical symbol of what stands beside the water; empty: nothing")
    calculator: StudyCalculator = Field(description="of the barriers")
    relax: RelaxSettings = Field(description="targets of the relaxations")
    band: BandSettings = Field(description="images and convergence of the band")
    ends: EndSettings = Field(description="where ends are looked for")

    @property
    def name(self) -> str:
        """The study, and which of its rows."""
        return f"{self.label.study}, beside {self.beside}" if self.beside else self.label.study

    @property
    def geometry(self) -> CalculatorSpec:
        """The method of structures."""
        from ...calculators.specs import geometry_method

        return geometry_method(self.calculator)


class Prepared(BaseModel):
    """What is known of a surface before its water falls apart."""

    bare: StructureDocument = Field(description="the relaxed bare surface")
    planned: StructureDocument | None = Field(
        None, description="the same as it was planned, whose sites are meant; none: those of ``bare``"
    )
    water: StructureDocument = Field(description="with the lowest adsorbed water")
    water_site: str = Field(description="where that began")
    e_water: float | None = Field(description="its adsorption energy, eV")
    e_hydroxyl: float | None = Field(None, description="lowest of OH, eV")
    e_hydrogen: float | None = Field(None, description="lowest of H, eV")
    hydroxyl: dict[str, float] = Field(description="adsorption energies of OH by site, eV")
    hydrogen: dict[str, float] = Field(description="the same of H")

    @property
    def surfaces(self) -> tuple[Atoms, Atoms | None]:
        """The surface as it is relaxed and as it was planned."""
        return self.bare.to_atoms(), None if self.planned is None else self.planned.to_atoms()


class Start(BaseModel):
    """A structure to relax."""

    label: str = Field(description="where things begin, in words")
    structure: StructureDocument = Field(description="not yet relaxed")
    leaving: int | None = Field(None, description="index of the H that left; none: the water is whole")


class Reactant(BaseModel):
    """The lowest adsorbed water, alone or beside an atom."""

    site: str = Field(description="where the atom beside it began")
    relaxed: RelaxationResult = Field(description="relaxed")


def prepared(water: AdsorptionResult, hydroxyl: AdsorptionResult, hydrogen: AdsorptionResult) -> Prepared:
    """Put together what adsorption studies found of one surface.

    Args:
        water: of H2O.
        hydroxyl: of OH.
        hydrogen: of H.

    Raises:
        StructureError: no water stays whole on the surface, or neither OH nor H has a site.
    """
    best = water.best
    if best is None or best.structure is None:
        ended = sorted({str(row.outcome) for row in water.rows})
        raise StructureError(
            f"no water stays whole on the surface: all {len(water.rows)} starts are {', '.join(ended)}"
        )
    if hydrogen.best is None:
        raise StructureError("H stays nowhere on the surface")
    return Prepared(
        bare=water.bare.structure,
        planned=water.planned,
        water=best.structure,
        water_site=best.name,
        e_water=_energy(best),
        e_hydroxyl=_energy(hydroxyl.best),
        e_hydrogen=_energy(hydrogen.best),
        hydroxyl=_by_site(hydroxyl),
        hydrogen=_by_site(hydrogen),
    )


def water_starts(known: Prepared, asked: Asked) -> list[Start]:
    """Return the structures of whole water to relax: that of the adsorption study, or some with an atom beside it."""
    if not asked.beside:
        return [Start(label="", structure=known.water)]
    bare, planned = known.surfaces
    found = beside(known.water.to_atoms(), bare, asked.beside, asked.ends.distance, planned)
    return [
        Start(label=label, structure=StructureDocument.from_atoms(atoms, label=f"H2O beside {asked.beside}"))
        for label, atoms in found[: asked.ends.places]
    ]


def lowest_water(known: Prepared, starts: Sequence[Start], relaxed: Sequence[RelaxationResult | None]) -> Reactant:
    """Choose the lowest water that is whole.

    Raises:
        StructureError: there is none.
    """
    n_surface, sound, said = len(known.bare.symbols), [], []
    for start, one in zip(starts, relaxed, strict=True):
        if one is None:
            said.append(f"failed ({LOG})")
        elif not one.converged:
            said.append(f"did not converge (fmax {one.fmax:.3f} eV/angstrom)")
        elif len(_bonded(one, n_surface)) < 2:
            said.append("fell apart by itself, without a barrier")
        else:
            sound.append(Reactant(site=start.label, relaxed=one))
    if not sound:
        raise StructureError(f"no whole water to begin with: it {'; it '.join(dict.fromkeys(said))}")
    return min(sound, key=lambda one: one.relaxed.energy)


def product_starts(known: Prepared, reactant: Reactant, asked: Asked) -> list[Start]:
    """Return OH and H on neighbouring sites, not yet relaxed, the likeliest first.

    Raises:
        StructureError: there is no room for them.
    """
    split = asked.ends
    bare, planned = known.surfaces
    found = splits(reactant.relaxed.structure.to_atoms(), bare, known.hydroxyl, known.hydrogen, split.reach, planned)
    if not found:
        raise StructureError(f"no site of H within {split.reach:g} angstrom of OH; take a longer reach")
    return [
        Start(
            label=one.label,
            structure=StructureDocument.from_atoms(
                one.atoms, label="OH and H" + f" beside {asked.beside}" * bool(asked.beside)
            ),
            leaving=one.leaving,
        )
        for one in found[: split.products]
    ]


def products(
    known: Prepared, reactant: Reactant, starts: Sequence[Start], relaxed: Sequence[RelaxationResult | None]
) -> list[Product]:
    """Say what became of every product that was tried.

    Args:
        known: the surface.
        reactant: whole water, whose energy is the zero.
        starts: where they began.
        relaxed: what they became; none where a relaxation failed.
    """
    n_surface, rows = len(known.bare.symbols), []
    for start, one in zip(starts, relaxed, strict=True):
        if one is None:
            rows.append(Product(label=start.label, outcome=Outcome.FAILED, reason=LOG))
            continue
        outcome, reason = _product_outcome(start, one, n_surface)
        energy = one.energy - reactant.relaxed.energy
        rows.append(Product(label=start.label, energy=energy, outcome=outcome, reason=reason))
    return rows


def lowest_product(rows: Sequence[Product]) -> int:
    """Return the number of the lowest product.

    Raises:
        StructureError: there is none.
    """
    sound = [number for number, row in enumerate(rows) if row.outcome is Outcome.OK]
    if not sound:
        ended = "; ".join(f"{row.label}: {row.reason or row.outcome}" for row in rows)
        raise StructureError(f"no OH and H apart were found ({ended})")
    return min(sound, key=lambda number: rows[number].energy or 0.0)


def split_hop(reactant: Reactant, start: Start, product: RelaxationResult, asked: Asked) -> HopStart:
    """Make the hop of H from the water to where it ends; every atom keeps its place in the list."""
    assert start.leaving is not None
    aside = f" beside {asked.beside}" if asked.beside else ""
    initial = reactant.relaxed.structure
    return HopStart(
        host=f"H2O{aside} on {asked.surface}",
        ion="H",
        ion_index=start.leaving,
        label=f"H2O to OH and H{aside}",
        initial=initial,
        final=_nearest_images(initial, product.structure),
    )


def finished(
    known: Prepared,
    reactant: Reactant,
    rows: list[Product],
    chosen: int,
    start: Start,
    path: MigrationResult,
    asked: Asked,
) -> DissociationResult:
    """Read the result off the path.

    Args:
        known: the surface.
        reactant: whole water.
        rows: the products that were tried.
        chosen: number of that which was kept.
        start: where it began.
        path: its band.
        asked: what the row is computed with.
    """
    better = path.refinement or path.correction or path
    initial, saddle, final = (
        None if one is None else one.to_atoms() for one in (path.initial, path.saddle, path.final)
    )
    water = None if initial is None else Water.of(initial, len(known.bare.symbols))
    broken = None if saddle is None or water is None else saddle.get_distance(water.oxygen, start.leaving, mic=True)
    return unfinished(asked, known).model_copy(
        update={
            "outcome": path.outcome,
            "reason": path.reason,
            "barrier_forward": better.barrier_forward,
            "barrier_backward": better.barrier_backward,
            "reaction_energy": better.reaction_energy,
            "beside_site": reactant.site,
            "distance_initial": _from_neighbour(initial, water, asked),
            "distance_saddle": _from_neighbour(saddle, water, asked),
            "distance_final": _from_neighbour(final, water, asked),
            "length_saddle": None if broken is None else float(broken),
            "product": rows[chosen].label,
            "products": rows,
            "path": path,
        }
    )


def unfinished(
    asked: Asked, known: Prepared | None = None, reason: str = "", rows: Sequence[Product] = ()
) -> DissociationResult:
    """Make the row of what came to no barrier, with all that is known.

    Args:
        asked: what the row is computed with.
        known: the surface; none where not even water was found on it.
        reason: what happened, in words.
        rows: products that were tried.
    """
    from ...calculators.factory import record

    energies = {} if known is None else known.model_dump(include={"e_water", "e_hydroxyl", "e_hydrogen", "water_site"})
    return DissociationResult(
        **asked.label.model_dump(),
        **energies,
        surface=asked.surface,
        beside=asked.beside,
        outcome=Outcome.FAILED,
        reason=reason,
        products=list(rows),
        settings=asked.ends,
        calculator=record(asked.geometry),
    )


def _product_outcome(start: Start, relaxed: RelaxationResult, n_surface: int) -> tuple[Outcome, str]:
    if not relaxed.converged:
        return Outcome.UNCONVERGED, f"fmax {relaxed.fmax:.3f} eV/angstrom after {relaxed.steps} steps"
    atoms = relaxed.structure.to_atoms()
    water, bonded = Water.of(atoms, n_surface), _bonded(relaxed, n_surface)
    if len(bonded) == 2:
        return Outcome.MERGED, "H went back to OH"
    if bonded != [next(i for i in water.hydrogens if i != start.leaving)]:
        return Outcome.DISSOCIATED, "OH lost its H"
    apart = atoms.get_distance(water.oxygen, start.leaving, mic=True)
    if apart < APART:
        return Outcome.MERGED, f"H stays within {apart:.2f} angstrom of O"
    return Outcome.OK, ""


def _bonded(relaxed: RelaxationResult, n_surface: int) -> list[int]:
    atoms = relaxed.structure.to_atoms()
    return Water.of(atoms, n_surface).bonded(atoms)


def _nearest_images(initial: StructureDocument, final: StructureDocument) -> StructureDocument:
    """Put every atom of the second end at the image nearest to where it begins."""
    from ...structures.endpoints import displacement

    first, last = initial.to_atoms(), final.to_atoms()
    last.set_positions(first.positions + displacement(first, last), apply_constraint=False)
    return StructureDocument.from_atoms(last)


def _from_neighbour(atoms: Atoms | None, water: Water | None, asked: Asked) -> float | None:
    if atoms is None or water is None or not asked.beside:
        return None
    return float(atoms.get_distance(water.oxygen, len(atoms) - 1, mic=True))


def _energy(row: AdsorptionRow | None) -> float | None:
    return None if row is None else (row.correction or row).e_ads_vs_molecule


def _by_site(result: AdsorptionResult) -> dict[str, float]:
    """Return the lowest energy of every site that holds the adsorbate."""
    found: dict[str, float] = {}
    for row in result.rows:
        energy = _energy(row)
        if row.outcome is Outcome.OK and energy is not None:
            found[row.site] = min(energy, found.get(row.site, energy))
    return found
