"""The fields of pydantic models and the members of enums, documented in their class."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from griffe import Attribute, Class, Docstring, Expr, ExprCall, ExprKeyword, Extension

UNSTATED = {"...", "None"}
"""Defaults that need no word: there is none, or nothing."""


class FieldDescriptions(Extension):
    """Adds to the docstring of a class what ``Field(description=...)`` says of its fields, as dataclasses have it."""

    def on_class_members(self, *, cls: Class, **_kwargs: Any) -> None:
        """Add the fields that are described; of an enum, the members with their values."""
        own = [member for member in cls.members.values() if isinstance(member, Attribute)]
        described = _member if any(str(base).endswith("Enum") for base in cls.bases) else _described
        fields = [f"    {line}" for attribute in own for line in described(attribute)]
        if fields:
            cls.docstring = cls.docstring or Docstring("", lineno=cls.lineno, parent=cls, parser="google")
            cls.docstring.value = "\n".join([cls.docstring.value, "", "Attributes:", *fields])


def _member(attribute: Attribute) -> Iterator[str]:
    yield f"{attribute.name}: `{attribute.value}`"


def _described(attribute: Attribute) -> Iterator[str]:
    call = attribute.value
    if not isinstance(call, ExprCall) or call.canonical_path != "pydantic.Field":
        return
    keywords = {argument.name: argument.value for argument in call.arguments if isinstance(argument, ExprKeyword)}
    positional = [argument for argument in call.arguments if not isinstance(argument, ExprKeyword)]
    if "description" in keywords:
        default = str(positional[0] if positional else keywords.get("default", "..."))
        said = "" if default in UNSTATED else f" (default `{default}`)"
        yield f"{attribute.name}: {_text(keywords['description'])}{said}"


def _text(written: Expr | str) -> str:
    """Return the text of a string in the code, with the names of what an f-string inserts."""

    def text(node: ast.expr) -> str:
        if isinstance(node, ast.JoinedStr):
            return "".join(text(part) for part in node.values)
        if isinstance(node, ast.FormattedValue):
            return text(node.value)
        return str(node.value) if isinstance(node, ast.Constant) else ast.unparse(node)

    return text(ast.parse(str(written), mode="eval").body)
