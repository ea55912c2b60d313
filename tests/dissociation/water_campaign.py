"""A campaign of water on the toy surface, and the command line."""

from __future__ import annotations

import pytest

from azibflow.cli.main import main

CAMPAIGN = """\
name: water
calculator: {kind: ase, calculator: "toy_water:ToyWater", elements: [Cu, H, O, Zn], charges: [0]}
relax: {fmax: 0.05}
systems:
  sheet: {file: sheet.extxyz}
studies:
  - kind: dissociation
    system: sheet
    beside: Zn
    sites: [hollow-Cu3]
    ends: {products: 2, places: 1}
    literature: [VN-OH]
"""


def azibflow(*words: object) -> int:
    with pytest.raises(SystemExit) as ending:
        main([str(word) for word in words])
    return int(ending.value.code or 0)
