"""Clusters as a relaxation leaves them: flakes flat, shells complete, no bond broken."""

from __future__ import annotations

import numpy as np
import pytest

from azibflow.calculators.factory import make_calculator
from azibflow.calculators.relaxation import relax
from azibflow.calculators.specs import XtbSpec
from azibflow.structures.clusters import CLUSTERS, cluster
from azibflow.structures.connectivity import describe_change, first_shell


def relaxed(atoms, solvent=None):
    result = relax(atoms, make_calculator(XtbSpec(solvent=solvent)), fmax=0.05, max_steps=400)
    assert describe_change(atoms, result.atoms) == ""
    return result.atoms


LARGE = ("pyridinic N3 flake", "large graphene flake")
"""Flakes that take ten seconds and more."""


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name in LARGE else [])
        for name in CLUSTERS
        if name.endswith("flake")
    ],
)
def test_flakes_are_whole_and_flat_after_a_push_out_of_their_plane(name):
    flake = cluster(name)
    flake.rattle(0.05, seed=1)
    centred = relaxed(flake).positions
    centred = centred - centred.mean(axis=0)
    normal = np.linalg.svd(centred)[2][-1]
    assert np.abs(centred @ normal).max() < 0.1


@pytest.mark.parametrize(
    ("name", "metal"),
    [
        ("[Zn(H2O)6]2+", "Zn"),
        ("[VO(H2O)5]2+", "V"),
        ("[Zn(H2O)5SO4]", "Zn"),
        ("[Zn(H2O)4SO4]", "Zn"),
        ("[Zn(H2O)6]SO4", "Zn"),
        ("[VO(H2O)4SO4]", "V"),
        ("AM-[Zn(H2O)5]2+", "Zn"),
        pytest.param("[Zn(H2O)5SO4VO(H2O)4]2+", "V", marks=pytest.mark.slow),
        pytest.param("[Zn(H2O)5SO4VO(H2O)4]2+", "Zn", marks=pytest.mark.slow),
        pytest.param("SBMA-[Zn(H2O)5]2+", "Zn", marks=pytest.mark.slow),
    ],
)
def test_ions_keep_six_ligands_in_water(name, metal):
    start = cluster(name)
    ion = int(start.symbols.search(metal)[0])
    end = relaxed(start, solvent="water")
    # Which oxygen atom of a sulfate binds may change.
    assert end.symbols[first_shell(end, ion)].get_chemical_formula() == "O6"


def test_the_oxide_cage_stays_a_cage():
    start = cluster("V4O10")
    start.rattle(0.05, seed=1)
    end = relaxed(start)
    for vanadium in end.symbols.search("V"):
        bonds = np.sort(end.get_distances(vanadium, first_shell(end, int(vanadium))))
        assert len(bonds) == 4
        assert bonds[0] < 1.6 < 1.64 < bonds[1]
        assert np.ptp(bonds[1:]) < 0.03
