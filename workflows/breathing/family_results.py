"""What relaxing a family of hosts leaves."""

from __future__ import annotations

from pydantic import BaseModel, Field

from ..common.results import Outcome


class HostTried(BaseModel):
    """One candidate of a family of hosts: how it was built, and how strongly its sides hold each other."""

    number: int = Field(description="of the candidate, as the heterostructure counts them")
    where: str = Field(description="where its film stands over its support, in words")
    outcome: Outcome = Field(description="ok, or why its adhesion is no result")
    reason: str = Field("", description="what happened, in words")
    bonds: dict[str, int] = Field(description="interface bonds after relaxation, by pattern")
    adhesion_energy: float | None = Field(
        None, description="E(film) + E(support) - E(together), each relaxed in the cell, eV per cell; positive adheres"
    )
    work_of_adhesion: float | None = Field(None, description="the same per area of the cell, J/m^2")
    charge_transfer: float | None = Field(None, description="sum of the film's atomic charges, e, where there are any")
    kept: bool = Field(description="whether ions were put into it")
