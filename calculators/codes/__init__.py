"""Codes of periodic DFT that run as programs of their own: inputs, runs, outputs, each in one file."""
