"""What a screening may ask of a structure, one file for each question."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from .adsorption import AdsorptionQuestion
from .barrier import BarrierQuestion
from .base import Asked, Evidence, Question
from .surface import SurfaceQuestion
from .voltage import VoltageQuestion

__all__ = [
    "QUESTIONS",
    "AdsorptionQuestion",
    "AnyQuestion",
    "Asked",
    "BarrierQuestion",
    "Evidence",
    "Question",
    "SurfaceQuestion",
    "VoltageQuestion",
]

QUESTIONS: tuple[type[Question], ...] = (BarrierQuestion, AdsorptionQuestion, VoltageQuestion, SurfaceQuestion)

AnyQuestion: TypeAlias = Annotated[
    BarrierQuestion | AdsorptionQuestion | VoltageQuestion | SurfaceQuestion, Field(discriminator="kind")
]
