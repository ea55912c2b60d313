"""Interface energetics: two halves of a crystal brought together again give twice its surface energy."""

from __future__ import annotations

from pathlib import Path

import pytest
from ase.build import fcc111
from jobflow import run_locally

from azibflow.analysis.tables.interface import interfaces_table
from azibflow.calculators.specs import AseSpec
from azibflow.structures.heterostructures import film_and_support
from azibflow.structures.recipes import StructureRecipe
from azibflow.workflows.common.relaxation_jobs import relax_structure
from azibflow.workflows.common.results import Outcome, RelaxSettings
from azibflow.workflows.interfaces.flow import InterfaceMaker
from azibflow.workflows.interfaces.results import InterfaceResult, adhesion_energy

EMT = AseSpec(calculator="ase.calculators.emt:EMT")
TIGHT = RelaxSettings(fmax=0.002, max_steps=300)
LATTICE = 3.6


def slab(layers: int):
    atoms = fcc111("Cu", (1, 1, layers), a=LATTICE, vacuum=10, periodic=True)
    atoms.set_tags(None)
    return atoms


@pytest.fixture(scope="module")
def halves(tmp_path_factory) -> list[InterfaceResult]:
    folder = tmp_path_factory.mktemp("halves")
    slab(3).write(folder / "half.extxyz")
    results = []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for candidate in range(3):
            recipe = StructureRecipe.model_validate(
                {
                    "heterostructure": {
                        "film": str(folder / "half.extxyz"),
                        "support": str(folder / "half.extxyz"),
                        "gap": LATTICE / 3**0.5,
                        "candidate": candidate,
                        "registry_step": 1.3,
                    }
                }
            )
            responses = run_locally(InterfaceMaker(calculator=EMT, settings=TIGHT).make(recipe), ensure_success=True)
            outputs = [response.output for several in responses.values() for response in several.values()]
            results += [output for output in outputs if isinstance(output, InterfaceResult)]
    return results


def test_adhesion_by_hand() -> None:
    assert adhesion_energy(-3.0, -4.0, -7.5) == pytest.approx(0.5)


def test_a_crystal_cut_in_two_and_joined_costs_two_surfaces(halves: list[InterfaceResult]) -> None:
    whole, half = (relax_structure(slab(layers), EMT, TIGHT).energy for layers in (6, 3))
    best = max(halves, key=lambda one: one.adhesion_energy)
    assert best.adhesion_energy == pytest.approx(2 * half - whole, abs=2e-3)
    assert best.work_of_adhesion == pytest.approx(best.adhesion_energy / (LATTICE**2 * 3**0.5 / 4) * 16.0218, rel=1e-4)
    assert 2 < best.work_of_adhesion < 3  # twice the surface energy of copper by EMT, 1.1 to 1.3 J/m^2
    assert best.energies["film"] == pytest.approx(half, abs=1e-4)


def test_what_tables_say_of_it(halves: list[InterfaceResult]) -> None:
    assert all(one.outcome is Outcome.OK for one in halves)
    # Cells of layers from files are taken to 1e-6 angstrom, of the 2.5 they are long.
    assert all(one.mismatch == pytest.approx((0, 0), abs=5e-7) for one in halves)
    assert all(one.bonds == {} for one in halves), "metals have no interface bonds"
    table = interfaces_table(halves[:1])
    assert table.rows[0].cells["bonds_text"] == "none"
    assert table.rows[0].cells["strain_film"] == pytest.approx(0, abs=5e-5), "per cent"
    assert table.rows[0].cells["area"] == pytest.approx(LATTICE**2 * 3**0.5 / 4, abs=1e-6)


def test_what_did_not_converge_is_no_result(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    slab(3).write("half.extxyz")
    recipe = StructureRecipe.model_validate(
        {"heterostructure": {"film": "half.extxyz", "support": "half.extxyz", "gap": 2.5}}
    )
    flow = InterfaceMaker(calculator=EMT, settings=RelaxSettings(fmax=1e-6, max_steps=1)).make(recipe)
    responses = run_locally(flow, ensure_success=True)
    outputs = [response.output for several in responses.values() for response in several.values()]
    (result,) = [output for output in outputs if isinstance(output, InterfaceResult)]
    assert result.outcome is Outcome.UNCONVERGED
    assert interfaces_table([result]).problems()


EXCHANGING = """
from ase.calculators.emt import EMT

class Exchanging(EMT):
    implemented_properties = [*EMT.implemented_properties, "charges", "magmoms"]

    def calculate(self, atoms=None, properties=("energy",), system_changes=()):
        super().calculate(atoms, properties, system_changes)
        self.results["charges"] = 0.01 * self.atoms.positions[:, 2]
        self.results["magmoms"] = [-0.5 if len(self.atoms) == 6 else 0.2] * len(self.atoms)
"""


def test_what_film_and_support_exchange_is_computed_where_they_are_relaxed(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "exchanging.py").write_text(EXCHANGING)
    slab(3).write("half.extxyz")
    recipe = StructureRecipe.model_validate({"heterostructure": {"film": "half.extxyz", "support": "half.extxyz"}})
    # The correction has neither charges nor moments.
    with_d3 = AseSpec.model_validate({"calculator": "exchanging:Exchanging", "dispersion": {}, "work": "surrogate"})
    flow = InterfaceMaker(calculator=with_d3, settings=RelaxSettings(max_steps=2)).make(recipe)
    kinds = {job.name: job.config.manager_config["kind"] for job, _ in flow.iterflow()}
    assert kinds["interface: relax"] == kinds["interface: relax film alone"] == "surrogate"
    assert kinds["interface: collect"] == "light"
    responses = run_locally(flow, ensure_success=True)
    (found,) = (one.output for many in responses.values() for one in many.values() if _is_interface(one.output))
    relaxed = found.structure.to_atoms()
    film, _ = film_and_support(relaxed)
    assert found.charge_transfer == pytest.approx(0.01 * relaxed.positions[film, 2].sum(), abs=1e-6)
    assert found.moment_change == pytest.approx(3 * 0.5 - 3 * 0.2)


def _is_interface(output: object) -> bool:
    return isinstance(output, InterfaceResult)
