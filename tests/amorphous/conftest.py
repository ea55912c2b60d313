"""Makes the short melts importable, and the solids that most tests look at."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from short_melts import ALLOY, EMT, LOOSE, SHORT

from azibflow.workflows.amorphous.flow import amorphous_study
from azibflow.workflows.amorphous.results import AmorphousResult


@pytest.fixture(scope="session")
def glass_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("glass")


@pytest.fixture(scope="session")
def glass(glass_folder: Path) -> AmorphousResult:
    """Two seeds of a quenched alloy."""
    return amorphous_study(ALLOY, EMT, LOOSE, protocol=SHORT, seeds=2, cell="fixed", folder=glass_folder)
