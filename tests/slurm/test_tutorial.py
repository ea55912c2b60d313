"""The tutorial of the cluster on a real SLURM, with a campaign of seconds."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial-slurm.md"


@pytest.mark.slow
def test_the_tutorial_of_the_cluster(slurm: None, small_campaign_text: str, tmp_path: Path) -> None:
    """Its commands in their order; its profile with the partition of this cluster."""
    page = TUTORIAL.read_text(encoding="utf-8")
    profile, _ = re.findall(r"```yaml\n(.*?)```", page, flags=re.DOTALL)
    profiles = tmp_path / "config" / "azibflow" / "profiles"
    profiles.mkdir(parents=True)
    (profiles / "mycluster.yaml").write_text(profile.replace("standard", "cpu").replace("2G", "700M"))
    (tmp_path / "first.yaml").write_text(small_campaign_text.replace("name: small", "name: first"))
    script = "".join(re.findall(r"```sh\n(.*?)```", page, flags=re.DOTALL))
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
    }

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-3000:]}"
    assert (tmp_path / "figures" / "first" / "report.html").is_file()
