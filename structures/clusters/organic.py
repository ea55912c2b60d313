"""Molecules from SMILES by RDKit: solvents, salts and additives of zinc electrolytes, by name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from ...errors import StructureError

if TYPE_CHECKING:
    from ase import Atoms

PREFIX = "smiles:"
"""How a SMILES is written where a name is wanted."""
CONFORMERS = 20
"""Conformers embedded for each one wanted; the force field sorts them."""
SEED = 7


@dataclass(frozen=True)
class Molecule:
    """A named molecule.

    Attributes:
        summary: its full name.
        smiles: with formal charges.
    """

    summary: str
    smiles: str


MOLECULES: dict[str, Molecule] = {
    "NMP": Molecule("N-methyl-2-pyrrolidone", "CN1CCCC1=O"),
    "PC": Molecule("propylene carbonate", "CC1COC(=O)O1"),
    "EC": Molecule("ethylene carbonate", "C1COC(=O)O1"),
    "DMSO": Molecule("dimethyl sulfoxide", "CS(C)=O"),
    "DMF": Molecule("N,N-dimethylformamide", "CN(C)C=O"),
    "acetonitrile": Molecule("acetonitrile", "CC#N"),
    "urea": Molecule("urea", "NC(N)=O"),
    "acrylamide": Molecule("acrylamide, AM", "C=CC(N)=O"),
    "lysine": Molecule("L-lysine, neutral", "NCCCC[C@H](N)C(=O)O"),
    "lysine+": Molecule("L-lysinium, protonated at its side chain", "[NH3+]CCCC[C@H](N)C(=O)O"),
    "isosorbide dimethyl ether": Molecule("isosorbide dimethyl ether, IDE", "CO[C@@H]1CO[C@H]2[C@@H]1OC[C@H]2OC"),
    "SBMA": Molecule("sulfobetaine methacrylate, zwitterion", "CC(=C)C(=O)OCC[N+](C)(C)CCCS(=O)(=O)[O-]"),
    "DTPMP": Molecule(
        "diethylenetriamine penta(methylene phosphonic acid)",
        "OP(=O)(O)CN(CCN(CP(=O)(O)O)CP(=O)(O)O)CCN(CP(=O)(O)O)CP(=O)(O)O",
    ),
    "methylphosphonic acid": Molecule("methylphosphonic acid, a model of phosphonates", "CP(=O)(O)O"),
    "methylphosphonate2-": Molecule("methylphosphonate dianion", "CP(=O)([O-])[O-]"),
    "PMMA dimer": Molecule("methyl methacrylate dimer, hydrogen-capped", "CC(C)(C(=O)OC)CC(C)(C)C(=O)OC"),
    "P(VDF-HFP) oligomer": Molecule("two VDF and one HFP unit, hydrogen-capped", "CC(F)(F)CC(F)(F)C(F)(F)C(F)C(F)(F)F"),
    "ANF unit": Molecule("benzanilide, the repeat unit of aramid nanofibres", "O=C(Nc1ccccc1)c1ccccc1"),
    "EMIM+": Molecule("1-ethyl-3-methylimidazolium", "CC[n+]1ccn(C)c1"),
    "acetylcholine+": Molecule("acetylcholine", "CC(=O)OCC[N+](C)(C)C"),
    "OTf-": Molecule("trifluoromethanesulfonate", "C(F)(F)(F)S(=O)(=O)[O-]"),
    "TFSI-": Molecule("bis(trifluoromethanesulfonyl)imide", "C(F)(F)(F)S(=O)(=O)[N-]S(=O)(=O)C(F)(F)F"),
    "acetate-": Molecule("acetate", "CC(=O)[O-]"),
    "graphene flake": Molecule("coronene, C24H12", "c1cc2ccc3ccc4ccc5ccc6ccc1c7c2c3c4c5c67"),
    "pyridinic N flake": Molecule("azacoronene, N in place of an edge CH", "c1nc2ccc3ccc4ccc5ccc6ccc1c7c2c3c4c5c67"),
    "pyrrolic N flake": Molecule(
        "benzo[ghi]perylene with an N-H bridge over its bay, a five-membered ring",
        "[nH]1c2cc3ccc4ccc5ccc6cc1c7c2c3c4c5c67",
    ),
}
"""Named molecules. The flakes stand here because their bonds say all there is to say."""


def find_molecule(name: str) -> str | None:
    """Return the SMILES of a name, or of ``smiles:STRING``; none when nobody knows it."""
    if name.startswith(PREFIX):
        return name.removeprefix(PREFIX)
    molecule = MOLECULES.get(name)
    return None if molecule is None else molecule.smiles


def from_smiles(smiles: str, number: int = 0) -> Atoms:
    """Build a conformer of a molecule (ETKDGv3, 10.1021/acs.jcim.0c00025; MMFF94, else UFF).

    Args:
        smiles: with formal charges; its radical electrons make the multiplicity.
        number: which conformer, counted from the lowest of the force field.

    Returns:
        Atoms with charge and multiplicity in ``info``. A number beyond the last conformer gives the last.

    Raises:
        StructureError: the SMILES is wrong, or no geometry satisfies its bonds.
    """
    from ase import Atoms
    from rdkit import Chem
    from rdkit.Chem import Descriptors

    molecule, order = _embedded(smiles)
    conformer = molecule.GetConformer(order[min(number, len(order) - 1)])
    atoms = Atoms([atom.GetSymbol() for atom in molecule.GetAtoms()], positions=conformer.GetPositions())
    atoms.info = {
        "charge": Chem.GetFormalCharge(molecule),
        "spin": int(Descriptors.NumRadicalElectrons(molecule)) + 1,
    }
    return atoms


@cache
def _embedded(smiles: str) -> tuple[Any, list[int]]:
    """Return a molecule with conformers and their numbers, lowest energy first."""
    from rdkit import Chem, RDLogger
    from rdkit.Chem import AllChem

    with _Silence(RDLogger):
        bare = Chem.MolFromSmiles(smiles)
        if bare is None or bare.GetNumAtoms() == 0:
            raise StructureError(f"{smiles!r} is no SMILES that RDKit can read")
        molecule = Chem.AddHs(bare)
        settings = AllChem.ETKDGv3()
        settings.randomSeed = SEED
        numbers = list(AllChem.EmbedMultipleConfs(molecule, CONFORMERS, settings))
        if not numbers:
            settings.useRandomCoords = True
            numbers = list(AllChem.EmbedMultipleConfs(molecule, CONFORMERS, settings))
        if not numbers:
            raise StructureError(f"RDKit finds no geometry for {smiles!r}; give the molecule as a file")
        optimise = AllChem.MMFFOptimizeMoleculeConfs
        if not AllChem.MMFFHasAllMoleculeParams(molecule):
            optimise = AllChem.UFFOptimizeMoleculeConfs
        energies = [energy for _, energy in optimise(molecule, maxIters=2000)]
    return molecule, [numbers[i] for i in sorted(range(len(numbers)), key=lambda i: (round(energies[i], 3), i))]


class _Silence:
    """Keep RDKit's own warnings off the terminal; what matters is raised."""

    def __init__(self, log: Any) -> None:
        self._log = log

    def __enter__(self) -> None:
        self._log.DisableLog("rdApp.*")

    def __exit__(self, *_: object) -> None:
        self._log.EnableLog("rdApp.*")
