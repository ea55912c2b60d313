"""Potentials whose libraries cannot stand beside ours: each computes in an environment and a process of its own."""
