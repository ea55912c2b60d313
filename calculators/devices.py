"""Where a network computes: the processor, a GPU, or a GPU when there is one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, TypeAlias

from pydantic import AfterValidator

from ..errors import CapabilityError

if TYPE_CHECKING:
    from .kinds.base import Spec


def _known(device: str) -> str:
    """Refuse a mistyped device when it is written, not on the node that was to have it; needs no torch."""
    if re.fullmatch(r"auto|cpu|(cuda|mps|xpu)(:\d+)?", device) is None:
        raise ValueError(f"{device!r} is no device; use auto, cpu, cuda, or cuda:1 for the second GPU")
    return device


Device: TypeAlias = Annotated[str, AfterValidator(_known)]
"""Name of a torch device, or ``auto``."""


def resolved(device: str) -> str:
    """Say what ``auto`` means in this process: ``cuda`` when torch finds a GPU, else ``cpu``; others stay."""
    if device != "auto":
        return device
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def images_at_most(spec: Spec, images: int) -> int:
    """Say how many images of a band can be computed side by side: one where the spec asks for a GPU, which all share.

    Args:
        spec: the calculator.
        images: moving images.
    """
    return images if getattr(spec, "device", "cpu") in ("cpu", "auto") else 1


def usable(device: str) -> str:
    """Resolve a device and make sure that it is here.

    Args:
        device: as in the spec.

    Returns:
        Name of a torch device.

    Raises:
        CapabilityError: there is no CUDA device, or not that many.
    """
    chosen = resolved(device)
    kind, _, number = chosen.partition(":")
    if kind != "cuda":
        return chosen
    import torch

    if not torch.cuda.is_available():
        raise CapabilityError(
            f"device {device!r} was asked for, but torch finds no CUDA device here; use device: cpu, or auto, which "
            "takes a GPU where there is one"
        )
    count = torch.cuda.device_count()
    if int(number or 0) >= count:
        raise CapabilityError(f"device {device!r} was asked for, but torch finds {count} here, counted from cuda:0")
    return chosen
