"""azibflow: Jobflow workflows for the interfaces of aqueous zinc-ion batteries."""

__version__ = "0.1.0"
