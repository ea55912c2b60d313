"""How a calculator is named on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..calculators.specs import AnyMethod


def method_of(text: str, option: str) -> AnyMethod:
    """Read a calculator: a word, or a mapping in YAML.

    Args:
        text: as it was written.
        option: that it belongs to.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    from ..calculators.specs import parse_spec

    try:
        value = YAML(typ="safe", pure=True).load(text) if text.startswith("{") else text
    except YAMLError as error:
        raise click.BadParameter(f"{text!r} is no mapping in YAML", param_hint=option) from error
    return parse_spec(value)
