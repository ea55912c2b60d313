"""The kinds of calculators, one file each; ``base`` has what another package derives its own from."""
