"""Tunnels of a host by name: the sites of each, and hops in the one or the other."""

from __future__ import annotations

import numpy as np
import pytest

from azibflow.errors import StructureError
from azibflow.structures.building import build_bulk
from azibflow.structures.interstitials import site_at
from azibflow.structures.places import fractional_places
from azibflow.structures.prototypes import PROTOTYPES, prototype
from azibflow.structures.recipes import StructureRecipe
from azibflow.workflows.migration.hops import HopSettings, hop_starts

MNO2 = StructureRecipe(prototype="alpha-MnO2")


def test_the_wide_tunnel_is_wider_than_the_narrow_one():
    places = PROTOTYPES["alpha-MnO2"].places
    wide, narrow = (site_at(prototype("alpha-MnO2"), "Zn", places[name]) for name in ("2x2 tunnel", "1x1 tunnel"))
    assert (wide.multiplicity, narrow.multiplicity) == (2, 4)
    assert (wide.distance, narrow.distance) == pytest.approx((2.922, 1.773), abs=1e-3)
    assert narrow.label == "O4"


@pytest.mark.parametrize(("tunnel", "length", "x"), [("1x1 tunnel", 1.4235, 0.5), ("2x2 tunnel", 2.847, 0.0)])
def test_a_migration_runs_in_the_tunnel_that_is_named(tunnel, length, x):
    hops = HopSettings(sites=[tunnel], direction="c").placed(MNO2)
    (start,) = hop_starts(build_bulk(MNO2), "Zn", hops, label="MnO2")
    assert start.hop.distance == pytest.approx(length, abs=1e-3)
    assert np.abs(start.hop.initial[:2]).max() % 1 == pytest.approx(x, abs=1e-6)


def test_names_and_fractions_stand_side_by_side():
    assert fractional_places(["1x1 tunnel", (0.1, 0.2, 0.3)], MNO2) == [(0, 1 / 2, 1 / 4), (0.1, 0.2, 0.3)]


def test_a_name_that_the_host_does_not_know_is_refused():
    with pytest.raises(StructureError, match="no place '1x2 tunnel'; known are 2x2 tunnel, 1x1 tunnel"):
        HopSettings(sites=["1x2 tunnel"]).placed(MNO2)
    with pytest.raises(StructureError, match="it has no places with names"):
        HopSettings(sites=["1x1 tunnel"]).placed(StructureRecipe(prototype="delta-MnO2"))
    with pytest.raises(StructureError, match="only the recipe of a prototype knows it"):
        hop_starts(prototype("alpha-MnO2"), "Zn", HopSettings(sites=["1x1 tunnel"]), label="MnO2")
