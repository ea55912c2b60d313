"""What every published claim has, whatever it is about."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

STRICT = ConfigDict(extra="forbid", frozen=True)


class Claim(BaseModel):
    """What all claims have."""

    model_config = STRICT

    PRINTED: ClassVar[tuple[str, ...]]
    """Keys of the numbers that a source prints; the others are what they follow from."""

    source: str = Field("", description="key of a source of the file, or a source in words")
    locator: str = Field("", description="where in the source")
    note: str = Field("", description="what to know beside the arithmetic")
    tolerance: float = Field(0.01, gt=0, lt=1, description="relative deviation that still counts as consistent")

    @property
    def prints(self) -> bool:
        """Whether the claim has a printed number; one without asks what follows."""
        return any(getattr(self, key) is not None for key in self.PRINTED)
