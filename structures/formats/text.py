"""The text of a file, whatever its encoding; what is no structure at all is refused in words."""

from __future__ import annotations

import codecs
import re

from ...errors import StructureError

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_WEB_PAGE = re.compile(r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b", re.I | re.S)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def decoded(data: bytes) -> str:
    """Decode a file: UTF-8 or UTF-16 by their marks, else UTF-8, else Latin-1; lines end in a newline alone.

    Args:
        data: the bytes of the file.

    Raises:
        StructureError: it is empty, no text, or a saved web page.
    """
    if not data.strip():
        raise StructureError("the file is empty")
    try:
        encoding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "utf-8")
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    text = text.rstrip("\x1a")  # with which DOS ended files
    if _CONTROL.search(text):
        raise StructureError("this is no text: the file is binary or damaged")
    if _WEB_PAGE.match(text):
        raise StructureError("this is a saved web page, not a structure; download the file itself")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def number(word: str, what: str) -> float:
    """Read a number as people write it; Python's own reader takes ``1_0`` for ten.

    Args:
        word: the text.
        what: what it is, for the message.

    Raises:
        StructureError: it is no number.
    """
    if _NUMBER.fullmatch(word) is None:
        raise StructureError(f"{what} is {word!r}, not a number")
    return float(word)
