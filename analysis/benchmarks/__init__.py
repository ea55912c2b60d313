"""What potentials are worth on published hops."""
