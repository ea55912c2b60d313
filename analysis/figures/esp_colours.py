"""The colours of electrostatic potentials: red is negative, blue is positive, and equal steps look equal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.cm import ScalarMappable

    from .esp_maps import EspMap

Scale = Literal["charge", "common", "own"]
"""Whether molecules of one charge share a colour scale, all share one, or each has its own."""

UNIT = "kcal/mol"
PAGE_COLOURS = 33
PAGE_TICKS = 5
NARROWEST = 1e-6
"""A scale has at least this length, kcal/mol."""


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
        low, high = _range(values)
        if low < 0 < high:
            return cls.about_zero([low, high])
        return cls(low, max(high, low + NARROWEST), "YlGnBu" if low >= 0 else "YlOrRd_r")

    @classmethod
    def about_zero(cls, values: Iterable[np.ndarray | float]) -> Self:
        """Choose the scale with zero in its middle, even if all potentials have one sign, kcal/mol."""
        bound = max(NARROWEST, *map(abs, _range(values)))
        return cls(-bound, bound, "RdBu")

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

    def steps(self) -> list[tuple[float, str]]:
        """Return the scale as plotly takes it: places between 0 and 1, and colours."""
        from matplotlib import colormaps
        from matplotlib.colors import to_hex

        places = [number / (PAGE_COLOURS - 1) for number in range(PAGE_COLOURS)]
        return [(place, to_hex(colormaps[self.name](place))) for place in places]

    def ticks(self) -> list[tuple[float, str]]:
        """Return where round potentials stand on the scale, between 0 and 1, and how they are written."""
        from matplotlib.ticker import MaxNLocator

        found = MaxNLocator(PAGE_TICKS).tick_values(self.low, self.high)
        places = [(float(value) - self.low) / (self.high - self.low) for value in found]
        return [(place, signed(f"{value:g}")) for place, value in zip(places, found, strict=True) if 0 <= place <= 1]


@dataclass(frozen=True)
class Block:
    """Molecules with one colour scale.

    Attributes:
        whose: what they have in common, such as ``charge +2``; empty where the scale is everybody's or one molecule's.
        colours: their scale.
        maps: the molecules.
    """

    whose: str
    colours: ColourScale
    maps: tuple[EspMap, ...]


def blocks(maps: Sequence[EspMap], scale: Scale) -> list[Block]:
    """Put molecules together that share a colour scale.

    Args:
        maps: in the order of the figure; blocks are in the order of their first molecules.
        scale: ``charge`` gives neutral molecules one scale about zero, and the ions of each charge one of theirs: the
            charge of some does not drown the pattern of others; ``common`` gives all one, ``own`` each its own.
    """
    if scale == "common":
        return [Block("", _scale(maps), tuple(maps))]
    if scale == "own":
        return [Block("", _scale([one]), (one,)) for one in maps]
    by_charge: dict[int, list[EspMap]] = {}
    for one in maps:
        by_charge.setdefault(one.charge, []).append(one)
    return [
        Block(f"charge {signed(f'{charge:+d}')}", _scale(members), tuple(members))
        if charge
        else Block("neutral", ColourScale.about_zero(one.values for one in members), tuple(members))
        for charge, members in by_charge.items()
    ]


def signed(number: str) -> str:
    """Write a number with the minus sign of print, as matplotlib does on its axes."""
    return number.replace("-", "\N{MINUS SIGN}")


def _scale(maps: Iterable[EspMap]) -> ColourScale:
    return ColourScale.of(one.values for one in maps)


def _range(values: Iterable[np.ndarray | float]) -> tuple[float, float]:
    import numpy as np

    found = [np.asarray(some) for some in values]
    return float(min(some.min() for some in found)), float(max(some.max() for some in found))
