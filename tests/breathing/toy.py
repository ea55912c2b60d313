"""A two-layer host whose every minimum is known by hand.

Columns C-O-V stand upright, carbon (support) and vanadium (film) held fixed. Oxygen is bound to carbon by a Morse bond
of depth D(n) = ``depth`` - ``weakening`` n, n being the number of zinc atoms anywhere in the cell. From ``breaks_at``
zinc atoms on, the column's oxygen feels vanadium alone and sits in a Morse well of depth ``raised`` there. Below, it
feels carbon alone and goes back; or, where it does not ``return``, both wells are there, each of finite range, and it
stays in the one where it is. Zinc sits in harmonic wells above the film, repels other zinc by ``repulsion`` per pair at
any distance, and has ``mu`` per atom as a metal; ``conflicts`` add an
energy to two zinc in a pair of wells. So, with b(n) columns broken and i(n) intact,

    E_b(n) = sum over broken (depth - raised) + sum over intact (weakening n) + sum over n lowest wells + repulsion
             n (n-1) / 2 - n mu

Default: depth 1, weakening 0.05, raised 0.6, wells -2, repulsion 0.12, mu -1.3; columns that break at 2 and 3 and
return, at 5 and do not, and never:

    n                 1      2      3      4      5      6      7
    zinc            -0.70  -1.28  -1.74  -2.08  -2.30  -2.40  -2.38
    columns         +0.20  +0.70  +1.10  +1.20  +1.45  +1.50  +1.55
    E_b             -0.50  -0.58  -0.64  -0.88  -0.85  -0.90  -0.83
    bonds intact      4      3      2      2      1      1      1
    when emptied      4      4      4      4      3      3      3

The hull has corners at 0, 1, 4 and 6, so n_thermo = 6; n_rev = n_max = 4: the host emptied from 5 on keeps 0.40 eV.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any, ClassVar

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.constraints import FixAtoms
from ase.geometry import find_mic
from ase.optimize import BFGS

from azibflow.calculators.specs import AseSpec, CalculatorRecord
from azibflow.structures.bonds import Interface
from azibflow.structures.documents import StructureDocument
from azibflow.workflows.breathing.results import (
    BreathingCriteria,
    BreathingRecord,
    BreathingResult,
    EmptiedHost,
    HostState,
    LadderEnd,
)
from azibflow.workflows.common.references import ReferenceEnergy, ReferencePart
from azibflow.workflows.common.results import Outcome

LOW, HIGH, TALL = 1.43, 1.60, 3.70
"""C-O of an intact column, V-O of a broken one, C-V; angstrom. V-O is 2.27 and a bond too where C-O is intact."""
SPACING, DEEP, ABOVE = 4.0, 6.0, 2.4
"""Between columns, cell along b, wells above vanadium; angstrom."""
STEEPNESS, STIFFNESS = 4.0, 4.0
"""Of Morse bonds, 1/angstrom; of everything harmonic, eV/angstrom^2."""
DEFAULT_COLUMNS = (
    {"breaks_at": 2, "returns": True},
    {"breaks_at": 3, "returns": True},
    {"breaks_at": 5, "returns": False},
    {"breaks_at": 99, "returns": True},
)
MU = -1.3


class ToyInterface(Calculator):
    """Energy and forces of the toy; of zinc alone, those of the metal."""

    implemented_properties: ClassVar[list[str]] = ["energy", "forces", "stress"]

    def __init__(
        self,
        columns: Sequence[dict[str, Any]] = DEFAULT_COLUMNS,
        wells: Sequence[dict[str, float]] | None = None,
        depth: float = 1.0,
        weakening: float = 0.05,
        raised: float = 0.6,
        repulsion: float = 0.12,
        mu: float = MU,
        conflicts: Sequence[tuple[int, int, float]] = (),
    ) -> None:
        super().__init__()
        self.conflicts = [(set(pair[:2]), pair[2]) for pair in conflicts]
        self.columns, self.depth, self.weakening, self.raised = list(columns), depth, weakening, raised
        self.wells = list(wells) if wells is not None else default_wells(len(self.columns))
        self.repulsion, self.mu = repulsion, mu

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes) -> None:
        super().calculate(atoms, properties, system_changes)
        forces = np.zeros((len(atoms), 3))
        zinc = [i for i, symbol in enumerate(atoms.symbols) if symbol == "Zn"]
        energy = self.mu * len(zinc) if len(zinc) == len(atoms) else self._zinc(atoms, zinc, forces)
        if len(zinc) < len(atoms):
            for k, column in enumerate(self.columns):
                energy += self._column(atoms, k, column, len(zinc), forces)
        self.results = {"energy": energy, "forces": forces}
        if len(zinc) == len(atoms):
            self.results["stress"] = np.zeros(6)  # the metal's energy does not depend on its volume

    def _column(self, atoms: Atoms, k: int, column: dict[str, Any], n: int, forces: np.ndarray) -> float:
        low, oxygen, high = (k + part * len(self.columns) for part in range(3))
        energy = 0.0
        broken, finite = n >= column["breaks_at"], not column["returns"]
        if not broken:
            value, slope = _morse(self.depth - self.weakening * n, self._rise(atoms, low, oxygen), LOW, finite)
            energy += value
            forces[oxygen, 2] -= slope
            forces[low, 2] += slope
        if broken or finite:
            value, slope = _morse(self.raised, self._rise(atoms, oxygen, high), HIGH, not broken)
            energy += value
            forces[oxygen, 2] += slope
            forces[high, 2] -= slope
        aside, _ = find_mic((atoms.positions[oxygen] - atoms.positions[low]) * (1, 1, 0), atoms.cell, atoms.pbc)
        forces[oxygen] -= STIFFNESS * aside
        forces[low] += STIFFNESS * aside
        return energy + STIFFNESS * float(aside @ aside) / 2

    @staticmethod
    def _rise(atoms: Atoms, low: int, high: int) -> float:
        return float((atoms.positions[high, 2] - atoms.positions[low, 2]) % atoms.cell[2, 2])

    def _zinc(self, atoms: Atoms, zinc: list[int], forces: np.ndarray) -> float:
        first = 2 * len(self.columns)
        places = np.array([(well["x"], well["y"], ABOVE) for well in self.wells])
        energy, filled = self.repulsion * len(zinc) * (len(zinc) - 1) / 2, []
        for i in zinc:
            ways, lengths = find_mic(atoms.positions[i] - atoms.positions[first] - places, atoms.cell, atoms.pbc)
            nearest = int(lengths.argmin())
            filled.append(nearest)
            energy += self.wells[nearest]["energy"] + STIFFNESS * lengths[nearest] ** 2 / 2
            forces[i] -= STIFFNESS * ways[nearest]
            forces[first] += STIFFNESS * ways[nearest]
        pairs = [set(pair) for pair in combinations(filled, 2)]
        return energy + sum(cost for wells, cost in self.conflicts for pair in pairs if pair == wells)


class MagneticToy(ToyInterface):
    """The toy whose vanadium takes the two electrons of each zinc, one after the other; carbon is magnetic anyway."""

    implemented_properties: ClassVar[list[str]] = [*ToyInterface.implemented_properties, "magmoms"]

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes) -> None:
        super().calculate(atoms, properties, system_changes)
        left = 2 * list(atoms.symbols).count("Zn")
        moments = [5.0 - left if symbol == "C" else 0.0 for symbol in atoms.symbols]
        for k, i in enumerate(i for i, symbol in enumerate(atoms.symbols) if symbol == "V"):
            moments[i] = (-1) ** k * (0.1 + 0.9 * (left > k))
        self.results["magmoms"] = np.array(moments)


def default_wells(columns: int) -> list[dict[str, float]]:
    """One well above each vanadium and one in the middle of four, 3.6 angstrom apart: no metallic contact."""
    tops = [{"x": SPACING * k, "y": 0.0, "energy": -2.0} for k in range(columns)]
    middles = [{"x": SPACING * (k + 0.5), "y": DEEP / 2, "energy": -2.0} for k in range(columns)]
    return [*tops, *middles]


def _morse(depth: float, length: float, equilibrium: float, finite: bool) -> tuple[float, float]:
    """Return value and slope; of finite range, exact up to 0.15 and nothing from 0.25 angstrom beyond equilibrium on.

    The wells of one column, 1.43 above carbon and 1.60 below vanadium, end at heights 1.68 and 1.85: they do not touch.
    """
    decay = np.exp(-STEEPNESS * (length - equilibrium))
    value, slope = depth * ((1 - decay) ** 2 - 1), 2 * depth * STEEPNESS * decay * (1 - decay)
    if not finite:
        return float(value), float(slope)
    x = min(max((length - equilibrium - 0.15) / 0.10, 0.0), 1.0)
    share, change = 1 - x**3 * (10 - 15 * x + 6 * x**2), -30 * x**2 * (1 - x) ** 2 / 0.10
    return float(value * share), float(slope * share + value * change)


def toy_host(columns: int = len(DEFAULT_COLUMNS)) -> Atoms:
    """Return the host at its minimum: carbons, oxygens, vanadiums."""
    places = [(SPACING * k, 0.0, z) for z in (0.0, LOW, TALL) for k in range(columns)]
    cell = (SPACING * columns, DEEP, 20.0)
    host = Atoms(f"C{columns}O{columns}V{columns}", positions=places, cell=cell, pbc=True)
    host.set_constraint(FixAtoms([*range(columns), *range(2 * columns, 3 * columns)]))
    host.info["label"] = "toy"
    return host


def toy_interface(columns: int = len(DEFAULT_COLUMNS)) -> Interface:
    """The carbons carry, oxygens and vanadiums are the film."""
    return Interface(support=tuple(range(columns)), film=tuple(range(columns, 3 * columns)))


def relaxed(atoms: Atoms, calculator: Calculator) -> tuple[Atoms, float]:
    """Relax tightly, so that energies are exact to 1e-6 eV."""
    atoms = atoms.copy()
    atoms.calc = calculator
    assert BFGS(atoms, logfile=None).run(fmax=1e-4, steps=500)
    energy = float(atoms.get_potential_energy())
    atoms.calc = None
    return atoms, energy


def loaded(host: Atoms, calculator: ToyInterface, wells: Sequence[int]) -> Atoms:
    """Put zinc a little beside some wells."""
    atoms = host.copy()
    origin = host.positions[2 * len(calculator.columns)]
    for well in wells:
        beside = (calculator.wells[well]["x"] + 0.05, calculator.wells[well]["y"] - 0.1, ABOVE + 0.1)
        atoms += Atoms("Zn", positions=[origin + np.array(beside)])
    return atoms


def toy_record(calculator: ToyInterface, wells: Sequence[int], seed: int = 0) -> BreathingRecord:
    """Fill some wells of the host, relax, empty, relax."""
    host = toy_host(len(calculator.columns))
    full, energy = relaxed(loaded(host, calculator, wells), calculator)
    empty, left = relaxed(full[: len(host)], calculator)
    return BreathingRecord(
        n=len(wells),
        seed=seed,
        outcome=Outcome.OK,
        energy=energy,
        structure=StructureDocument.from_atoms(full),
        sites_tried=len(calculator.wells) - len(wells) + 1,
        emptied=EmptiedHost(outcome=Outcome.OK, energy=left, structure=StructureDocument.from_atoms(empty)),
    )


def toy_study(largest: int = 7, criteria: BreathingCriteria | None = None, **options: Any) -> BreathingResult:
    """Fill the lowest wells one after the other; the records are not judged yet.

    Args:
        largest: largest number of zinc atoms.
        criteria: defaults when none.
        options: of the calculator.
    """
    calculator = ToyInterface(**options)
    host, energy = relaxed(toy_host(len(calculator.columns)), calculator)
    zinc = Atoms("Zn2", positions=[(0, 0, 0), (0, 0, 2.7)], cell=(2.7, 2.7, 5.4), pbc=True)
    order = sorted(range(len(calculator.wells)), key=lambda well: calculator.wells[well]["energy"])
    computed = CalculatorRecord(spec=AseSpec(calculator="toy:ToyInterface", options=options), versions={})
    return BreathingResult(
        study="Zn in the toy",
        host_name="toy",
        ion="Zn",
        charge=2,
        interface=toy_interface(len(calculator.columns)),
        criteria=criteria or BreathingCriteria(),
        reference=ReferenceEnergy(
            adsorbate="Zn",
            state="bulk Zn, cell relaxed, per atom",
            energy=calculator.mu,
            cohesive_energy=1.35,
            outcome=Outcome.OK,
            fmax=0.0,
            parts=[ReferencePart(structure=StructureDocument.from_atoms(zinc), weight=0.5, force_calls=1)],
            calculator=computed,
        ),
        hosts=[
            HostState(origin="annealed", structure=StructureDocument.from_atoms(host), energy=energy, converged=True)
        ],
        records=[toy_record(calculator, order[:n]) for n in range(1, largest + 1)],
        asked=largest,
        end=LadderEnd.COMPLETE,
        calculator=computed,
    )
