"""Write a campaign file, compute it, return its results: in this process, or by the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ase import Atoms
from jobflow import run_locally

from azibflow.campaigns.files import load_campaign
from azibflow.campaigns.flow import campaign_flow

EMT = {"kind": "ase", "calculator": "ase.calculators.emt:EMT"}
MORSE = {"kind": "ase", "calculator": "pair_potential:PairMorse"}


def written(folder: Path, systems: dict[str, Any], studies: list[dict[str, Any]], **keys: Any) -> Path:
    """Write a campaign file; atoms among the systems go into structure files of their own beside it."""
    recipes = {name: _recipe(folder, name, system) for name, system in systems.items()}
    path = folder / "campaign.yaml"
    content = {"name": "metamorphic", **keys, "systems": recipes, "studies": studies}
    path.write_text(json.dumps(content))  # JSON is YAML
    return path


def computed(path: Path, kind: type) -> dict[str, Any]:
    """Compute a campaign in this process; return the results of a kind by the names of their studies."""
    root = path.parent / "jobs"
    root.mkdir(exist_ok=True)
    responses = run_locally(campaign_flow(load_campaign(path)), log=False, root_dir=root)
    outputs = [response.output for by_index in responses.values() for response in by_index.values()]
    return {output.study: output for output in outputs if isinstance(output, kind)}


def the_result(path: Path, kind: type) -> Any:
    """Compute a campaign of one study in this process and return its result."""
    (result,) = computed(path, kind).values()
    return result


def _recipe(folder: Path, name: str, system: Any) -> Any:
    if isinstance(system, Atoms):
        system = {"atoms": system}
    if "atoms" not in system:
        return system
    file = folder / f"{name}.extxyz"
    system["atoms"].write(file)
    return {key: value for key, value in system.items() if key != "atoms"} | {"file": file.name}
