"""The kinds of studies in a campaign: one file for each, with its keys, its flows and what a dry run shows."""
