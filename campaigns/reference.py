"""Write the reference page of the campaign file from its JSON Schema, so that page and program cannot disagree.

Run as ``python -m azibflow.campaigns.reference docs/campaign.md``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from .model import Campaign

HEAD = """\
# The campaign file

A campaign is one YAML file: systems by name, and the studies made of them. `azibflow validate FILE` checks it and
prints it with every default; `azibflow run FILE --dry-run` lists what would be computed. Relative paths are relative to
the file. Editors complete and check it with the JSON Schema that `azibflow validate --schema` prints.

This page is generated from the program (`make docs`).
"""


def reference_page() -> str:
    """Return the page as Markdown: one section for each part of the file, in the order a reader meets them."""
    schema = Campaign.model_json_schema()
    definitions = schema.get("$defs", {})
    parts = [HEAD, _section("The file", schema)]
    seen: set[str] = set()
    queue = _references(schema)
    while queue:
        name = queue.pop(0)
        if name in seen or "properties" not in definitions[name]:
            continue
        seen.add(name)
        parts.append(_section(name, definitions[name]))
        queue += _references(definitions[name])
    return "\n".join(parts)


def _section(title: str, schema: dict[str, Any]) -> str:
    lines = [f"## {title}", "", schema.get("description", "").split("\n\n")[0].replace("\n", " "), ""]
    lines += ["| key | type | default | meaning |", "|---|---|---|---|"]
    required = schema.get("required", [])
    for key, field in schema["properties"].items():
        default = "required" if key in required else f"`{json.dumps(field['default'])}`" if "default" in field else ""
        lines.append(f"| `{key}` | {_type(field)} | {default} | {field.get('description', '')} |")
    if isinstance(others := schema.get("additionalProperties"), dict):
        lines.append(f"| any other | {_type(others)} | | {others.get('description', '')} |")
    return "\n".join([*lines, ""])


def _type(field: dict[str, Any]) -> str:
    """Name a type in words; models link to their section."""
    if "$ref" in field:
        name = field["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "const" in field:
        return f"`{field['const']}`"
    if "enum" in field:
        return " or ".join(f"`{value}`" for value in field["enum"])
    for union in ("anyOf", "oneOf"):
        if union in field:
            return " or ".join(dict.fromkeys(_type(option) for option in field[union]))
    if field.get("type") == "array":
        if "prefixItems" in field:
            return f"[{', '.join(_type(item) for item in field['prefixItems'])}]"
        return f"list of {_type(field.get('items', {}))}"
    if field.get("type") == "object" and isinstance(field.get("additionalProperties"), dict):
        return f"mapping of names to {_type(field['additionalProperties'])}"
    words = {"null": "none", "object": "mapping", "number": "number", "integer": "integer", "boolean": "true or false"}
    kind = field.get("type", "anything")
    return words.get(kind, "text" if kind == "string" else kind)


def _references(schema: Any) -> list[str]:
    """List the definitions that a schema refers to, in order of appearance."""
    if isinstance(schema, dict):
        own = [schema["$ref"].rsplit("/", 1)[-1]] if "$ref" in schema else []
        return own + [name for key, value in schema.items() if key != "$defs" for name in _references(value)]
    if isinstance(schema, list):
        return [name for value in schema for name in _references(value)]
    return []


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(reference_page(), encoding="utf-8")
