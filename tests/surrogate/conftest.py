"""Tiny untrained committees with a card of their own, and the command line as a function."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from untrained import make_surrogate


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Quiet what torch and e3nn say when networks are made and loaded."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            for ignored in (
                "ignore::DeprecationWarning:torch",
                "ignore:The TorchScript type system:UserWarning",
                "ignore:Environment variable TORCH_FORCE:UserWarning",
            ):
                item.add_marker(pytest.mark.filterwarnings(ignored))


@pytest.fixture(scope="session")
def surrogate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a committee of three untrained networks of H, O and Zn, Zn being Zn2+, with its card."""
    return make_surrogate(tmp_path_factory.mktemp("untrained") / "zn-water")
