"""What each calculator can compute, asked before anything is computed."""

from __future__ import annotations

from ase.data import chemical_symbols

from .chgnet_network import CAPABILITIES
from .dft.levels import PyscfSpec
from .factory import declared_properties
from .mace_network import mace_capabilities
from .specs import AnySpec, Capabilities, ChgnetSpec, MaceSpec, PyscfGammaSpec, SurrogateSpec, XtbSpec


def capabilities(spec: AnySpec) -> Capabilities:
    """Say what a calculator can compute.

    Args:
        spec: the calculator; the network of a ``MaceSpec`` is loaded to read its elements.

    Returns:
        Its limits; an ``AseSpec`` has those its user declared.

    Raises:
        WeightsError: a MACE model is missing, unreadable or not the one its hash promises.
        CapabilityError: the class of an ``AseSpec`` cannot be imported, or does not take its options.
    """
    if isinstance(spec, ChgnetSpec):
        return CAPABILITIES
    if isinstance(spec, MaceSpec):
        return mace_capabilities(spec)
    if isinstance(spec, SurrogateSpec):
        from .surrogates.committee import current_card

        card = current_card(spec.card)
        return Capabilities(
            elements=frozenset(card.elements),
            periodic=card.periodic,
            charges=frozenset(card.charges),
            ion_charges=card.ion_charges or None,
            properties=("energy", "forces", "stress"),
            note=f"{card.description}; labels by {card.method}",
        )
    if isinstance(spec, PyscfSpec):
        from .dft.calculator import PyscfCalculator

        return Capabilities(
            elements=None,
            periodic=False,
            charges=None,
            reads_spin=True,
            properties=PyscfCalculator.implemented_properties,
            note="elements as the basis has them",
        )
    if isinstance(spec, PyscfGammaSpec):
        from .dft.periodic import PyscfGammaCalculator

        return Capabilities(
            elements=None,
            periodic=True,
            charges=frozenset({0}),
            reads_spin=True,
            properties=PyscfGammaCalculator.implemented_properties,
            note="insulators in cells of at least 7 angstrom; no k-points, no stress",
        )
    if isinstance(spec, XtbSpec):
        from .xtb import XtbCalculator

        return Capabilities(
            elements=frozenset(chemical_symbols[1:87]),
            periodic=False,
            charges=None,
            reads_spin=True,
            properties=XtbCalculator.implemented_properties,
            note="starting geometries only",
        )
    return Capabilities(
        elements=None if spec.elements is None else frozenset(spec.elements),
        periodic=spec.periodic,
        charges=None if spec.charges is None else frozenset(spec.charges),
        properties=declared_properties(spec),
        note="limits as declared in the spec",
    )
