"""Command lines of random words: every command ends soon, with a status and one message that names what is wrong."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from ase.build import bulk

from azibflow.cli.main import COMMANDS, azibflow

CAMPAIGN = """\
name: small
calculator: {kind: ase, calculator: "ase.calculators.emt:EMT"}
systems: {cu: {prototype: Cu}}
studies: [{kind: surface, system: cu, facets: [(111)], layers: [2]}]
"""
FILES = {
    "small.yaml": CAMPAIGN,
    "broken.yaml": CAMPAIGN.replace("surface", "surfaces"),
    "no campaign.yaml": "- 1\n",
    "recipe.yml": "{prototype: Cu, slab: {miller: (100), layers: 2}}\n",
    "profile.yaml": "defaults: {partition: cpu}\n",
    "claims.yaml": "claims: {c: {kind: specific_capacity, host: V2O5, n: 1, capacity: 294, basis: host}}\n",
    "text.cif": "data_\nthis is no structure\n",
    "{0}.xyz": "1\n\nCu 0 0 0\n",
    "run/store.sqlite": "no database",
    "run/source.yaml": CAMPAIGN,
    "empty/.keep": "",
}
WORDS = (
    *(*FILES, "cu.vasp", "run", "empty", "nowhere", "nowhere.yaml", "", " ", "..", "/", "/dev/null", "/dev/full"),
    *(
        "Cu",
        "Zn",
        "cu",
        "H2O",
        "[Zn(H2O)2]2+",
        "smiles:C*",
        "smiles:CCO",
        "Zn2+",
        "Zn@MnO2.cif",
        "V8O16/nowhere",
        "x/y/z",
    ),
    *(
        "(002)",
        "(10-10)",
        "111",
        "(000)",
        "9999",
        "{0}",
        "%s",
        "$x$",
        "\x1b[31m",
        "a\nb",
        "é",
        "∞",
        "x" * 5000,
        "\udce9",
    ),
    *(
        "0",
        "1",
        "-1",
        "2",
        "1e9",
        "1000000000",
        "nan",
        "inf",
        "-inf",
        "1e400",
        "0x10",
        "1_0",
        "١",
        "9" * 400,
        "3.5",
        "None",
    ),
    *(
        "ase:.foo:EMT",
        "mace:~no-such-user/a.model",
        "mace:nowhere.model",
        "surrogate:nowhere",
        "chgnett",
        "pyscf:fast",
        "V2O5",
        "Zn0.25V2O5*1.6H2O",
        "V2(O5",
    ),
    *(
        "barriers",
        "esp",
        "ledgers",
        "json",
        "md",
        "out.png",
        "out.html",
        "out.csv",
        "nowhere/out.vasp",
        "out.abc",
        "out.vasp",
    ),
    *("--", "-", "-x", "--nonsense", "--dry", "--format=xml", "-h", "--version", "--help"),
)
COMPUTING = ("train", "compare", "doctor", "submit", "resume")
"""Commands that are only given what cannot be computed."""
LEFT_OUT = ("--fetch", "--watch", "--debug")
"""Options that use the network, never end, or ask for a traceback."""


def commands() -> list[tuple[list[str], click.Command]]:
    """Return all commands with their names, those of a group one by one."""
    found: list[tuple[list[str], click.Command]] = []
    for name in COMMANDS:
        command = azibflow.get_command(click.Context(azibflow), name)
        if isinstance(command, click.Group):
            found += [([name, inner], one) for inner, one in command.commands.items()]
        else:
            found.append(([name], command))
    return found


def value_for(chance: random.Random, parameter: click.Parameter) -> str:
    """Return a word that may be valid there, more often one that is not."""
    if isinstance(parameter.type, click.Choice) and chance.random() < 0.7:
        return str(chance.choice(list(parameter.type.choices)))
    return chance.choice(WORDS)


def words_for(chance: random.Random, name: list[str], command: click.Command) -> list[str]:
    """Make up a command line."""
    words: list[str] = []
    for parameter in command.params:
        count = parameter.nargs if parameter.nargs > 0 else chance.choice((0, 1, 1, 2))
        if isinstance(parameter, click.Option):
            if parameter.opts[-1] in LEFT_OUT or chance.random() < (0.2 if parameter.required else 0.6):
                continue
            words.append(chance.choice(parameter.opts))
            count = 0 if parameter.is_flag else count
        elif chance.random() < 0.1:
            continue
        words += [value_for(chance, parameter) for _ in range(count)]
    if chance.random() < 0.2:
        words.insert(chance.randrange(len(words) + 1), chance.choice(WORDS))
    if chance.random() < 0.1:
        chance.shuffle(words)
    if name[-1] in COMPUTING:
        words = ["broken.yaml" if word in ("small.yaml", "run/source.yaml") else word for word in words]
        words = [*words, "--nonsense"] if name[-1] == "doctor" else words
    return [*name, *(["--dry-run"] if name == ["run"] else []), *words]


def names(message: str, word: str) -> bool:
    """Tell whether a message names a word, or of a calculator what stands behind its kind."""
    ascii_word = word.encode("ascii", "backslashreplace").decode()
    return any(part in message for part in (word or ".", repr(word)[1:-1], ascii_word, word.rpartition(":")[2] or word))


def hold(outcome: Callable[..., Any], seeds: range) -> dict[int, int]:
    """Run one command line for each seed in a folder with some files; return how often each status came."""
    everything = commands()
    statuses = {0: 0, 1: 0, 2: 0}
    for seed in seeds:
        for file, text in FILES.items():
            Path(file).parent.mkdir(exist_ok=True)
            Path(file).write_text(text)
        bulk("Cu").write("cu.vasp")
        chance = random.Random(seed)
        words = words_for(chance, *chance.choice(everything))
        try:
            found = outcome(*words)
            statuses[found.status] += 1
            if found.status == 2:
                assert "Usage:" in found.err or any(names(found.err, word) for word in words[1:]), found.err
        except BaseException as error:
            raise AssertionError(f"seed {seed}: azibflow {words}") from error
    return statuses


def test_300_command_lines_end_in_words(outcome: Callable[..., Any]) -> None:
    assert min(hold(outcome, range(300)).values()) > 3


@pytest.mark.slow
def test_10000_command_lines_end_in_words(outcome: Callable[..., Any]) -> None:
    assert min(hold(outcome, range(1000, 11000)).values()) > 100
