"""azibflow: Jobflow workflows for the interfaces of aqueous zinc-ion batteries."""

from .earlier_names import keep_earlier_names

__version__ = "0.1.0"

keep_earlier_names()
