"""The names of tables and figures; this file imports nothing, so that the command line can list them at once."""

TABLES = (
    "barriers",
    "adsorption",
    "surfaces",
    "desolvation",
    "binding",
    "orbitals",
    "esp",
    "breathing",
    "interfaces",
    "surrogates",
)
"""Names of the tables of results."""

LEDGERS = "ledgers"
"""A table that has rows without any run: arithmetic on published claims, and on the limits that runs found."""

PLOTS = {
    "barriers": (".png", ".svg"),
    "desolvation": (".png", ".svg"),
    "esp": (".png", ".svg", ".html"),
    "breathing": (".png", ".svg"),
}
"""Names of the figures, and the files that each can be written to, all of which are written unless one is asked for."""
