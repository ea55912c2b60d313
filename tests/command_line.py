"""The command line as a function."""

from __future__ import annotations

import pytest

from azibflow.cli.main import main


def azibflow(*words: object) -> int:
    """Run a command in this process and return its exit status."""
    with pytest.raises(SystemExit) as ending:
        main([str(word) for word in words])
    return int(ending.value.code or 0)
