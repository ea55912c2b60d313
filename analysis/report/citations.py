"""What to cite: BibTeX of programs and potentials that computed, of methods, and of papers whose values are shown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from ...calculators.records import CalculatorRecord
from ...data.literature import published_values
from .inside import parts

if TYPE_CHECKING:
    from ...calculators.specs import AnySpec
    from ...data.literature import Source
    from ...studies import StudyKind
    from ...workflows.common.results import StudyLabel

ALWAYS = ("ase", "jobflow")
"""What every result rests on."""


def bibtex(kinds: Iterable[StudyKind], results: Iterable[StudyLabel], judged: Iterable[str] = ()) -> str:
    """Return a BibTeX file of everything that some results rest on.

    Args:
        kinds: of their studies.
        results: of the page.
        judged: keys of published values whose order is judged on the page.

    Returns:
        The entries, each once: libraries, methods, calculators, then papers whose values stand beside the results.
    """
    found = list(results)
    specs = [record.spec for result in found for _, record in parts(result, CalculatorRecord)]
    keys = [*ALWAYS, *(key for kind in kinds for key in kind.cites), *(key for spec in specs for key in cited_by(spec))]
    known = published_values()
    shown = [*(key for result in found for key in result.literature), *judged]
    sources = [known[key].source for key in shown if key in known]
    entries = [references()[key] for key in dict.fromkeys(keys) if key in references()]
    return "\n\n".join([*entries, *(_entry(source) for source in dict.fromkeys(sources))]) + "\n"


def cited_by(spec: AnySpec) -> tuple[str, ...]:
    """Return the keys of what a calculator rests on, its dispersion correction included."""
    dispersion = spec.added_dispersion()
    if dispersion is None:
        return spec.cites
    return (*spec.cites, "d3", *(("d3bj",) if "bj" in dispersion.damping else ()))


@cache
def references() -> dict[str, str]:
    """Return the entries of this package's BibTeX file by key."""
    text = (files("azibflow.data") / "references.bib").read_text(encoding="utf-8")
    entries = [entry.strip() for entry in re.split(r"\n(?=@)", text) if entry.strip()]
    return {re.match(r"@\w+\{([^,]+),", entry)[1]: entry for entry in entries}  # type: ignore[index]


def _entry(source: Source) -> str:
    """Write a paper as BibTeX, as far as it is known: its citation as a note."""
    key = re.sub(r"\W+", "-", source.doi or source.citation)[:60].strip("-")
    doi = "" if source.doi is None else f",\n  doi = {{{source.doi}}}"
    note = source.citation.replace("{", "").replace("}", "").replace("&", r"\&")
    return f"@misc{{{key},\n  note = {{{note}}}{doi}\n}}"
