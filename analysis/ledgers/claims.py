"""Files of published claims about capacity, charge, mass and rates."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import BaseModel, Field, model_validator

from ...data.literature import Source
from ...data.tables import paper_table
from ...errors import AzibflowError
from ...input_files.yaml_files import read_model
from .charge_claims import BalanceClaim, CapacityClaim, PoolClaim, ProtonClaim, ShareClaim
from .claim import STRICT, Claim
from .electrode_claims import ArealCapacityClaim, ArealCurrentClaim, RateClaim, VolumetricCapacityClaim
from .kinetic_claims import ActivationPairClaim, ArrheniusClaim, BValueClaim, GittClaim, JobSharingClaim

AnyClaim = (
    CapacityClaim
    | ProtonClaim
    | PoolClaim
    | BalanceClaim
    | ShareClaim
    | ArealCurrentClaim
    | ArealCapacityClaim
    | VolumetricCapacityClaim
    | RateClaim
    | JobSharingClaim
    | ArrheniusClaim
    | ActivationPairClaim
    | GittClaim
    | BValueClaim
)

KINDS = tuple(get_args(claim.model_fields["kind"].annotation)[0] for claim in get_args(AnyClaim))
"""Names of the kinds, in the order of the documents."""


class Claims(BaseModel):
    """A file of claims."""

    model_config = STRICT

    sources: dict[str, Source] = Field(default_factory=dict, description="the papers, by short name")
    claims: dict[str, Annotated[AnyClaim, Field(discriminator="kind")]] = Field(
        min_length=1, description="the claims, by name"
    )

    @model_validator(mode="before")
    @classmethod
    def _kinds_are_given(cls, data: Any) -> Any:
        """Ask for a kind in words; the check of tagged unions would only say that it found no tag."""
        claims = data.get("claims") if isinstance(data, dict) else None
        for name, claim in (claims if isinstance(claims, dict) else {}).items():
            if isinstance(claim, dict) and "kind" not in claim:
                raise ValueError(f"claim {name!r} has no kind; it is one of {', '.join(KINDS)}")
        return data

    def origin(self, claim: Claim) -> str:
        """Return citation, DOI and locator of a claim."""
        source = self.sources.get(claim.source)
        named = [source.citation, source.doi] if source else [claim.source]
        return ", ".join(part for part in (*named, claim.locator) if part)


def load_claims(path: Path) -> Claims:
    """Read a file of claims.

    Args:
        path: YAML file with ``claims``, and ``sources`` to name papers by.

    Returns:
        The claims.

    Raises:
        AzibflowError: the file cannot be read or is not valid; names the line and the key.
    """
    return read_model(path, Claims, "claims", "a mapping with claims, each with a kind", AzibflowError)


@cache
def published_claims() -> Claims:
    """Return the published claims that come with the package."""
    return load_claims(Path(str(files("azibflow.data") / "claims.yaml")))


@cache
def tabulated_claims(table: str) -> Claims:
    """Return the claims that make up one table of the papers, such as T18."""
    return load_claims(Path(str(paper_table(table).file)))
