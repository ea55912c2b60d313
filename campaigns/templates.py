"""Campaigns to begin with: one for each kind of question, commented, with structures of one's own."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template

from ..errors import CampaignError
from ..input_files.mistakes import nearest

FOLDER, ENDING = "templates", ".yaml"
HOST, BULKS = "alpha-V2O5", {"surface": "Zn", "amorphous": "alpha-cristobalite"}
"""Structure of a campaign that names none, and of those in which it would not do."""
SEVERAL = (HOST, "2H-MoS2", "1T-TiS2")
"""Structures of a campaign about any number of them that names none."""


@dataclass(frozen=True)
class Choices:
    """What a new campaign is about.

    Attributes:
        structures: names of prototypes or paths of structure files; the first is the host, two are the ends of a hop.
        ion: chemical symbol.
        calculator: a word, such as ``chgnet``.
    """

    structures: tuple[str, ...] = ()
    ion: str = "Zn"
    calculator: str = "chgnet"


def templates() -> dict[str, str]:
    """Return what each template is for, by name: its first line."""
    return {name: _text(name).splitlines()[0].removeprefix("# ") for name in _names()}


def new_campaign(template: str, path: Path, choices: Choices) -> str:
    """Write a campaign from a template as text; nothing is written to disk.

    Args:
        template: its name.
        path: file that it is for; its name is that of the campaign, and paths of structures are relative to its folder.
        choices: what it is about.

    Returns:
        The text of the campaign file, with comments.

    Raises:
        CampaignError: there is no such template, or it takes no structure or one more.
    """
    if template not in _names():
        hint = nearest(template, _names())
        raise CampaignError(f"there is no template {template!r}{hint}; the templates are {', '.join(_names())}")
    text = _text(template)
    if "$several" in text:
        return _of_several(text, path, choices)
    wanted = [name for name in ("structure", "second") if f"${name}" in text]
    given = choices.structures
    if not given and template != "hop":
        given = (BULKS.get(template, HOST),) * len(wanted)
    if len(given) != len(wanted):
        raise CampaignError(_wrong_number(template, len(wanted), len(choices.structures)))
    systems = dict(zip(wanted, (_system(structure, path.parent) for structure in given), strict=True))
    return Template(text).substitute(
        name=path.stem,
        file=path,
        host=Path(given[0]).stem if given else "the surface",
        ion=choices.ion,
        calculator=choices.calculator,
        **systems,
    )


def _of_several(text: str, path: Path, choices: Choices) -> str:
    """Write a campaign about any number of structures, each called by the name of its file or prototype."""
    given = dict.fromkeys(choices.structures or SEVERAL)
    systems = {json.dumps(Path(one).stem if Path(one).is_file() else one): one for one in given}
    if len(systems) < len(given):
        raise CampaignError("two structures have the same name; put them into folders, and use azibflow screen")
    return Template(text).substitute(
        name=path.stem,
        file=path,
        ion=choices.ion,
        calculator=choices.calculator,
        several="\n".join(f"  {name}: {_system(one, path.parent)}" for name, one in systems.items()),
        names=", ".join(systems),
    )


def _wrong_number(template: str, wanted: int, given: int) -> str:
    if not wanted:
        return f"the template {template} takes no structure: what it is about stands in the file, to be changed there"
    what = "one structure" if wanted == 1 else "two structures, before and after the hop"
    return f"the template {template} takes {what}, not {given}"


def _system(structure: str, folder: Path) -> str:
    """Write a system: a prototype by its name, anything else as a file, relative to the folder of the campaign."""
    from ..structures.prototypes import prototypes

    known = prototypes()
    if structure in known:
        return f"{{prototype: {structure}}}"
    path = Path(structure)
    if not path.is_file():
        raise CampaignError(
            f"{structure!r} is neither a file nor a prototype{nearest(structure, known)}; azibflow list prototypes "
            "names those"
        )
    return f"{{file: {json.dumps(os.path.relpath(path.resolve(), folder.resolve()))}}}"


def _names() -> list[str]:
    return sorted(
        entry.name.removesuffix(ENDING)
        for entry in (files("azibflow.data") / FOLDER).iterdir()
        if entry.name.endswith(ENDING)
    )


def _text(name: str) -> str:
    return (files("azibflow.data") / FOLDER / f"{name}{ENDING}").read_text(encoding="utf-8")
