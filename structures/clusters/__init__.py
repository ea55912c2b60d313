"""Molecules and clusters by name: hydrates, ion pairs, flakes, oxide clusters, organic molecules."""

from .registry import CLUSTERS, cluster, find_cluster, starts

__all__ = ["CLUSTERS", "cluster", "find_cluster", "starts"]
