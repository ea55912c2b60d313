"""Footnotes on molecules: whom a statement is about, and what a cavity was made of."""

from azibflow.analysis.tables.molecules import molecule_notes
from azibflow.calculators.specs import CalculatorRecord, PyscfSpec


def record(**levels):
    return CalculatorRecord(spec=PyscfSpec.model_validate({"preset": "standard", **levels}), versions={})


GAS, WET = record(), record(energy={"solvent": "water"})


def test_a_state_is_named_in_one_note_on_stability_alone(molecule):
    """H2O occurs with three charges, and as the neutral one in a solvent too, where it was analysed."""
    neutral = molecule(stable=None)
    cation, wet = molecule(charge=1), molecule(stable=True, method="in water")
    stable, granted = (
        text for text in molecule_notes([neutral, cation, molecule("PC", stable=None)]) if "stab" in text.lower()
    )
    assert "of H2O (charge +1) are stable" in stable
    assert granted.endswith("no doubt: H2O (charge +0), PC.")
    stable, granted = (text for text in molecule_notes([neutral, wet]) if "stab" in text.lower())
    assert "of H2O (in water) are stable" in stable
    assert granted.endswith("no doubt: H2O (PBE0-D3BJ/def2-tzvpd // PBE0-D3BJ/def2-svp).")


def test_cavity_radii_that_nobody_published_are_said(molecule):
    """Those that were recorded; of results from before they were, the placeholder; none in the gas phase or in SMD."""
    vanadyl = (["V", "O"], [(0, 0, 0), (0, 0, 1.57)])

    def said(calculator, **changes):
        notes = molecule_notes([molecule("VO2+", charge=2, atoms=vanadyl, record=calculator, **changes)])
        return [text for text in notes if text.startswith("Cavity")]

    assert said(GAS) == []
    (text,) = said(WET, estimated_radii={"V": 1.7292})
    assert "V 1.73 angstrom" in text and "UFF" in text
    (text,) = said(WET)
    assert "V 2.40 angstrom, an earlier version's placeholder" in text
    assert said(record(energy={"solvent": {"model": "smd"}})) == []


def test_multiplicities_that_nobody_gave_are_said(molecule):
    given, assumed = molecule(), molecule("O2", atoms=(["O", "O"], [(0, 0, 0), (0, 0, 1.2)]))
    structure = assumed.geometry.structure.model_copy(update={"spin": None})
    assumed = assumed.model_copy(update={"geometry": assumed.geometry.model_copy(update={"structure": structure})})
    said = [text for text in molecule_notes([given, assumed]) if text.startswith("Multiplicity")]
    assert said == ["Multiplicity not given, the lowest that the electrons allow taken: O2 (1)."]
    assert not any(text.startswith("Multiplicity") for text in molecule_notes([given]))
