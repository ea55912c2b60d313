"""The fields of a document that a query asked for."""

from __future__ import annotations

from typing import Any

import mongomock_ng


def project(doc: dict[str, Any], projection: dict[str, Any]) -> dict[str, Any]:
    """Return what a MongoDB projection leaves of a document.

    Inclusion and exclusion are done here, because mongomock fails on lists that hold anything but documents; the
    operators (``$slice``, ``$elemMatch``) are left to it.

    Args:
        doc: the document.
        projection: 1 or 0 or an operator by field; ``_id`` is ignored, since documents of a store have none.

    Returns:
        The remaining document; the same one when the projection is empty.
    """
    wanted = {field: mode for field, mode in projection.items() if field != "_id"}
    if not wanted:
        return doc
    if all(mode in (0, 1) for mode in wanted.values()) and len(set(wanted.values())) == 1:
        return dict(_pick(doc, set(wanted), include=1 in wanted.values()))
    collection: Any = mongomock_ng.MongoClient().db.documents
    collection.insert_one(doc)
    return dict(collection.find_one({}, {**wanted, "_id": 0}))


def _pick(value: Any, paths: set[str], include: bool, above: str = "") -> Any:
    """Return a value with only, or without, what lies under some paths; lists are passed through, as in MongoDB."""
    if isinstance(value, list):
        return [_pick(item, paths, include, above) for item in value if not include or isinstance(item, (dict, list))]
    if not isinstance(value, dict):
        return value
    picked = {}
    for field, below in value.items():
        path = above + field
        if path in paths:
            if include:
                picked[field] = below
        elif not any(wanted.startswith(f"{path}.") for wanted in paths):
            if not include:
                picked[field] = below
        elif not include or isinstance(below, (dict, list)):
            picked[field] = _pick(below, paths, include, f"{path}.")
    return picked
