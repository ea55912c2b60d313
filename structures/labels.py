"""Names for sites, orientations and hops that stay unique and stable."""

from __future__ import annotations

from collections import Counter


def numbered(labels: list[str]) -> list[str]:
    """Tell equal labels apart: the second "bridge-O-O" becomes "bridge-O-O-2", and so on.

    Args:
        labels: labels in their final order.

    Returns:
        As many labels, all different.
    """
    seen: Counter[str] = Counter()
    unique = []
    for label in labels:
        seen[label] += 1
        unique.append(label if seen[label] == 1 else f"{label}-{seen[label]}")
    return unique
