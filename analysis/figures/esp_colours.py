"""The colours of electrostatic potentials: red is negative, blue is positive, and equal steps look equal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.cm import ScalarMappable

Scale = Literal["common", "own"]
"""Whether all molecules share one colour scale or each has its own."""

UNIT = "Vₛ (kcal/mol)"
PAGE_COLOURS = 33


@dataclass(frozen=True)
class ColourScale:
    """Which potential has which colour.

    Where potentials of both signs occur the scale is symmetric about a white zero; else it spans what occurs, in one
    direction of lightness: yellow to blue upwards from the least positive, red to yellow up to the least negative.

    Attributes:
        low: potential of the first colour, kcal/mol.
        high: potential of the last colour, kcal/mol.
        name: of the colour map in matplotlib.
    """

    low: float
    high: float
    name: str

    @classmethod
    def of(cls, values: Iterable[np.ndarray]) -> Self:
        """Choose the scale for the potentials of one or several surfaces, kcal/mol."""
        found = list(values)
        low, high = float(min(v.min() for v in found)), float(max(v.max() for v in found))
        if low < 0 < high:
            bound = max(-low, high)
            return cls(-bound, bound, "RdBu")
        return cls(low, max(high, low + 1e-6), "YlGnBu" if low >= 0 else "YlOrRd_r")

    def colours(self, values: np.ndarray) -> np.ndarray:
        """Return the colours of potentials, RGB between 0 and 1."""
        import numpy as np
        from matplotlib import colormaps

        return np.asarray(colormaps[self.name]((values - self.low) / (self.high - self.low)))[..., :3]

    def mappable(self) -> ScalarMappable:
        """Return what matplotlib makes a colour bar of."""
        from matplotlib.cm import ScalarMappable
        from matplotlib.colors import Normalize

        return ScalarMappable(Normalize(self.low, self.high), self.name)

    def steps(self) -> list[list[float | str]]:
        """Return the scale as plotly takes it: places between 0 and 1, and colours."""
        from matplotlib import colormaps
        from matplotlib.colors import to_hex

        places = [number / (PAGE_COLOURS - 1) for number in range(PAGE_COLOURS)]
        return [[place, to_hex(colormaps[self.name](place))] for place in places]
