"""What calculations of DFT are going to cost, from a few that were measured."""
