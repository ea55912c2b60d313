"""Relations between energies that hold for every potential: what is far does not bind, what is twice counts twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from campaign_runs import MORSE, computed, the_result, written
from pair_potential import PairMorse
from variants import CRYSTAL, SLAB

from azibflow.calculators.factory import make_calculator
from azibflow.calculators.specs import AseSpec, Dispersion
from azibflow.workflows.adsorption.results import AdsorptionResult
from azibflow.workflows.common.references import COHESIVE_ENERGY
from azibflow.workflows.surfaces.results import SurfaceResult

CALCULATORS = {
    "pair potential": AseSpec(calculator="pair_potential:PairMorse"),
    "EMT": AseSpec(calculator="ase.calculators.emt:EMT"),
    "EMT with D3": AseSpec(
        calculator="ase.calculators.emt:EMT", dispersion=Dispersion(functional="pbe", damping="d3bj")
    ),
}


def alloy() -> Atoms:
    atoms = bulk("Cu", "fcc", a=3.65, cubic=True)
    atoms.symbols[0] = "Al"
    atoms.rattle(0.05, seed=2)
    return atoms


def energy(spec: AseSpec, atoms: Atoms) -> float:
    return float(make_calculator(spec).get_potential_energy(atoms.copy()))


@pytest.mark.parametrize("name", CALCULATORS)
def test_energy_is_that_of_the_crystal_and_extensive(name: str) -> None:
    """Rounding only: 1e-6 eV per atom; D3's sums over images end where a term is below its own threshold."""
    spec, atoms = CALCULATORS[name], alloy()
    expected = energy(spec, atoms)
    for way in CRYSTAL:
        assert energy(spec, way(atoms)) == pytest.approx(expected, abs=1e-5), way.__name__
    assert energy(spec, atoms.repeat((2, 1, 2))) == pytest.approx(4 * expected, abs=4e-5)


@pytest.mark.parametrize("name", CALCULATORS)
def test_energy_of_a_slab_does_not_know_its_vacuum(name: str) -> None:
    spec = CALCULATORS[name]
    slab = alloy()
    slab.center(vacuum=30.0, axis=2)
    expected = energy(spec, slab)
    for way in SLAB:
        assert energy(spec, way(slab)) == pytest.approx(expected, abs=1e-5), way.__name__
    wider = alloy()
    wider.center(vacuum=45.0, axis=2)
    assert energy(spec, wider) == pytest.approx(expected, abs=1e-4)


def test_forces_and_stress_of_the_pair_potential_are_derivatives() -> None:
    from ase.calculators.fd import calculate_numerical_forces, calculate_numerical_stress

    atoms = alloy()
    atoms.calc = PairMorse()
    assert np.allclose(
        atoms.get_forces(), calculate_numerical_forces(atoms, eps=1e-4, force_consistent=False), atol=1e-6
    )
    assert np.allclose(
        atoms.get_stress(), calculate_numerical_stress(atoms, eps=1e-4, force_consistent=False), atol=1e-6
    )


def test_references_differ_by_the_cohesive_energy_and_far_adsorbates_do_not_bind(tmp_path: Path) -> None:
    """Zinc on a slab, images 7.4 and 9.8 angstrom apart: the potential ends at 4.9, only strain reaches further."""
    cut = {"miller": "(001)", "layers": 2, "vacuum": 12.0}
    systems = {
        f"{n}x{n}": {"atoms": bulk("Zn", "hcp", a=2.45, c=4.00), "slab": cut | {"supercell": [n, n], "fixed_layers": 1}}
        for n in (3, 4)
    }
    studies = [
        {"kind": "adsorption", "name": name, "system": name, "adsorbate": "Zn", "cell": "fixed", "sites": ["top-Zn"]}
        for name in systems
    ]
    path = written(tmp_path, systems, studies, calculator=MORSE, relax={"fmax": 0.005})
    found = computed(path, AdsorptionResult)
    smaller, larger = list(found.values())
    (three,), (four,) = smaller.rows, larger.rows
    by_hand = three.energy - smaller.bare.energy - smaller.reference.energy
    assert three.e_ads_vs_bulk == pytest.approx(by_hand, abs=1e-9)
    assert three.e_ads_vs_bulk - three.e_ads_vs_atom == pytest.approx(COHESIVE_ENERGY["Zn"], abs=1e-9)
    assert four.e_ads_vs_bulk == pytest.approx(three.e_ads_vs_bulk, abs=0.015)
    assert four.height == pytest.approx(three.height, abs=0.02)


def test_cohesion_is_minus_the_energy_of_atoms_that_have_none() -> None:
    """The reference state of zinc with a potential whose free atoms have energy zero."""
    from azibflow.workflows.common.references import reference_energy
    from azibflow.workflows.common.relaxation_jobs import relax_structure
    from azibflow.workflows.common.results import RelaxSettings

    spec, settings = CALCULATORS["pair potential"], RelaxSettings(fmax=0.002)
    reference = reference_energy("Zn", spec, settings)
    again = relax_structure(bulk("Zn", "hcp", a=2.6, c=4.6), spec, settings, cell="relaxed")
    assert reference.energy == pytest.approx(again.energy_per_atom, abs=1e-4)
    lone = Atoms("Zn", cell=[20, 20, 20], pbc=True)
    assert energy(spec, lone) == 0.0


def test_equal_faces_cost_alike(tmp_path: Path) -> None:
    """(100), (010) and (-1-10) of a hexagonal crystal are one facet."""
    study = {"kind": "surface", "system": "zinc", "facets": ["(100)", "(010)", "(-110)", "(-100)"], "layers": [2]}
    path = written(
        tmp_path, {"zinc": bulk("Zn", "hcp", a=2.45, c=4.0)}, [study], calculator=MORSE, relax={"fmax": 0.01}
    )
    result = the_result(path, SurfaceResult)
    by_facet: dict[tuple[int, int, int], list[float]] = {}
    for row in result.rows:
        by_facet.setdefault(row.miller, []).append(row.gamma)
    first, *others = by_facet.values()
    assert len(others) == 3
    for other in others:
        assert other == pytest.approx(first, abs=2e-4)
