"""Every prototype under CHGNet 0.3.0: positions and cell relaxed, no cell length moves by 5 percent.

Two kinds of axis are no test of a prototype and are left out: the van der Waals axis of layered hosts (CHGNet has no
dispersion: c of 2H-MoS2 grows by 14 percent) and the vacuum of sheets, which stays fixed.
"""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest
from ase import Atoms
from ase.filters import FrechetCellFilter
from ase.optimize import FIRE

from azibflow.structures.prototypes import PROTOTYPES, prototype

pytestmark = pytest.mark.filterwarnings("ignore:logm result may be inaccurate:RuntimeWarning")

LENGTH, ANGLE = 0.05, 3.0  # fraction, degrees

# CHGNet 0.3.0 learned from PBE+U, which stretches the metallic rutile along its V chains; the r2SCAN weights keep the
# published cell (last test), and RuO2 and ZnF2, built alike, keep theirs under 0.3.0.
# VPO4F, whose positions are CHGNet's own in the published cell, is stretched along c by CHGNet 0.3.0.
KNOWN = {"VO2(R)": (-0.0096, -0.0096, 0.0665), "VPO4F": (0.025, 0.018, 0.055)}

# Water and ammonium that were constructed find other places and take the cell along; the others have 56 atoms and more.
LEFT_OUT = {
    *("V2O5.nH2O-stand-in", "NH4V4O10-stand-in", "delta-MnO2.0.5H2O-stand-in", "K0.25MnO2.0.75H2O-stand-in"),
    *("Zn5(OH)8Cl2.H2O", "Zn4SO4(OH)6.4H2O", "ZnMn3O7.3H2O"),
    *("ZnCr2O4", "ZnAl2O4", "ZnV2O4", "ZnCo2O4", "ZnNi2O4"),
}

QUICK = {
    *("Zn", "Cu", "beta-Sn", "2H-MoS2", "1T-TiS2", "graphene", "Ti3C2", "Ti3C2O2", "V2C"),
    *("anatase-TiO2", "RuO2", "ZnO", "ZnF2", "VN", "delta-MnO2"),
}


def chgnet(version: str):
    from chgnet.model.dynamics import CHGNetCalculator
    from chgnet.model.model import CHGNet

    with contextlib.redirect_stdout(io.StringIO()):
        network = CHGNet.load(model_name=version, use_device="cpu", verbose=False)
        return CHGNetCalculator(network, use_device="cpu")


@pytest.fixture(scope="module")
def calculator():
    return chgnet("0.3.0")


def strain(atoms: Atoms, calculator, *, mask: list[bool]) -> tuple[np.ndarray, np.ndarray]:
    """Relax; return the relative change of the cell lengths and the change of the angles in degrees."""
    relaxed = atoms.copy()
    relaxed.calc = calculator
    assert FIRE(FrechetCellFilter(relaxed, mask=mask), logfile=None).run(fmax=0.05, steps=400)
    before, after = atoms.cell.cellpar(), relaxed.cell.cellpar()
    return after[:3] / before[:3] - 1, after[3:] - before[3:]


@pytest.mark.parametrize(
    "name", [n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in sorted(set(PROTOTYPES) - LEFT_OUT)]
)
def test_relaxation_keeps_the_cell(name, calculator):
    entry = PROTOTYPES[name]
    mask = [True, True, False, False, False, True] if entry.sheet else [True] * 6
    lengths, angles = strain(prototype(name), calculator, mask=mask)
    if name in KNOWN:
        assert lengths == pytest.approx(KNOWN[name], abs=0.003)
        return
    tested = [axis for axis in range(3) if axis != entry.layer_axis]
    assert np.abs(lengths[tested]).max() < LENGTH
    assert np.abs(angles).max() < ANGLE


def test_vo2_r_keeps_its_cell_where_the_potential_can_describe_it():
    lengths, angles = strain(prototype("VO2(R)"), chgnet("r2scan"), mask=[True] * 6)
    assert np.abs(lengths).max() < 0.01
    assert np.abs(angles).max() < 0.1
