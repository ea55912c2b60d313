"""Reaction energies by hand, from energies of the species that are computed alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from ase.build import bulk
from jobflow import run_locally

from azibflow.calculators.specs import AseSpec
from azibflow.errors import CapabilityError, StructureError
from azibflow.structures.building import as_recipe
from azibflow.structures.prototypes import prototype
from azibflow.structures.recipes import StructureRecipe
from azibflow.workflows.common.electrodes import Correction
from azibflow.workflows.common.references import reference_energy
from azibflow.workflows.common.relaxation_jobs import relax_structure
from azibflow.workflows.common.results import Outcome, RelaxSettings
from azibflow.workflows.reactions.flow import ReactionMaker, reaction_study
from azibflow.workflows.reactions.results import ReactionResult

EMT = AseSpec(calculator="ase.calculators.emt:EMT", elements=("Al", "Cu", "H", "O", "Pd"), charges=(0,))
RELAX = RelaxSettings(fmax=0.02)
ALLOY = "Al + 3 Cu -> AlCu3"


@pytest.fixture(scope="module")
def systems() -> dict[str, StructureRecipe]:
    """An ordered alloy of four atoms, and a cell of eight."""
    alloy = bulk("Cu", a=3.7, cubic=True)
    alloy.symbols[0] = "Al"
    return {"L12": as_recipe(alloy), "AlCu3": as_recipe(alloy).model_copy(update={"supercell": (1, 1, 2)})}


@pytest.fixture(scope="module")
def alone(systems: dict[str, StructureRecipe]) -> dict[str, float]:
    """Energies per formula unit: fcc metals, the alloy, molecules."""
    cells = {"Al": prototype("Al"), "Cu": prototype("Cu")}
    metals = {name: relax_structure(cell, EMT, RELAX, cell="relaxed").energy / 4 for name, cell in cells.items()}
    alloy = relax_structure(systems["L12"].document.to_atoms(), EMT, RELAX).energy
    return metals | {"AlCu3": alloy, "H2": reference_energy("H2", EMT, RELAX).energy}


def test_the_energy_is_that_of_the_species(systems: dict[str, StructureRecipe], alone: dict[str, float]) -> None:
    """Per formula unit: of the formula, also where the cell holds two, by its own name or by another's."""
    expected = alone["AlCu3"] - alone["Al"] - 3 * alone["Cu"]
    result = reaction_study(ALLOY, systems, EMT, RELAX, electrons=3)
    assert result.energy == pytest.approx(expected, abs=2e-3)
    assert result.voltage == pytest.approx(-expected / 3, abs=1e-3)
    assert not result.half
    other = reaction_study(ALLOY, {"L12": systems["L12"]}, EMT, RELAX, species={"AlCu3": "L12"})
    assert other.energy == pytest.approx(expected, abs=2e-3)
    assert other.voltage is None
    added = {"Cu": Correction(energy=0.1, label="by hand")}
    corrected = reaction_study(ALLOY, {"L12": systems["L12"]}, EMT, RELAX, species={"AlCu3": "L12"}, corrections=added)
    assert corrected.energy == pytest.approx(other.energy - 0.3, abs=1e-6)


def test_half_reactions_are_against_the_hydrogen_electrode(alone: dict[str, float]) -> None:
    """A metal has its measured potential, and protons fall by 0.0592 V with each unit of pH."""
    plating = reaction_study("Al3+ + 3 e- -> Al", {}, EMT, RELAX)
    assert (plating.voltage, plating.electrons, plating.half) == (pytest.approx(-1.662), 3, True)
    stripping = reaction_study("Al -> Al3+ + 3 e-", {}, EMT, RELAX)
    assert (stripping.voltage, stripping.energy) == (pytest.approx(-1.662), pytest.approx(-3 * 1.662))
    for ph in (None, 5.0):
        gas = reaction_study("2 H+ + 2 e- -> H2", {}, EMT, RELAX, ph=ph)
        assert gas.voltage == pytest.approx(-0.05916 * (ph or 0), abs=1e-4)
        water = reaction_study("H2O + e- -> 1/2 H2 + OH-", {}, EMT, RELAX, ph=ph)
        assert water.voltage == pytest.approx(gas.voltage)
    whole = reaction_study("Al + 3 H+ -> Al3+ + 3/2 H2", {}, EMT, RELAX, ph=4)
    assert whole.energy == pytest.approx(3 * (-1.662 + 4 * 0.05916), abs=1e-3)
    oxygen = reaction_study("2 H2 + O2 -> 2 H2O", {}, EMT, RELAX)
    assert oxygen.energy == pytest.approx(-4.92)


def test_the_flow_gives_what_the_plain_function_gives(systems: dict[str, StructureRecipe], tmp_path: Path) -> None:
    maker = ReactionMaker(equation=ALLOY, electrons=3, calculator=EMT, settings=RELAX)
    responses = run_locally(maker.make(systems), log=False, root_dir=tmp_path, ensure_success=True)
    outputs = [response.output for by_index in responses.values() for response in by_index.values()]
    (found,) = [output for output in outputs if isinstance(output, ReactionResult)]
    assert found.energy == pytest.approx(reaction_study(ALLOY, systems, EMT, RELAX).energy, abs=1e-6)
    assert found.outcome is Outcome.OK


def test_a_species_that_fails_leaves_no_energy_and_says_which(systems: dict[str, StructureRecipe]) -> None:
    result = reaction_study(ALLOY, systems, EMT, RelaxSettings(fmax=1e-6, max_steps=1))
    assert result.outcome is Outcome.UNCONVERGED
    assert (result.energy, result.voltage) == (None, None)
    assert "Al: fmax" in result.reason or "Cu: fmax" in result.reason


@pytest.mark.parametrize(
    ("equation", "more", "message"),
    [
        ("Al + 2 Cu -> AlCu3", {}, "Al + 2 Cu -> AlCu3 is not balanced: Cu 2 on the left and 3 on the right"),
        ("Al -> Al3+ + 2 e-", {}, "not balanced: charge 0 on the left and 1 on the right"),
        ("Al2+ + 2 e- -> Al", {}, "names Al2+; the ion of Al has 3 positive charges"),
        ("Rb+ + e- -> Al", {}, "names 'Rb+', which is neither a system, a prototype, a molecule"),
        ("Al + 3 Cu -> AlCu3", {"species": {"AlCu3": "L1"}}, "AlCu3 is to be the system 'L1', and there is no such"),
        ("Al -> Al", {"species": {"Cu": "L12"}}, "species: Cu is not in the equation"),
        ("Al -> Al", {"corrections": {"Cu": Correction(energy=1, label="x")}}, "corrections: Cu is not in the"),
        ("Al3+ + 3 e- -> Al", {"electrons": 3}, "holds its electrons; leave the key out"),
    ],
)
def test_bad_input_has_one_message_each(
    equation: str, more: dict, message: str, systems: dict[str, StructureRecipe]
) -> None:
    with pytest.raises(StructureError) as error:
        reaction_study(equation, systems, EMT, RELAX, **more)
    assert message in str(error.value)


def test_an_element_that_the_calculator_does_not_know_is_named() -> None:
    with pytest.raises(CapabilityError, match="Zn"):
        reaction_study("Zn -> Zn", {}, EMT, RELAX)
