"""Campaign files with mistakes of every kind: one message with file and line, or a plan; never anything else."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from ase.build import bulk
from ruamel.yaml import YAML

from azibflow.campaigns.files import load_campaign
from azibflow.campaigns.flow import campaign_flow

SURFACES = """\
name: surfaces
description: surfaces and adsorption
calculator: {kind: ase, calculator: "ase.calculators.emt:EMT", options: {}, elements: [Cu, H, O], charges: [0]}
relax: {fmax: 0.05}
systems:
  copper: {prototype: Cu, cell: {a: 3.6}}
  cu111:
    prototype: Cu
    slab: {miller: (111), layers: 2, supercell: [1, 1], vacuum: 10, fixed_layers: 1, termination: 0}
studies:
  - {kind: adsorption, name: O on it, system: cu111, adsorbate: [O], cell: fixed, sites: null}
  - kind: surface
    system: copper
    facets: [(111), [1, 0, 0], "002"]
    layers: [3, 4]
    vacuum: 12.5
"""
HOP = """\
name: hops
calculator:
  kind: ase
  calculator: ase.calculators.lj:LennardJones
  options: {sigma: 2.3, epsilon: 0.1, rc: 6.0}
  dispersion: {functional: pbe, damping: d3bj}
systems:
  start: {file: start.vasp}
  end: {file: end.vasp, charge: 0}
studies:
  - kind: migration
    name: "{001} hop"
    endpoints: [start, end]
    ion: Cu
    band: {images: 3, fmax: 0.1}
    relax: &relax {fmax: 0.05}
  - {<<: {kind: migration, endpoints: [end, start]}, relax: *relax, ion: Cu}
"""
MOLECULES = """\
name: molecules
calculator: xtb
systems:
  ion: {molecule: Zn2+}
  water: {molecule: H2O, charge: 0, spin: 1}
studies:
  - {kind: desolvation, ion: Zn, charge: 2, waters: [1, 0], molecule: {}}
  - {kind: binding, name: pair, parts: [ion, water], counterpoise: false}
  - kind: orbitals
    molecules: [water]
    calculator: {kind: pyscf, preset: quick, grid: 1, basis: {default: sto-3g}}
  - {kind: esp, molecules: H2O, calculator: pyscf:quick, esp: {}}
"""
CORRECTED = """\
name: corrected
calculator: {kind: corrected, surrogate: xtb, correct_with: {kind: pyscf, functional: hf, basis: sto-3g}, when: always}
studies:
  - {kind: desolvation, ion: Zn, charge: 2, waters: [1, 0], molecule: {}}
"""
SURROGATE = """\
name: own
calculator: xtb
studies:
  - kind: surrogate
    name: toy
    about: {name: toy, description: a toy}
    samples:
      - {how: rattled, system: H2O}
      - {how: dynamics, system: H2, temperature: 300}
      - {how: rattled, system: O2}
    split: {validation: [H2], test: [O2]}
    seeds: [1, 2]
"""
CAMPAIGNS = (SURFACES, HOP, MOLECULES, CORRECTED, SURROGATE)
LONG = "x" * 3000
VALUES: tuple[Any, ...] = (
    *(None, True, False, -1, 0, 1, 3, 1000, 10**9, 10**30, 1e308, 1e-300, -0.5, float("inf"), float("nan")),
    *("", " ", "a\nb", "\x1b[31m", "{0}", "{", "%s", "$x$", "[/red]", "no", "y", "002", "4.5", "5 A", "1e-3", "None"),
    *("Zn", "zn", "Zn2+", "Chgnet", "Сu", "X", "(10-10)", "(111", "∞", LONG, "🔋", "water", "start", "copper"),
    *(
        "..",
        "/",
        "~",
        "~no-such-user/a.cif",
        "mace:~no-such-user/a.model",
        "Zn2" + 300 * "0",
        "nowhere.cif",
        "/dev/zero",
        "Zn@MnO2.cif",
        "a b.xyz",
        "POSCAR",
        "H2O.xyz/",
    ),
    *("smiles:", "smiles:C*", "smiles:(((", "[Zn(H2O)9]2+", "Zn99+", "a/b", "graphene/graphene/graphene"),
    *(
        "ase",
        "ase:",
        "ase:.foo:EMT",
        "ase:os:system",
        "mace:",
        "mace:nowhere.model",
        "surrogate:",
        "pyscf:",
        "corrected",
    ),
    *([], {}, [[]], [1, 2, 3], ["Cu"], {"kind": "x"}, {"kind": None}, {"a": {"b": [None]}}, [True], [[1, 0]]),
)
TOKENS = (
    *(
        "\t",
        "\0",
        "\ufeff",
        "\u2028",
        "é",
        "\r",
        "\n",
        " ",
        ":",
        ": ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        "'",
        '"',
        "#",
        "&a ",
        "*a",
    ),
    *(
        "*relax",
        "!!python/object/apply:os.system ",
        "!x ",
        "|",
        ">",
        "@",
        "`",
        "%",
        "? ",
        "<<: ",
        "---\n",
        "...\n",
        "~",
    ),
    *(
        "[" * 60,
        "- " * 60,
        "0" * 400,
        ".inf",
        "-",
        "%YAML 1.1\n---\n",
        "\\",
        '"\\x',
        "&a [*a]",
        "2026-11-29",
        "1:30:00",
    ),
)


def places(data: Any, location: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the locations of all parts of a campaign."""
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [
        *([location] if location else []),
        *(place for key, part in parts for place in places(part, (*location, key))),
    ]


def misspelt(chance: random.Random, word: str) -> str:
    at = chance.randrange(len(word) + 1)
    return chance.choice([word[:at] + word[at + 1 :], word[:at] + chance.choice("aeZ_ -.") + word[at:], word.upper()])


def changed_tree(chance: random.Random, text: str) -> str:
    """Drop, rename, repeat, move or replace parts of a campaign."""
    data = copy.deepcopy(YAML(typ="safe", pure=True).load(text))
    for _ in range(chance.choice((1, 1, 2, 4))):
        *parents, key = chance.choice(places(data))
        parent = data
        for step in parents:
            parent = parent[step]
        how = chance.choice(("drop", "rename", "repeat", "value", "value", "value", "move", "wrap"))
        other = chance.choice(VALUES)
        if how == "value":
            parent[key] = other
        elif how == "wrap":
            parent[key] = chance.choice(
                ([parent[key]], {"kind": parent[key]}, {str(key): parent[key]}, str(parent[key]))
            )
        elif how == "move":
            parent[key], data["systems" if chance.random() < 0.5 else "relax"] = other, parent[key]
        elif how == "repeat" and isinstance(parent, list):
            parent.append(copy.deepcopy(parent[key]))
        elif how == "rename" and isinstance(parent, dict):
            parent[chance.choice((misspelt(chance, str(key)), other if isinstance(other, str) else "z"))] = parent.pop(
                key
            )
        else:
            del parent[key]
        if not data:
            break
    stream = StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = chance.choice((True, False, None))
    yaml.dump(data, stream)
    return stream.getvalue()


def changed_text(chance: random.Random, text: str) -> bytes:
    """Cut, indent, swap or repeat lines; put in what YAML trips over; flip a byte."""
    lines = text.splitlines()
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    how = chance.choice(("cut", "indent", "swap", "repeat", "drop", "token", "token", "token", "byte", "byte"))
    if how == "indent":
        lines[at] = (
            chance.choice((" ", "  ", "\t", "      ")) + lines[at] if chance.random() < 0.6 else lines[at].lstrip()
        )
    elif how == "swap":
        lines[at], lines[other] = lines[other], lines[at]
    elif how == "repeat":
        lines.insert(other, lines[at])
    elif how == "drop":
        del lines[at]
    text = "\n".join(lines) + "\n"
    place = chance.randrange(len(text))
    if how == "cut":
        return text[:place].encode()
    if how == "token":
        return (text[:place] + chance.choice(TOKENS) + text[place + chance.choice((0, 0, 1, 4)) :]).encode()
    raw = bytearray(text.encode())
    if how == "byte":
        raw[place] = chance.choice((raw[place] ^ (1 << chance.randrange(8)), chance.randrange(256)))
    return bytes(raw)


def check(outcome: Callable[..., Any], file: Path) -> str:
    """Validate and plan one campaign; return how far it came."""
    judged = outcome("validate", file)
    if judged.status:
        lines = judged.err.removeprefix("azibflow: ").splitlines()
        assert all(line.startswith((f"{file}, line ", f"{file}: a campaign is ", "and ")) for line in lines), judged.err
        return "refused"
    planned = outcome("run", file, "--dry-run")
    if planned.status:
        assert f"azibflow: {file}, line " in planned.err, planned.err
        return "not planned"
    campaign_flow(load_campaign(file))
    return "planned"


def hold(outcome: Callable[..., Any], folder: Path, seeds: range) -> dict[str, int]:
    """Check one mutation for each seed; return how many came how far."""
    initial = bulk("Cu", cubic=True).repeat((2, 1, 1))
    final = initial.copy()
    initial.pop(0)
    del final[1]
    initial.write(folder / "start.vasp")
    final.write(folder / "end.vasp")
    counts = {"refused": 0, "not planned": 0, "planned": 0}
    file = folder / "campaign.yaml"
    for seed in seeds:
        chance = random.Random(seed)
        text = chance.choice(CAMPAIGNS)
        changed = changed_tree(chance, text).encode() if seed % 2 else changed_text(chance, text)
        file.write_bytes(changed)
        try:
            counts[check(outcome, file)] += 1
        except BaseException as error:
            raise AssertionError(f"seed {seed}:\n{changed.decode(errors='replace')[:3000]}") from error
    return counts


@pytest.mark.parametrize("text", CAMPAIGNS)
def test_what_is_changed_was_a_campaign_that_plans(outcome: Callable[..., Any], tmp_path: Path, text: str) -> None:
    hold(outcome, tmp_path, range(0))
    (tmp_path / "campaign.yaml").write_text(text)
    assert check(outcome, tmp_path / "campaign.yaml") == "planned"


def test_150_changed_campaigns_are_refused_in_words_or_planned(outcome: Callable[..., Any], tmp_path: Path) -> None:
    counts = hold(outcome, tmp_path, range(150))
    assert min(counts.values()) > 1, counts  # each ending is met, so the changes are neither too coarse nor too mild


@pytest.mark.slow
def test_10000_changed_campaigns_are_refused_in_words_or_planned(outcome: Callable[..., Any], tmp_path: Path) -> None:
    counts = hold(outcome, tmp_path, range(1000, 11000))
    assert min(counts.values()) > 100, counts
