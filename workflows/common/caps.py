"""What a cap on the number of calculations leaves out, in words."""

from __future__ import annotations


def left_out_in_words(number: int, of: int, what: str, key: str, cap: int | None) -> str:
    """Say what a cap left out; nothing where it left out nothing.

    Args:
        number: how many are computed.
        of: how many there are.
        what: they are, in the plural.
        key: of the campaign file that sets the cap.
        cap: its value.
    """
    if number == of:
        return ""
    return f"{of - number} of {of} {what} are left out, since {key} is {cap}; {key}: null takes all"
