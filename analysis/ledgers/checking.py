"""Claims held against the ledgers: what follows, what does not, and what would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...errors import AzibflowError
from .capacity_checks import check_capacity
from .charge_checks import check_balance, check_pool, check_protons, check_share
from .charge_claims import BalanceClaim, CapacityClaim, PoolClaim, ProtonClaim, ShareClaim
from .claim import Claim
from .claims import AnyClaim, Claims
from .electrode_checks import check_areal_capacity, check_areal_current, check_rate, check_volumetric_capacity
from .electrode_claims import ArealCapacityClaim, ArealCurrentClaim, RateClaim, VolumetricCapacityClaim
from .findings import Checked, Finding
from .kinetic_checks import check_activation_pair, check_arrhenius, check_b_value, check_gitt, check_job_sharing
from .kinetic_claims import ActivationPairClaim, ArrheniusClaim, BValueClaim, GittClaim, JobSharingClaim

CHECKS: dict[type[Claim], Callable[[Any], Checked]] = {
    CapacityClaim: check_capacity,
    ProtonClaim: check_protons,
    PoolClaim: check_pool,
    BalanceClaim: check_balance,
    ShareClaim: check_share,
    ArealCurrentClaim: check_areal_current,
    ArealCapacityClaim: check_areal_capacity,
    VolumetricCapacityClaim: check_volumetric_capacity,
    RateClaim: check_rate,
    JobSharingClaim: check_job_sharing,
    ArrheniusClaim: check_arrhenius,
    ActivationPairClaim: check_activation_pair,
    GittClaim: check_gitt,
    BValueClaim: check_b_value,
}
"""What holds each kind of claim against the ledgers."""


def check_claims(claims: Claims) -> list[Finding]:
    """Check every claim of a file.

    Args:
        claims: the claims.

    Returns:
        One finding for each, in their order.

    Raises:
        AzibflowError: a formula cannot be read, or a charge is not known; the message names the claim.
    """
    return [_finding(name, claim, claims.origin(claim)) for name, claim in claims.claims.items()]


def _finding(name: str, claim: AnyClaim, origin: str) -> Finding:
    try:
        checked = CHECKS[type(claim)](claim)
    except AzibflowError as error:
        raise AzibflowError(f"claim {name!r}: {error}") from error
    return Finding(
        name=name,
        kind=claim.kind,
        case=checked.case,
        verdict=checked.verdict(claim),
        comparisons=checked.comparisons,
        remarks=checked.remarks,
        origin=origin,
        note=claim.note,
    )
