"""A calculator that this package does not know is asked a few things before it is believed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT

from azibflow.calculators import contract
from azibflow.calculators.capabilities import Capabilities
from azibflow.calculators.contract import broken_promise
from azibflow.calculators.factory import make_calculator
from azibflow.calculators.kinds.base import Spec, Work
from azibflow.calculators.specs import AseSpec, ChgnetSpec
from azibflow.errors import CapabilityError
from azibflow.workflows.common.relaxation_jobs import relax_structure

SOUND = "broken_potentials:Sound"


@pytest.fixture(autouse=True)
def _beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parent)
    monkeypatch.setattr(contract, "_found", {})


def potential(name: str, **fields: object) -> AseSpec:
    return AseSpec.model_validate(
        {"calculator": f"broken_potentials:{name}", "elements": ["Cu", "O"], "work": "surrogate", **fields}
    )


@pytest.mark.parametrize(
    ("calculator", "options"),
    [
        ("ase.calculators.emt:EMT", {}),
        ("ase.calculators.lj:LennardJones", {}),
        ("ase.calculators.lj:LennardJones", {"sigma": 2.4, "epsilon": 0.4, "rc": 8.0}),
        ("ase.calculators.morse:MorsePotential", {"r0": 2.5, "epsilon": 1.0}),
        ("broken_potentials:Sound", {}),
    ],
)
@pytest.mark.parametrize("elements", [None, ("Cu", "O")])
@pytest.mark.parametrize("work", ["surrogate", "dft"])
def test_sound_calculators_pass(calculator: str, options: dict, elements: tuple | None, work: str) -> None:
    assert broken_promise(AseSpec(calculator=calculator, options=options, elements=elements, work=work)) == ""


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("WrongSign", "forces are not the slope of the energy: .*: the sign of the forces is wrong"),
        (
            "EnergyInKcal",
            "forces are not the slope of the energy: .*: the energy is in kcal/mol and the forces are not",
        ),
        ("AllInKcal", r"stretching its bonds by half takes 35\.3 eV per atom"),
        ("NotANumber", "forces: not a finite number"),
        ("NoEnergy", "energy: not a finite number"),
        ("EnergyPerAtom", "forces are not the slope of the energy"),
        ("AllPerAtom", "a doubled cell has 1.8589 eV, the cell 1.8589"),
        ("StressPerCell", "stress is not the slope of the energy"),
        ("Random", "the same atoms have .* eV at first and .* eV later"),
        ("FlatForces", r"forces has the shape \(9,\), not \(3, 3\)"),
        ("EnergyOfEachAtom", r"energy has the shape \(3,\), not \(\)"),
        ("Strong", r"a force of \d+\.\d eV/angstrom on an atom at the distance of a bond"),
        ("Stumbling", "it fails on Cu2O: RuntimeError: no graph of three atoms"),
    ],
)
def test_a_potential_that_breaks_the_contract_is_refused_with_what_it_broke(name: str, broken: str) -> None:
    with pytest.raises(CapabilityError, match=f"calculator ase is not used: {broken}"):
        make_calculator(potential(name))


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("Sound", ""),
        ("WrongSign", "the sign of the forces is wrong"),
        ("NotANumber", "forces: not a finite number"),
        ("FlatForces", "forces has the shape"),
        # What takes more than three calls is not asked of a code; nor is it blamed for atoms it was not set up for.
        ("AllPerAtom", ""),
        ("Stumbling", ""),
    ],
)
def test_a_code_is_asked_three_times(name: str, broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    evaluations = counted(monkeypatch)
    assert re.search(broken, broken_promise(potential(name, work="dft")))
    assert len(evaluations) <= 3


def test_a_code_that_names_no_elements_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    evaluations = counted(monkeypatch)
    assert broken_promise(AseSpec(calculator=SOUND)) == ""
    assert evaluations == []


def test_it_is_checked_once_in_a_process_and_known_calculators_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    evaluations = counted(monkeypatch)
    make_calculator(potential("Sound"))
    first = len(evaluations)
    assert 0 < first < 15
    make_calculator(potential("Sound"))
    assert len(evaluations) == first
    monkeypatch.setattr(contract, "broken_promise", lambda spec: "asked")
    make_calculator(ChgnetSpec())


def test_examples_keep_to_what_the_calculator_says_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = counted(monkeypatch)
    broken_promise(potential("Sound", elements=["Al", "N"], periodic=False, charges=[-1, 2]))
    assert {tuple(sorted(set(atoms.symbols))) for atoms in seen} == {("Al", "N")}
    assert not any(atoms.pbc.any() for atoms in seen)
    assert {atoms.info["charge"] for atoms in seen} == {-1}
    seen.clear()
    broken_promise(potential("Sound"))
    assert all(atoms.pbc.all() for atoms in seen)
    assert np.ptp([len(atoms) for atoms in seen]) == 3, "the doubled cell"


class IonicSpec(Spec):
    """A potential of another package that knows zinc as a doubly charged ion only, and has an example or none."""

    kind: Literal["ionic"] = "ionic"
    charge: int | None = None
    calculator: str = "ase.calculators.morse:MorsePotential"

    def queue(self) -> Work:
        return "surrogate"

    def make(self) -> Any:
        return AseSpec(calculator=self.calculator, work="surrogate").make()

    def capabilities(self) -> Capabilities:
        return Capabilities(
            elements=frozenset({"Zn"}),
            periodic=False,
            charges=frozenset({0, 4}),
            ion_charges={"Zn": 2},
            properties=("energy", "forces"),
        )

    def example(self) -> Atoms | None:
        if self.charge is None:
            return None
        return Atoms("Zn2", positions=[[0, 0, 0], [0, 0.2, 1.2]], info={"charge": self.charge})


def test_a_kind_brings_an_example_where_none_can_be_made(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    assert broken_promise(IonicSpec()) == ""
    assert "was not checked before its first use: Zn3 is no example for it: example: total charge 0" in caplog.text
    assert broken_promise(IonicSpec(charge=4)) == ""
    wrong = IonicSpec(charge=4, calculator="broken_potentials:WrongSign")
    assert broken_promise(wrong).startswith("it fails on Zn2: NotImplementedError: No EMT-potential for Zn")
    with pytest.raises(CapabilityError, match="cannot import 'nowhere:Calculator'"):
        broken_promise(IonicSpec(charge=4, calculator="nowhere:Calculator"))


def test_a_refused_calculator_computes_nothing_for_a_user() -> None:
    with pytest.raises(CapabilityError, match="the sign of the forces is wrong"):
        relax_structure(bulk("Cu") * 2, potential("WrongSign"))


def counted(monkeypatch: pytest.MonkeyPatch) -> list[Atoms]:
    """Return the list to which every evaluation by effective medium theory adds its atoms."""
    seen: list[Atoms] = []
    original = EMT.calculate

    def calculate(self: EMT, atoms: Atoms, *rest: object) -> None:
        seen.append(atoms.copy())
        original(self, atoms, *rest)

    monkeypatch.setattr(EMT, "calculate", calculate)
    return seen
