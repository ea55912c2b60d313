"""CHGNet: the network, loaded once per process, and a calculator that computes only what is asked."""

from __future__ import annotations

import warnings
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ase.calculators.calculator import Calculator, PropertyNotImplementedError, all_changes
from ase.data import chemical_symbols

from .capabilities import Capabilities
from .devices import usable

if TYPE_CHECKING:
    from ase import Atoms

    from .kinds.chgnet import ChgnetSpec

CUTOFF = 6.0
"""Range of CHGNet's atom graph, angstrom (both weights)."""

WEIGHT_FILES = {
    "0.3.0": "0.3.0/chgnet_0.3.0_e29f68s314m37.pth.tar",
    "r2scan": "r2scan/chgnet_r2scan_transfer_learning_e15f36s161m23.pth.tar",
}

CAPABILITIES = Capabilities(
    # The 89 elements of MPtrj, which trained both weights: H-Bi and Ac-Pu (10.1038/s42256-023-00716-3). The embedding
    # has 94 rows, but those of Po, At, Rn, Fr and Ra were never trained.
    elements=frozenset(chemical_symbols[z] for z in (*range(1, 84), *range(89, 95))),
    periodic=None,
    charges=frozenset({0}),
    properties=("energy", "forces", "stress", "magmoms"),
    cutoff=CUTOFF,
    note=(
        "trained on bulk crystals (PBE, +U for oxides): surface energies come out low, adsorption on "
        "carbon too strong; no charge, no dispersion, no lone atoms"
    ),
)


def weights_file(version: str) -> Path:
    """Return the weights inside the installed ``chgnet`` package, found without importing it."""
    from importlib.util import find_spec

    package = find_spec("chgnet")
    if package is None or package.origin is None:
        from ..errors import WeightsError

        raise WeightsError("the package chgnet is not installed; install it with: pip install chgnet")
    return Path(package.origin).parent / "pretrained" / WEIGHT_FILES[version]


@lru_cache(maxsize=4)
def load_network(version: str, device: str) -> Any:
    """Load CHGNet, once per process for each version and device, without its printing.

    Args:
        version: ``0.3.0`` or ``r2scan``.
        device: torch device.

    Returns:
        ``chgnet.model.CHGNet`` in evaluation mode.
    """
    import contextlib
    import io

    from chgnet.model import CHGNet

    with contextlib.redirect_stdout(io.StringIO()):
        network = CHGNet.load(model_name=version, use_device=device, verbose=False)
    # A desorbed atom is found out by the workflows; a warning per step would drown everything else.
    network.graph_converter.set_isolated_atom_response("ignore")
    return network.eval()


class ChgnetCalculator(Calculator):  # type: ignore[misc]
    """CHGNet as an ASE calculator: energy and forces; stress and magnetic moments only when asked for.

    chgnet's own calculator computes stress and magnetic moments every time, which takes 1.4 to 1.8 times as long.

    Args:
        spec: version and device.
    """

    implemented_properties = ("energy", "free_energy", "forces", "stress", "magmoms")
    # Magnetic moments and charges are no input of the network.
    ignored_changes = frozenset({"initial_magmoms", "initial_charges"})

    def __init__(self, spec: ChgnetSpec) -> None:
        super().__init__()
        self.network = load_network(spec.version, usable(spec.device))

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: list[str] | None = None,
        system_changes: list[str] = all_changes,
    ) -> None:
        """Compute energy (eV), forces (eV/angstrom) and, when asked for, stress (eV/angstrom^3, Voigt), moments (mu_B).

        The network knows magnitudes of magnetic moments only; all come out positive.
        """
        from ase.stress import full_3x3_to_voigt_6_stress
        from ase.units import GPa

        from ..structures.conversion import to_pymatgen

        super().calculate(atoms, properties, system_changes)
        stress_wanted = "stress" in (properties or ())
        if stress_wanted and self.atoms.cell.rank < 3:
            raise PropertyNotImplementedError("stress needs three cell vectors")
        task = "em" if "magmoms" in (properties or ()) else "efs" if stress_wanted else "ef"
        boxed = in_box(self.atoms)
        graph = self.network.graph_converter(to_pymatgen(boxed))
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Converting a tensor with requires_grad", UserWarning)
            prediction = self.network.predict_graph(graph, task=task)
        energy = float(prediction["e"]) * len(boxed)
        self.results = {"energy": energy, "free_energy": energy}
        if "f" in prediction:
            self.results["forces"] = prediction["f"].astype(float)
        if "s" in prediction:
            stress = prediction["s"].astype(float) * GPa * boxed.get_volume() / self.atoms.get_volume()
            self.results["stress"] = full_3x3_to_voigt_6_stress(stress)
        if "m" in prediction:
            self.results["magmoms"] = prediction["m"].astype(float)


def in_box(atoms: Atoms) -> Atoms:
    """Make atoms periodic in every direction without changing what a local network sees.

    The network only knows crystals. Along an open direction the atoms get a box so long that no atom comes within the
    cutoff of its image, which for a network of finite range is exactly the open system.

    Args:
        atoms: any boundary conditions.

    Returns:
        The atoms themselves when already periodic, else a boxed copy.
    """
    if atoms.pbc.all():
        return atoms
    boxed = atoms.copy()
    boxed.set_constraint()
    boxed.center(vacuum=CUTOFF, axis=[axis for axis in range(3) if not atoms.pbc[axis]])
    boxed.pbc = True
    return boxed
