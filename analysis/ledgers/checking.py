"""Claims held against the ledgers: what follows, what does not, and what would."""

from __future__ import annotations

from ...errors import AzibflowError
from .capacity_checks import check_capacity
from .charge_checks import check_areal_current, check_balance, check_protons, check_share
from .claims import AnyClaim, BalanceClaim, CapacityClaim, Claims, ProtonClaim, ShareClaim
from .findings import Checked, Finding


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
        checked = _check(claim)
    except AzibflowError as error:
        raise AzibflowError(f"claim {name!r}: {error}") from error
    return Finding(
        name=name,
        kind=claim.kind,
        case=checked.case,
        verdict=checked.verdict,
        comparisons=checked.comparisons,
        remarks=checked.remarks,
        origin=origin,
        note=claim.note,
    )


def _check(claim: AnyClaim) -> Checked:
    if isinstance(claim, CapacityClaim):
        return check_capacity(claim)
    if isinstance(claim, ProtonClaim):
        return check_protons(claim)
    if isinstance(claim, BalanceClaim):
        return check_balance(claim)
    if isinstance(claim, ShareClaim):
        return check_share(claim)
    return check_areal_current(claim)
