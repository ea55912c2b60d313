"""What ``import azibflow`` offers."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import azibflow
from azibflow.face import FACE, NAMES
from azibflow.studies import BUILT_IN

ROOT = Path(__file__).parent.parent
HEAVY = {"torch", "ase", "pymatgen", "jobflow", "maggma", "pydantic", "numpy", "pandas", "matplotlib", "pyscf", "rdkit"}


def loaded_after(code: str) -> set[str]:
    code = f"import sys, json; {code}; print(json.dumps(sorted({{name.split('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def imports_for_type_checkers() -> dict[str, str]:
    tree = ast.parse((ROOT / "__init__.py").read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    found = {}
    for node in block.body:
        assert isinstance(node, ast.ImportFrom) and node.level == 1
        for alias in node.names:
            assert alias.asname == alias.name, f"{alias.name} is not marked as exported"
            found[alias.name] = str(node.module)
    return found


def test_every_name_leads_to_what_it_says() -> None:
    for name, module in NAMES.items():
        value = getattr(azibflow, name)
        assert (value.__module__, value.__name__) == (f"azibflow.{module}", name)


def test_type_checkers_see_the_same_names() -> None:
    assert imports_for_type_checkers() == NAMES


def test_no_name_is_offered_twice_or_hides_a_module() -> None:
    assert len(NAMES) == sum(len(names) for names in FACE.values())
    modules = {path.stem for path in ROOT.glob("*.py")} | {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert {"structures", "errors"} <= modules
    assert not modules & set(NAMES)


def test_importing_the_package_imports_nothing_heavy() -> None:
    assert not loaded_after("import azibflow; dir(azibflow); azibflow.__all__") & HEAVY


def test_a_structure_needs_no_workflows() -> None:
    loaded = loaded_after("import azibflow; assert len(azibflow.prototype('Zn')) == 2")
    assert "ase" in loaded
    assert not loaded & {"torch", "jobflow", "pymatgen", "pyscf"}


def test_names_are_listed_before_they_are_imported() -> None:
    code = "import azibflow; assert {'MigrationMaker', 'build', '__version__'} <= set(dir(azibflow)) and"
    code += " 'MigrationMaker' in azibflow.__all__"
    assert "jobflow" not in loaded_after(code)


def test_a_wrong_name_is_told_the_nearest() -> None:
    with pytest.raises(AttributeError, match=r"^module 'azibflow' has no attribute 'relx'; did you mean 'relax'\?$"):
        azibflow.relx  # noqa: B018
    with pytest.raises(AttributeError, match=r"did you mean 'MigrationMaker'\?$"):
        azibflow.migrationmaker  # noqa: B018
    with pytest.raises(AttributeError, match=r"^module 'azibflow' has no attribute 'qqq'$"):
        azibflow.qqq  # noqa: B018
    assert not hasattr(azibflow, "__path_of_nobody__")


def test_the_interpreter_adds_no_second_suggestion() -> None:
    done = subprocess.run([sys.executable, "-c", "import azibflow; azibflow.Relax"], capture_output=True, text=True)
    assert done.stderr.lower().count("did you mean") == 1


@pytest.mark.parametrize("kind", BUILT_IN, ids=lambda kind: kind.name)
def test_every_kind_of_study_is_in_the_face(kind) -> None:
    result = kind.result.partition(":")[2]
    assert result in NAMES
    assert f"{result.removesuffix('Result')}Maker" in NAMES
    assert callable(getattr(azibflow, f"{kind.name}_study")), "and what computes it without Jobflow"
