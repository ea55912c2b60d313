"""Atoms in, atoms out: prototypes, files, slabs, adsorption sites, interstitials and hops."""
