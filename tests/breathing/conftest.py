"""Makes the toy importable, here and in worker processes, and the study that most tests look at."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from toy import toy_study


@pytest.fixture(scope="session")
def toy_result():
    """The toy's default interface with up to seven ions, energies as in the docstring of ``toy``."""
    return toy_study()
