"""Molecules and clusters by name: hydrates, ion pairs, complexes, flakes, oxide clusters, organic molecules."""

from .catalogue import CLUSTERS, Cluster, cluster, find_cluster, names, starts

__all__ = ["CLUSTERS", "Cluster", "cluster", "find_cluster", "names", "starts"]
