"""Molecules that codes of periodic DFT compute beside a surface: in a box, at one k-point, with their own spin."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from azibflow.calculators.codes.cp2k import cp2k_input, written
from azibflow.calculators.codes.gpaw import gpaw_input
from azibflow.calculators.guard import check
from azibflow.calculators.kinds.periodic_dft import PeriodicDftSpec
from azibflow.calculators.specs import Cp2kSpec, GpawSpec
from azibflow.errors import CapabilityError
from azibflow.structures.molecules import adsorbate
from azibflow.workflows.common.references import reference_structures


class AnyCode(PeriodicDftSpec):
    """What all codes have in common, without one that would have to be installed."""

    kind: str = "any-code"

    def make(self) -> object: ...


def reference(name: str) -> Atoms:
    (molecule,) = reference_structures(name)
    return molecule


def test_references_of_adsorption_are_computed_in_their_box_at_one_point() -> None:
    water = reference("H2O")
    spec = AnyCode(kspacing=0.1, smearing=0.1)
    check(spec, water)
    assert spec.mesh(water) == (1, 1, 1)
    assert not spec.dipole_correction(water)
    assert not spec.initial_moments(water).any()
    extents = np.ptp(water.positions, axis=0)
    np.testing.assert_allclose(np.diag(water.cell) - extents, 15.0)


def test_oxygen_is_a_triplet_beside_a_surface_without_moments() -> None:
    oxygen = reference("O2")
    check(AnyCode(), oxygen)
    assert AnyCode().initial_moments(oxygen).tolist() == [1.0, 1.0]
    assert "MULTIPLICITY 3\n" in written(cp2k_input(Cp2kSpec(), oxygen, Path("/data"), None, stress=False))
    question = gpaw_input(GpawSpec(smearing=0.1), oxygen, stress=False)
    assert question["atoms"]["magmoms"] == [1.0, 1.0]
    assert question["settings"]["kpts"]["size"] == [1, 1, 1]
    assert question["settings"]["occupations"]["fixmagmom"], "also beside a metal, which is smeared"


@pytest.mark.parametrize(
    ("name", "moments", "expected"),
    [
        ("Mn", {"Mn": 4.0}, [5.0]),
        ("V", {}, [3.0]),
        ("NO", {}, [0.5, 0.5]),
        ("NO", {"N": 0.7}, [1.0, 0.0]),
        ("H2O", {"O": 1.0}, [0.0, 0.0, 0.0]),
    ],
)
def test_moments_of_a_molecule_add_up_to_its_multiplicity(
    name: str, moments: dict[str, float], expected: list[float]
) -> None:
    spec = AnyCode(moments=moments)
    molecule = reference(name)
    check(spec, molecule)
    assert spec.initial_moments(molecule).tolist() == expected


def test_a_crystal_keeps_the_moments_by_element_and_a_multiplicity_they_are_not_of_is_refused() -> None:
    oxide = bulk("MnO", "rocksalt", a=4.44)
    assert AnyCode(moments={"Mn": 5.0}).initial_moments(oxide).tolist() == [5.0, 0.0]
    oxide.info["spin"] = 2
    with pytest.raises(CapabilityError, match="multiplicity 2 wants initial moments that add up to 1, not 5"):
        AnyCode(moments={"Mn": 5.0}).check(oxide)


def test_a_molecule_without_a_box_is_refused_with_what_to_do() -> None:
    with pytest.raises(CapabilityError, match="put the system in a box and set pbc, or let pyscf or xtb compute it"):
        check(AnyCode(), adsorbate("H2O"))
