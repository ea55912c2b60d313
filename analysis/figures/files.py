"""Figures into files: one look whatever the user's settings are, and the same bytes for the same figure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import AzibflowError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("png", "svg")
DOTS_PER_INCH = 200


@contextmanager
def names_as_they_are() -> Iterator[None]:
    """Make texts in which a dollar sign is one, and no formula begins: names are the user's."""
    import matplotlib as mpl

    with mpl.rc_context({"text.parse_math": False}):
        yield


def legend_label(name: str) -> str:
    """Return a name for a legend, which would leave out one that begins with an underscore."""
    return f" {name}" if name.startswith("_") else name


def write_figure(make: Callable[[], Figure], path: Path) -> None:
    """Make a figure in this package's style and write it.

    Args:
        make: makes the figure.
        path: file to write; its ending chooses the format, png or svg.

    Raises:
        AzibflowError: the format is unknown, or the file cannot be written.
    """
    import matplotlib as mpl

    file_format = path.suffix.removeprefix(".").lower()
    if file_format not in FORMATS:
        raise AzibflowError(f"{path}: the ending has to be one of {', '.join(FORMATS)}")
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(
            {"font.size": 9, "svg.hashsalt": "azibflow", "svg.fonttype": "none", "text.parse_math": False}
        )
        metadata = {"Date": None} if file_format == "svg" else {"Software": None}
        try:
            make().savefig(path, format=file_format, dpi=DOTS_PER_INCH, metadata=metadata)
        except OSError as error:
            raise AzibflowError(f"{path}: {error.strerror or error}") from error
