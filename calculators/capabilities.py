"""What each calculator can compute, asked before anything is computed."""

from __future__ import annotations

from .chgnet_network import CAPABILITIES
from .factory import import_calculator
from .mace_network import mace_capabilities
from .specs import AseSpec, Capabilities, ChgnetSpec, MaceSpec


def capabilities(spec: ChgnetSpec | MaceSpec | AseSpec) -> Capabilities:
    """Say what a calculator can compute.

    Args:
        spec: the calculator; the network of a ``MaceSpec`` is loaded to read its elements.

    Returns:
        Its limits; an ``AseSpec`` has those its user declared.

    Raises:
        WeightsError: a MACE model is missing, unreadable or not the one its hash promises.
        CapabilityError: the class of an ``AseSpec`` cannot be imported.
    """
    if isinstance(spec, ChgnetSpec):
        return CAPABILITIES
    if isinstance(spec, MaceSpec):
        return mace_capabilities(spec)
    return Capabilities(
        elements=None if spec.elements is None else frozenset(spec.elements),
        periodic=spec.periodic,
        charges=None if spec.charges is None else frozenset(spec.charges),
        properties=tuple(import_calculator(spec.calculator).implemented_properties),
        note="limits as declared in the spec",
    )
