"""Packed documents with a checksum behind them, which says whether they are what was written."""

from __future__ import annotations

import zlib
from typing import Any

import bson

CHANGED = "has changed since it was written"
CHECKSUM = 4
"""Bytes of the checksum behind a document."""


def sealed(document: bytes) -> bytes:
    """Put a checksum behind a document: a disk or a copy that changes a digit would change a result without a word.

    Args:
        document: BSON.
    """
    return document + zlib.crc32(document).to_bytes(CHECKSUM, "little")


def decoded(body: object) -> dict[str, Any]:
    """Unpack a document.

    Raises:
        ValueError: it is not what was written.
    """
    document = unsealed(body)
    try:
        return bson.decode(document)
    except (bson.errors.BSONError, OverflowError, TypeError, ValueError) as error:
        raise ValueError(f"{CHANGED} ({error})") from error


def unsealed(body: object) -> bytes:
    """Return a document without its checksum, which early versions did not write.

    Raises:
        ValueError: it is not what was written.
    """
    if not isinstance(body, bytes):
        raise ValueError(CHANGED)  # noqa: TRY004 - one kind for all damage
    length = int.from_bytes(body[:4], "little")  # of the document, as BSON says itself
    if length == len(body):
        return body
    if length != len(body) - CHECKSUM or sealed(body[:length]) != body:
        raise ValueError(CHANGED)
    return body[:length]
