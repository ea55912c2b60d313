"""Published hops to measure potentials on: endpoints, the barrier of DFT, and those of universal potentials."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

SOURCE = (
    "R. Devi, A. Balasubramanian, K. Butler, G. Sai Gautam, arXiv:2508.06459 (2025), repository "
    "sai-mat-group/mlips-migration-barriers"
)
_FOLDER = Path(str(files("azibflow.data"))) / "zn_barriers"


class PublishedHop(BaseModel):
    """One hop between two given structures, and what was published of its barrier."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(description="as in the compilation")
    composition: str = Field(description="of the host; in brackets the ion that was put into it")
    ion: str = Field(description="the ion that hops")
    host_class: str = Field(description="kind of host, as in the compilation")
    functional: str = Field(description="kind of functional of the DFT band")
    dft: float = Field(description="barrier of the DFT band, eV")
    potentials: dict[str, float] = Field(description="highest minus first energy of the published bands, eV")

    @property
    def endpoints(self) -> tuple[Path, Path]:
        """The files of its two structures."""
        folder = _FOLDER / "endpoints"
        return folder / f"{self.name}-initial.vasp", folder / f"{self.name}-final.vasp"


@cache
def published_hops() -> dict[str, PublishedHop]:
    """Return the hops by name, in the order of the compilation."""
    with (_FOLDER / "hops.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: _hop(row) for row in csv.DictReader(file)}


def _hop(row: dict[str, str]) -> PublishedHop:
    names = ("CHGNet", "MACE", "SevenNet", "Orb-v3")
    return PublishedHop(
        name=row["name"],
        composition=row["composition"],
        ion=row["ion"],
        host_class=row["host_class"],
        functional=row["functional"],
        dft=float(row["DFT"]),
        potentials={name: float(row[name]) for name in names if row[name]},
    )
