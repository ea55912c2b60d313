"""Frames: structures of one system in a file that a job leaves for the next."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Self, TextIO
from urllib.parse import quote, unquote

import numpy as np
from pydantic import BaseModel, Field

from ...errors import LabelError
from ..common.results import FileRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ase import Atoms

TEXTS = ("system", "name")
"""Keys of names in ``info``."""
DIGITS = 6
"""Decimals of positions and cells of frames, angstrom: a frame read from its file is the frame that was written."""


class FrameSet(BaseModel):
    """Frames of one system in a file of a job."""

    system: str = Field(description="the system; frames of one system stay together when data are split")
    origin: str = Field(description="how the frames were made")
    folder: str = Field(description="name of the folder of the job, beside those of the other jobs")
    file: FileRecord = Field(description="extended XYZ file, compressed")
    count: int = Field(description="number of frames")
    force_calls: int = Field(0, description="evaluations of energy and forces that making them took")

    @classmethod
    def write(cls, frames: Sequence[Atoms], *, system: str, origin: str, folder: Path, force_calls: int = 0) -> Self:
        """Write frames into the folder of a job.

        Args:
            frames: labelled or not.
            system: the system they belong to.
            origin: how they were made.
            folder: of the job.
            force_calls: what making them took.
        """
        path = folder / "frames.extxyz.xz"
        write_frames(path, frames)
        return cls(
            system=system,
            origin=origin,
            folder=folder.name,
            file=FileRecord.of(path, folder, f"{len(frames)} frames"),
            count=len(frames),
            force_calls=force_calls,
        )

    def read(self, here: Path) -> list[Atoms]:
        """Read the frames.

        Args:
            here: folder of the reading job; those of all jobs are in one folder.

        Raises:
            LabelError: the file is missing or was changed.
        """
        path = here.parent / self.folder / self.file.path
        if not path.is_file():
            raise LabelError(f"{self.system}: the frames of {self.origin} are not at {path}; run that job again")
        if hashlib.sha256(path.read_bytes()).hexdigest() != self.file.sha256:
            raise LabelError(f"{path}: was changed after its job had written it")
        return read_frames(path)


def write_frames(path: Path, frames: Sequence[Atoms]) -> None:
    """Write frames into one extended XYZ file, compressed where its ending says so; the file appears when complete."""
    import io
    import lzma

    from ase.io import write

    text = io.StringIO()
    if frames:
        write(text, [_with_texts(frame, _escaped) for frame in frames], format="extxyz", write_results=False)
    data = text.getvalue().encode()
    partial = path.with_name(path.name + ".part")
    partial.write_bytes(lzma.compress(data) if path.suffix == ".xz" else data)
    partial.replace(path)


def read_frames(path: Path) -> list[Atoms]:
    """Read frames.

    Args:
        path: extended XYZ file, plain or compressed.

    Raises:
        LabelError: it cannot be read.
    """
    import io
    import lzma

    from ase.io import read

    try:
        data = path.read_bytes()
        text = (lzma.decompress(data) if path.suffix == ".xz" else data).decode()
        if not text:
            return []
        if not text.endswith("\n"):
            raise ValueError("it ends in the middle of a line; was the copy of it interrupted?")
        return [_with_texts(frame, unquote) for frame in read(io.StringIO(text), index=":", format="extxyz")]
    except (OSError, lzma.LZMAError, ValueError, KeyError, IndexError, AttributeError, RuntimeError) as error:
        # ASE lets a header that is cut off end in an AttributeError or a RuntimeError.
        raise LabelError(f"{path}: is no readable extended XYZ file: {error}") from error


def write_frame(file: TextIO, frame: Atoms) -> None:
    """Append one frame to an open extended XYZ file."""
    from ase.io import write

    write(file, _with_texts(frame, _escaped), format="extxyz", write_results=False)


def _with_texts(frame: Atoms, change: Callable[[str], str]) -> Atoms:
    """Copy a frame with its names changed."""
    copy = frame.copy()
    copy.info |= {key: change(text) for key in TEXTS if isinstance(text := frame.info.get(key), str)}
    return copy


def _escaped(text: str) -> str:
    """Write a name so that it comes back: ASE takes ``2`` for a number and ``T`` for true, and drops backslashes."""
    from ase.io.extxyz import key_val_dict_to_str, key_val_str_to_dict

    if text.isprintable() and "%" not in text and not text.startswith("_JSON"):
        pairs = {"text": text, "next": "one"}  # "=" alone swallows what comes next
        read = key_val_str_to_dict(key_val_dict_to_str(pairs)).get("text")
        if isinstance(read, str) and read == text:
            return text
    first = "".join(f"%{byte:02X}" for byte in text[:1].encode())
    return first + quote(text[1:], safe=" ()[]+-:.#@/,")


def framed(atoms: Atoms, *, system: str, name: str) -> Atoms:
    """Make a frame of a structure: no constraints, no calculator, rounded coordinates, its name in ``info``."""
    from ...structures.sampling import without_constraints

    frame = without_constraints(atoms)
    frame.positions = frame.positions.round(DIGITS)
    frame.cell = frame.cell.array.round(DIGITS)
    frame.set_tags(None)
    for array in set(frame.arrays) - {"numbers", "positions"}:
        del frame.arrays[array]
    known = {key: int(atoms.info[key]) for key in ("charge", "spin") if key in atoms.info}
    frame.info = {"charge": 0, **known, "system": system, "name": name}
    return frame


def geometry_key(frame: Atoms) -> str:
    """Return the hash of elements, positions, cell, periodicity, charge and spin: what a label depends on."""
    content = [
        frame.numbers.tolist(),
        (np.round(frame.positions, DIGITS) + 0.0).tolist(),  # + 0.0: minus zero is zero
        (np.round(frame.cell.array, DIGITS) + 0.0).tolist(),
        frame.pbc.tolist(),
        int(frame.info.get("charge", 0)),
        frame.info.get("spin") and int(frame.info["spin"]),
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
