"""Mutated structure files: refused in one line that names the file, or read with the atoms another reader finds."""

from __future__ import annotations

import re
import resource
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.constraints import FixAtoms
from ase.data import atomic_numbers
from ase.geometry import get_distances
from ase.io import write
from scipy.optimize import linear_sum_assignment

from azibflow.errors import StructureError
from azibflow.structures.files import read_structure
from azibflow.structures.prototypes import prototype

TOKENS = (
    "0", "1", "2", "3", "-1", "1e308", "-1e308", "1e-320", "nan", "inf", "-inf", "1_0", "0x10", "1d0", "1.0.0",
    "1,5", ".5", "5.", "+0.5", "1e5", "99999999", "2147483648", "1/3", "?", ".", "'", "\"", ";", "#", "!", "$", "%",
    "@", "*", "[", "]", "{", "}", "\\", "\x00", "\x1a", "\u00e9", "\u212b", "\ufeff", "H", "D", "T", "X", "Zn",
    "ZN", "zn", "Cu", "Q1", "Wat", "CA", "OW", "Zn2+", "O2-", "F", "TTT", "charge=2", "Charge=1", "charge",
    "spin=3", "spin=0", "net_charge=-1", "2+", "1-", "pbc", "lattice=", "Properties=", "loop_", "data_y", "data_",
    "save_", "0.5", "P21", "_atom_site_label", "_atom_site_occupancy", "END", "ENDMDL", "MODEL", "TER", "ATOM",
    "HETATM", "CRYST1", "$$$$", "V2000", "V3000", "Direct", "Cartesian", "Selective", "Kartesian", "-x,-y,-z",
    "x,y,z", "VEC1", 'Lattice="3 0 0 0 3 0 0 0 3"', 'pbc="T T F"', "M  CHG  1   1   1", "M  RAD  1   1   2",
    "M  END",
)  # fmt: skip
NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?")
FINE = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass
class Found:
    """What a reader finds: symbols, Cartesian positions, the cell where there is one, a charge where it tells."""

    symbols: list[str]
    positions: np.ndarray
    cell: np.ndarray | None = None
    charge: int | None = None


@dataclass
class Tally:
    """What became of the mutated files."""

    refused: int = 0
    compared: int = 0
    unread: list[str] = field(default_factory=list)


def mutated(data: bytes, generator: np.random.Generator) -> bytes:
    """Change a file in one to three places, in one of the ways in which files break."""
    for _ in range(int(generator.integers(1, 3))):
        data = MUTATIONS[int(generator.integers(len(MUTATIONS)))](data, generator)
    return data


def _flip(data: bytes, generator: np.random.Generator) -> bytes:
    if not data:
        return data
    changed = bytearray(data)
    changed[int(generator.integers(len(data)))] = int(generator.integers(256))
    return bytes(changed)


def _cut(data: bytes, generator: np.random.Generator) -> bytes:
    return data[: int(generator.integers(len(data) + 1))]


def _lines(data: bytes, generator: np.random.Generator) -> bytes:
    """Delete, double or exchange lines."""
    lines = data.split(b"\n")
    one, other = (int(i) for i in generator.integers(len(lines), size=2))
    match int(generator.integers(3)):
        case 0:
            del lines[one]
        case 1:
            lines.insert(other, lines[one])
        case _:
            lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def _number(data: bytes, generator: np.random.Generator) -> bytes:
    """Change a number into another, or into what is none."""
    text = data.decode("latin-1")
    spans = [match.span() for match in NUMBER.finditer(text)]
    if not spans:
        return data
    start, end = spans[int(generator.integers(len(spans)))]
    choices = [
        str(round(float(generator.uniform(-3, 3)), 3)),
        str(int(generator.integers(-2, 20))),
        text[start:end][:-1],
    ]
    choices.append(str(generator.choice(TOKENS)))
    return (text[:start] + choices[int(generator.integers(4))] + text[end:]).encode("latin-1", "replace")


def _token(data: bytes, generator: np.random.Generator) -> bytes:
    """Put a nasty word in the place of another, or beside it."""
    words = re.split(rb"(\s+)", data)
    place = int(generator.integers(len(words)))
    new = str(generator.choice(TOKENS)).encode()
    words[place] = new if generator.integers(2) else words[place] + b" " + new
    return b"".join(words)


def _encoding(data: bytes, generator: np.random.Generator) -> bytes:
    text = data.decode("latin-1")
    match int(generator.integers(4)):
        case 0:
            return text.encode("utf-16")
        case 1:
            return text.encode("utf-8-sig")
        case 2:
            return data.replace(b"\n", b"\r\n")
        case _:
            return data.replace(b" ", b"\t")


Mutation = Callable[[bytes, np.random.Generator], bytes]
MUTATIONS: list[Mutation] = [_flip, _cut, _lines, _lines, _number, _number, _token, _token, _encoding]


def _written(atoms: Atoms, kind: str, **options: object) -> bytes:
    from io import BytesIO

    stream = BytesIO() if kind == "cif" else StringIO()
    write(stream, atoms, format=kind, **options)
    text = stream.getvalue()
    return text if isinstance(text, bytes) else text.encode()


def _rdkit_block(smiles: str, kind: str) -> bytes:
    from rdkit import Chem
    from rdkit.Chem import AllChem

    made = Chem.AddHs(Chem.MolFromSmiles(smiles))
    AllChem.EmbedMolecule(made, randomSeed=7)
    block = Chem.MolToPDBBlock(made) if kind == "pdb" else Chem.MolToMolBlock(made) + "$$$$\n"
    return str(block).encode()


def _symmetric_cif(name: str) -> bytes:
    from pymatgen.io.ase import AseAtomsAdaptor
    from pymatgen.io.cif import CifWriter

    return str(CifWriter(AseAtomsAdaptor.get_structure(prototype(name)), symprec=1e-3)).encode()


def originals(kind: str) -> list[bytes]:
    """Return sound files of a format."""
    zinc_oxide = bulk("ZnO", "wurtzite", a=3.25, c=5.207)
    fixed = zinc_oxide.copy()
    fixed.set_constraint(FixAtoms([0, 2]))
    water = molecule("H2O")
    ion = molecule("H2O")
    ion.info.update(charge=1, spin=2)
    match kind:
        case "cif":
            return [_written(zinc_oxide, "cif"), _symmetric_cif("Zn"), _symmetric_cif("alpha-V2O5")]
        case "vasp":
            direct = _written(zinc_oxide, "vasp", direct=True)
            return [direct, _written(zinc_oxide, "vasp"), _written(fixed, "vasp"), direct.replace(b" 1.0", b"-40.0", 1)]
        case "xyz":
            plain = _written(water, "xyz")
            return [plain, plain + _written(molecule("H2O"), "xyz").replace(b"0.1", b"0.2")]
        case "extxyz":
            return [_written(zinc_oxide, "extxyz"), _written(ion, "extxyz"), _written(fixed, "extxyz")]
        case "sdf":
            return [_rdkit_block(smiles, "sdf") for smiles in ("CCO", "CC(=O)[O-]", "C[NH3+]")]
        case _:
            return [_rdkit_block("CCO", "pdb"), _written(zinc_oxide, "proteindatabank")]


def text_of(data: bytes) -> str:
    """Decode a file as an editor does."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def cif_by_pymatgen(text: str) -> Found:
    from pymatgen.io.cif import CifParser

    (structure,) = CifParser.from_str(text, occupancy_tolerance=1.0).parse_structures(primitive=False)
    apart = structure.distance_matrix + 9 * np.eye(len(structure))
    assert apart.min() > 0.5  # it keeps images apart that others take for one atom
    return Found([site.specie.symbol for site in structure], structure.cart_coords, structure.lattice.matrix)


def poscar_by_pymatgen(text: str) -> Found:
    from pymatgen.io.vasp import Poscar

    poscar = Poscar.from_str(text)
    structure = poscar.structure
    assert poscar.true_names  # where it finds no elements it goes on with H, He, Li
    return Found([site.specie.symbol for site in structure], structure.cart_coords, structure.lattice.matrix)


def xyz_by_hand(text: str) -> Found:
    """Read the last frame: a number of atoms, a comment, and symbol and coordinates in the first columns."""
    lines = text.rstrip().splitlines()
    start = 0
    while start + 2 + int(lines[start]) < len(lines):
        start += 2 + int(lines[start])
        if lines[start].strip().startswith("VEC"):
            raise NotImplementedError
    rows = [line.split() for line in lines[start + 2 :]]
    assert len(rows) == int(lines[start]) > 0
    assert all(FINE.fullmatch(word) for row in rows for word in row[1:4])
    assert "Properties" not in lines[start + 1] or "Properties=species:S:1:pos:R:3" in lines[start + 1]
    lattice = re.search(r'Lattice="([^"]*)"', lines[start + 1])
    cell = None if lattice is None else np.array([float(word) for word in lattice[1].split()]).reshape(3, 3)
    charge = re.search(r"(?:^|\s|_)charge=\"?([+-]?\d+)", lines[start + 1], re.I)
    positions = np.array([[float(word) for word in row[1:4]] for row in rows])
    return Found([row[0].capitalize() for row in rows], positions, cell, int(charge[1]) if charge else 0)


def sdf_by_hand(text: str) -> Found:
    """Read the atom block of a V2000 file by its columns, and its charges."""
    lines = text.splitlines()
    assert "V2000" in lines[3]
    rows = lines[4 : 4 + int(lines[3][:3])]
    charges = [int(w) for line in lines if line.startswith("M  CHG") for w in line[9:].split()[1::2]]
    if not charges and not any(line.startswith("M  RAD") for line in lines):
        codes = [int(row[36:39] or 0) for row in rows]
        charges = [4 - code for code in codes if code not in (0, 4)]
    positions = np.array([[float(row[start : start + 10]) for start in (0, 10, 20)] for row in rows])
    return Found([row[31:34].strip().capitalize() for row in rows], positions, charge=sum(charges))


def pdb_by_rdkit(text: str) -> Found:
    from rdkit import Chem, RDLogger

    RDLogger.DisableLog("rdApp.*")
    lines = [line for line in text.split("\n") if line.strip()]  # RDKit loses the atom after a blank line
    made = Chem.MolFromPDBBlock("\n".join([*lines, ""]), sanitize=False, removeHs=False, proximityBonding=False)
    last = made.GetConformer(made.GetNumConformers() - 1)
    return Found([atom.GetSymbol() for atom in made.GetAtoms()], last.GetPositions())


READERS: dict[str, tuple[str, Callable[[str], Found]]] = {
    "cif": ("x.cif", cif_by_pymatgen),
    "vasp": ("POSCAR", poscar_by_pymatgen),
    "xyz": ("x.xyz", xyz_by_hand),
    "extxyz": ("x.extxyz", xyz_by_hand),
    "sdf": ("x.sdf", sdf_by_hand),
    "pdb": ("x.pdb", pdb_by_rdkit),
}


def differences(ours: Atoms, theirs: Found) -> str:
    """Say how what is read differs from what another reader finds; nothing when it does not."""
    if Counter(ours.get_chemical_symbols()) != Counter(theirs.symbols):
        return f"{ours.symbols} against {theirs.symbols}"
    if theirs.charge is not None and ours.info["charge"] != theirs.charge:
        return f"charge {ours.info['charge']} against {theirs.charge}"
    positions = theirs.positions
    if theirs.cell is not None:
        cell = ours.cell.new(theirs.cell)
        if not np.allclose(ours.cell.cellpar(), cell.cellpar(), atol=2e-3):
            return f"cell {ours.cell.cellpar()} against {cell.cellpar()}"
        positions = cell.scaled_positions(positions) @ ours.cell.array  # another orientation is the same crystal
    periodic = ours.cell.rank == 3
    distances = get_distances(ours.positions, positions, cell=ours.cell, pbc=periodic)[1]
    numbers = np.array([atomic_numbers[symbol] for symbol in theirs.symbols])
    distances[ours.numbers[:, None] != numbers[None, :]] = 1e9
    farthest = float(distances[linear_sum_assignment(distances)].max())
    return "" if farthest < 0.1 else f"an atom is {farthest:.3f} angstrom elsewhere"


def attack(kind: str, count: int, seed: int, folder: Path) -> Tally:
    """Read mutated files of a format; fail at the first that is read as something else."""
    name, reader = READERS[kind]
    generator = np.random.default_rng(seed)
    sound, tally, path = originals(kind), Tally(), folder / name
    for number in range(count):
        data = mutated(sound[number % len(sound)], generator)
        path.write_bytes(data)
        start = time.monotonic()
        try:
            ours = read_structure(path)
        except StructureError as error:
            said = str(error)
            assert "\n" not in said and name in said and len(said) < 700, said
            tally.refused += 1
            continue
        finally:
            assert time.monotonic() - start < 10, data
        try:
            theirs = reader(text_of(data))
        except Exception as error:  # the other reader gives up; ours may be the better one
            tally.unread.append(f"{type(error).__name__}: {error}")
            continue
        tally.compared += 1
        assert not differences(ours, theirs), f"{differences(ours, theirs)}\n{text_of(data)}"
    return tally


@pytest.mark.parametrize("kind", READERS)
def test_sound_files_are_read_as_another_reader_reads_them(kind: str, tmp_path: Path) -> None:
    name, reader = READERS[kind]
    for data in originals(kind):
        (tmp_path / name).write_bytes(data)
        assert differences(read_structure(tmp_path / name), reader(text_of(data))) == ""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", READERS)
def test_mutated_files_are_refused_or_read_right(kind: str, tmp_path: Path) -> None:
    tally = attack(kind, 300, 14, tmp_path)
    assert tally.refused > 25
    assert tally.compared > 25
    assert len(tally.unread) < 60


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", READERS)
def test_many_mutated_files_are_refused_or_read_right(kind: str, tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tally = attack(kind, 10_000, 15, tmp_path)
    assert tally.compared > 1000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000, "kilobytes"
