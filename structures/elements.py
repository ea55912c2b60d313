"""Chemical symbols as people write them: a wrong one is answered with the right one."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator


def element(symbol: str) -> str:
    """Return a chemical symbol as it is, if it is one.

    Args:
        symbol: of one element, without a charge.

    Raises:
        ValueError: it is none; the message names the symbol that was most likely meant.
    """
    from ase.data import atomic_numbers

    if symbol in atomic_numbers and symbol != "X":
        return symbol
    letters = re.match(r"[A-Za-z]*", symbol.strip())
    meant = letters.group().capitalize() if letters else ""
    hint = f"; did you mean {meant!r}?" if meant in atomic_numbers and meant != "X" else ""
    odd = next((letter for letter in symbol if not letter.isascii()), None)
    other = "" if odd is None else f" ({odd!r} is the character U+{ord(odd):04X}, no Latin letter)"
    raise ValueError(f"{symbol[:40]!r} is no chemical symbol{other}; write it alone, without a charge{hint}")


Element = Annotated[str, AfterValidator(element)]
"""A chemical symbol in a validated model."""
