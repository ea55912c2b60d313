"""placeholder"""

from pydantic import BaseModel


class SurfaceStatistics(BaseModel):
    area: float
