"""A committee of MACE networks: the first computes energies and forces, all of them say how sure they are."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from ase.calculators.calculator import Calculator, all_changes

from ...errors import WeightsError
from ..devices import usable
from ..mace_network import load_committee
from ..weights import file_sha256
from .card import card_file, current_card
from .environments import Environments, learned_environments

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ase import Atoms

    from ..kinds.surrogate import SurrogateSpec

Array = np.ndarray


class Opinions(NamedTuple):
    """What every member says about one structure.

    Attributes:
        energies: eV, shape (members,).
        forces: eV/angstrom, shape (members, atoms, 3).
        features: of the surroundings of each atom, by the leading network, shape (atoms, features).
    """

    energies: Array
    forces: Array
    features: Array

    @property
    def force_deviation(self) -> float:
        """Largest deviation on an atom: root mean square over members of the distance to their mean force."""
        away = self.forces - self.forces.mean(axis=0)
        return float(np.sqrt((away**2).sum(axis=2).mean(axis=0)).max())


class SurrogateCalculator(Calculator):  # type: ignore[misc]
    """ASE calculator of the leading network.

    Only one network moves the atoms, so that a step costs one network and the energy belongs to the forces; the others
    are asked about the structures that are reported. Stress is computed only when asked for.

    Args:
        spec: the surrogate.
    """

    implemented_properties = ("energy", "free_energy", "forces", "stress")

    def __init__(self, spec: SurrogateSpec) -> None:
        super().__init__()
        self.network = networks(spec)[0]
        environments(spec)  # a file that is missing is missed before the atoms move, not after

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: list[str] | None = None,
        system_changes: list[str] = all_changes,
    ) -> None:
        """Compute energy and forces, and the stress where it is asked for."""
        super().calculate(atoms, properties, system_changes)
        wants_stress = "stress" in (properties or ())
        output = _evaluate(self.network, _graph(self.atoms, self.network), stress=wants_stress)
        energy = output["energy"].item()
        self.results = {"energy": energy, "free_energy": energy, "forces": _array(output["forces"])}
        if wants_stress:
            from ase.stress import full_3x3_to_voigt_6_stress

            self.results["stress"] = full_3x3_to_voigt_6_stress(_array(output["stress"])[0])


def opinions(spec: SurrogateSpec, atoms: Atoms) -> Opinions:
    """Ask every member about a structure.

    Args:
        spec: the surrogate.
        atoms: the structure.

    Returns:
        Energies and forces of all members, the leading one first.
    """
    return ask(networks(spec), atoms)


def ask(members: Sequence[Any], atoms: Atoms) -> Opinions:
    """Ask networks of one committee about a structure, as [`opinions`][] does.

    Args:
        members: loaded networks, the leading one first.
        atoms: the structure.
    """
    graph = _graph(atoms, members[0])
    outputs = [_evaluate(member, graph, stress=False) for member in members]
    return Opinions(
        energies=np.array([output["energy"].item() for output in outputs]),
        forces=np.array([_array(output["forces"]) for output in outputs]),
        features=_invariant(members[0], _array(outputs[0]["node_feats"])),
    )


def training_environments(network: Any, frames: Sequence[Atoms]) -> Environments:
    """Collect the surroundings of atoms that a network learned from, and those of atoms without any.

    An atom without neighbours has the atomic energy of the card, so it is never outside.

    Args:
        network: the leading one.
        frames: its training frames.
    """
    from ase import Atoms

    alone = [Atoms([number]) for number in sorted({int(z) for frame in frames for z in frame.numbers})]
    return learned_environments((atoms.numbers, ask([network], atoms).features) for atoms in [*frames, *alone])


def environments(spec: SurrogateSpec) -> Environments:
    """Return the surroundings that a surrogate learned, read once per process.

    Raises:
        WeightsError: their file is missing, unreadable or not what its hash promises.
    """
    weights = current_card(spec.card).environments
    path = card_file(spec.card).parent / weights.path
    if not path.is_file():
        raise WeightsError(f"surrogate: no environments at {path}; they belong beside the card")
    if weights.sha256 not in (None, found := file_sha256(path)):
        raise WeightsError(f"surrogate: {path} has SHA-256 {found}, not {weights.sha256} as the card says")
    return _environments(path, found)


def networks(spec: SurrogateSpec) -> tuple[Any, ...]:
    """Load the networks of a surrogate, once per process.

    Raises:
        WeightsError: the card or a model is missing, unreadable, not what its hash promises, or unlike the others.
    """
    return load_committee(spec.committee(), usable(spec.device))


@lru_cache(maxsize=16)
def _environments(path: Path, _sha256: str) -> Environments:
    return Environments.read(path)


def _invariant(network: Any, features: Array) -> Array:
    """Keep the features that turn with nothing: the scalars that each layer begins with."""
    from e3nn import o3

    scalars = o3.Irreps(str(network.products[0].linear.irreps_out)).count("0e")
    whole = [o3.Irreps(str(product.linear.irreps_out)).dim for product in network.products]
    begins = np.cumsum([0, *whole[:-1]])
    return np.concatenate([features[:, begin : begin + scalars] for begin in begins], axis=1)


def _graph(atoms: Atoms, network: Any) -> dict[str, Any]:
    """Make the graph of a structure; networks of one committee share it."""
    import torch
    from mace import data
    from mace.tools import torch_geometric
    from mace.tools.utils import AtomicNumberTable

    parameter = next(network.parameters())
    before = torch.get_default_dtype()
    torch.set_default_dtype(parameter.dtype)
    try:
        table = AtomicNumberTable([int(z) for z in network.atomic_numbers])
        configuration = data.config_from_atoms(atoms)
        graph = data.AtomicData.from_config(configuration, z_table=table, cutoff=float(network.r_max))
        batch = torch_geometric.Batch.from_data_list([graph])
    finally:
        torch.set_default_dtype(before)
    return dict(batch.to(parameter.device).to_dict())


def _evaluate(network: Any, graph: dict[str, Any], *, stress: bool) -> dict[str, Any]:
    return dict(network({**graph}, training=False, compute_force=True, compute_stress=stress))


def _array(tensor: Any) -> Array:
    return np.asarray(tensor.detach().cpu().numpy(), dtype=float)
