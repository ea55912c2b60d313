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
"""Conformers embedded; the force field sorts them."""
SEED = 7
P_BLOCKS = (5, 13, 31, 49, 81)
"""Atomic numbers of the first element, with three valence electrons, of each row of the p block."""


@dataclass(frozen=True)
class Molecule:
    """A named molecule.

    Attributes:
        summary: its full name.
        smiles: with formal charges.
        charge: sum of the formal charges, elementary charges.
        aliases: other names that users write.
        donor: index in the SMILES (atoms without H) of the atom that binds a cation; none when nobody has asked.
    """

    summary: str
    smiles: str
    charge: int = 0
    aliases: tuple[str, ...] = ()
    donor: int | None = None


MOLECULES: dict[str, Molecule] = {
    # solvents
    "NMP": Molecule("N-methyl-2-pyrrolidone", "CN1CCCC1=O", donor=6),
    "PC": Molecule("propylene carbonate", "CC1COC(=O)O1", donor=5),
    "EC": Molecule("ethylene carbonate", "C1COC(=O)O1", donor=4),
    "DMSO": Molecule("dimethyl sulfoxide", "CS(C)=O", donor=3),
    "DMF": Molecule("N,N-dimethylformamide", "CN(C)C=O", donor=4),
    "acetonitrile": Molecule("acetonitrile", "CC#N", aliases=("MeCN",), donor=2),
    # additives and binders
    "urea": Molecule("urea", "NC(N)=O", donor=3),
    "glucose": Molecule("beta-D-glucopyranose", "OC[C@H]1O[C@@H](O)[C@H](O)[C@@H](O)[C@@H]1O", donor=0),
    "acrylamide": Molecule("acrylamide", "C=CC(N)=O", aliases=("AM",), donor=4),
    "SBMA": Molecule(
        "sulfobetaine methacrylate, zwitterion, bound through its sulfonate",
        "CC(=C)C(=O)OCC[N+](C)(C)CCCS(=O)(=O)[O-]",
        donor=17,
    ),
    "lysine": Molecule("L-lysine, neutral", "NCCCC[C@H](N)C(=O)O", donor=8),
    "lysine zwitterion": Molecule(
        "L-lysine, protonated side chain and carboxylate; stable in solvents only",
        "[NH3+]CCCC[C@H](N)C(=O)[O-]",
        donor=9,
    ),
    "lysine+": Molecule(
        "L-lysinium, protonated at its side chain", "[NH3+]CCCC[C@H](N)C(=O)O", 1, aliases=("lysinium",)
    ),
    "isosorbide dimethyl ether": Molecule(
        "isosorbide dimethyl ether", "CO[C@@H]1CO[C@H]2[C@@H]1OC[C@H]2OC", aliases=("IDE",), donor=4
    ),
    "DTPMP": Molecule(
        "diethylenetriamine penta(methylene phosphonic acid)",
        "OP(=O)(O)CN(CCN(CP(=O)(O)O)CP(=O)(O)O)CCN(CP(=O)(O)O)CP(=O)(O)O",
        donor=2,
    ),
    "EDTA": Molecule(
        "ethylenediaminetetraacetic acid, all four protons on", "OC(=O)CN(CCN(CC(=O)O)CC(=O)O)CC(=O)O", donor=2
    ),
    "methylphosphonic acid": Molecule("methylphosphonic acid, a model of phosphonates", "CP(=O)(O)O", donor=2),
    "methylphosphonate2-": Molecule("methylphosphonate dianion", "CP(=O)([O-])[O-]", -2),
    "PMMA dimer": Molecule(
        "methyl methacrylate dimer, hydrogen-capped",
        "CC(C)(C(=O)OC)CC(C)(C)C(=O)OC",
        aliases=("PMMA oligomer", "PMMA"),
        donor=4,
    ),
    "P(VDF-HFP) oligomer": Molecule(
        "two VDF and one HFP unit, hydrogen-capped", "CC(F)(F)CC(F)(F)C(F)(F)C(F)C(F)(F)F", aliases=("P(VDF-HFP)",)
    ),
    "ANF unit": Molecule(
        "benzanilide, the repeat unit of aramid nanofibres",
        "O=C(Nc1ccccc1)c1ccccc1",
        aliases=("benzanilide", "ANF"),
        donor=0,
    ),
    # ions
    "EMIM+": Molecule("1-ethyl-3-methylimidazolium", "CC[n+]1ccn(C)c1", 1),
    "acetylcholine+": Molecule("acetylcholine", "CC(=O)OCC[N+](C)(C)C", 1, aliases=("acetylcholine",)),
    "OTf-": Molecule("trifluoromethanesulfonate", "C(F)(F)(F)S(=O)(=O)[O-]", -1, aliases=("triflate", "CF3SO3-")),
    "TFSI-": Molecule(
        "bis(trifluoromethanesulfonyl)imide", "C(F)(F)(F)S(=O)(=O)[N-]S(=O)(=O)C(F)(F)F", -1, aliases=("NTf2-",)
    ),
    "acetate-": Molecule("acetate", "CC(=O)[O-]", -1, aliases=("OAc-",)),
    "OH-": Molecule("hydroxide", "[OH-]", -1),
    "Cl-": Molecule("chloride", "[Cl-]", -1, aliases=("chloride",)),
    "H3O+": Molecule("hydronium", "[OH3+]", 1),
}
"""Named molecules of even electron number."""


def from_smiles(smiles: str, number: int = 0) -> Atoms:
    """Build a conformer of a molecule (ETKDGv3, 10.1021/acs.jcim.0c00025; MMFF94, else UFF).

    Args:
        smiles: with formal charges; its radical electrons make the multiplicity, as high as they allow.
        number: which conformer, counted from the lowest of the force field.

    Returns:
        Atoms in the order of the SMILES, then H, with charge and multiplicity in ``info``. A number beyond the last
        conformer gives the last.

    Raises:
        StructureError: the SMILES is wrong, holds ``*`` or an isotope, no geometry satisfies its bonds, or RDKit is not
            installed.
    """
    from ase import Atoms

    molecule, order, charge, radicals = _embedded(smiles)
    conformer = molecule.GetConformer(order[min(number, len(order) - 1)])
    atoms = Atoms([atom.GetSymbol() for atom in molecule.GetAtoms()], positions=conformer.GetPositions())
    electrons = int(atoms.numbers.sum()) - charge
    # RDKit counts no unpaired electrons on most metals; the lowest multiplicity that fits is all a SMILES says of them.
    spin = radicals + 1 if (electrons - radicals) % 2 == 0 else electrons % 2 + 1
    atoms.info = {"charge": charge, "spin": spin}
    return atoms


def check_smiles(name: str) -> None:
    """Refuse a ``smiles:STRING`` that is no molecule, in no time: nothing is embedded. Other names pass.

    Raises:
        StructureError: as in [`from_smiles`][].
    """
    if name.startswith(PREFIX):
        chemistry, _, log = rdkit_modules()
        log.DisableLog("rdApp.*")  # what matters is raised
        try:
            _readable(chemistry, name.removeprefix(PREFIX))
        finally:
            log.EnableLog("rdApp.*")


@cache
def _embedded(smiles: str) -> tuple[Any, list[int], int, int]:
    """Return a molecule with conformers, their numbers from the lowest energy up, its charge and unpaired electrons."""
    chemistry, forces, log = rdkit_modules()
    log.DisableLog("rdApp.*")  # what matters is raised
    try:
        molecule = chemistry.AddHs(_readable(chemistry, smiles))
        numbers, energies = _conformers(molecule, forces)
    finally:
        log.EnableLog("rdApp.*")
    if not numbers:
        raise StructureError(f"RDKit finds no geometry for {smiles!r}; give the molecule as a file")
    order = [numbers[i] for i in sorted(range(len(numbers)), key=lambda i: (round(energies[i], 3), i))]
    radicals = sum(_unpaired(atom) for atom in molecule.GetAtoms())
    return molecule, order, chemistry.GetFormalCharge(molecule), radicals


def _readable(chemistry: Any, smiles: str) -> Any:
    """Return a molecule without hydrogen of its own; refuse what is no molecule of elements."""
    bare = chemistry.MolFromSmiles(smiles)
    if bare is None or bare.GetNumAtoms() == 0:
        raise StructureError(f"{smiles!r} is no SMILES that RDKit can read")
    for atom in bare.GetAtoms():
        if atom.GetAtomicNum() == 0:
            raise StructureError(
                f"{smiles!r}: {atom.GetSymbol()} stands for no element; close the open ends of a repeat unit with H or "
                "CH3, as in smiles:CC(C)C(=O)OC for *CC(*)(C)C(=O)OC"
            )
        if atom.GetIsotope():
            raise StructureError(f"{smiles!r} names an isotope; write the element without its mass")
    return bare


def _unpaired(atom: Any) -> int:
    """Count the unpaired electrons of an atom: RDKit's radical electrons, but an s shell that holds two is paired.

    So Sn2+, Bi3+ and SnCl2 with their lone pair are singlets, the bare atoms of tin and carbon triplets. Carbon and
    nitrogen with bonds are left to RDKit: their s and p levels are close, and CH2 is a triplet.
    """
    radicals, charge = int(atom.GetNumRadicalElectrons()), int(atom.GetFormalCharge())
    number = int(atom.GetAtomicNum())
    group = next((3 + number - first for first in P_BLOCKS if first <= number < first + 6), None)
    bonds = int(atom.GetTotalValence())
    if radicals == 0 or group is None or (bonds and atom.GetSymbol() in ("C", "N")):
        return radicals
    left = group - charge - bonds
    if left <= 2:
        return left % 2
    orbitals, electrons = max(3 - bonds, 0), left - 2
    if electrons > 2 * orbitals:
        return electrons % 2
    return min(electrons, 2 * orbitals - electrons)


def _conformers(molecule: Any, forces: Any) -> tuple[list[int], list[float]]:
    """Embed conformers into a molecule; return their numbers and energies, kcal/mol, none when it cannot be done."""
    settings = forces.ETKDGv3()
    settings.randomSeed = SEED
    numbers = list(forces.EmbedMultipleConfs(molecule, CONFORMERS, settings))
    if not numbers:
        settings.useRandomCoords = True
        numbers = list(forces.EmbedMultipleConfs(molecule, CONFORMERS, settings))
    if not numbers:
        return [], []
    if forces.MMFFHasAllMoleculeParams(molecule):
        return numbers, [energy for _, energy in forces.MMFFOptimizeMoleculeConfs(molecule, maxIters=2000)]
    if forces.UFFHasAllMoleculeParams(molecule):
        return numbers, [energy for _, energy in forces.UFFOptimizeMoleculeConfs(molecule, maxIters=2000)]
    return numbers, [0.0] * len(numbers)


def rdkit_modules() -> tuple[Any, Any, Any]:
    """Return RDKit's modules for molecules, for force fields and for its log."""
    try:
        from rdkit import Chem, RDLogger
        from rdkit.Chem import AllChem
    except ImportError as error:
        raise StructureError(
            "molecules by name or SMILES, .mol and .sdf need RDKit: pip install rdkit, or give the molecule as .xyz"
        ) from error
    return Chem, AllChem, RDLogger
