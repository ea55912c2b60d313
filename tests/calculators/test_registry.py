"""Kinds of calculators: those of the package are as they were, those of others are taken or refused by name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import ValidationError

from azibflow import plugins
from azibflow.calculators import registry
from azibflow.calculators.capabilities import Capabilities
from azibflow.calculators.factory import available, identity
from azibflow.calculators.kinds.base import Spec, Work
from azibflow.calculators.registry import GROUP, calculator_kinds
from azibflow.calculators.specs import parse_spec
from azibflow.campaigns.model import Campaign
from azibflow.errors import CapabilityError

EARLIER = json.loads((Path(__file__).parent / "specs_of_2026-11-29.json").read_text())


@pytest.mark.parametrize("name", EARLIER)
def test_specs_are_written_and_hashed_as_in_earlier_versions(name: str) -> None:
    earlier = EARLIER[name]
    spec = parse_spec(earlier["written"])
    assert spec.model_dump_json() == earlier["json"]
    if "identity" in earlier:
        assert identity(spec) == earlier["identity"]


class MorseSpec(Spec):
    """A kind as another package has it."""

    kind: Literal["morse"] = "morse"
    depth: float = 0.5

    def queue(self) -> Work:
        return "surrogate"

    def make(self) -> Any:
        from ase.calculators.morse import MorsePotential

        return MorsePotential(epsilon=self.depth, r0=2.5)

    def capabilities(self) -> Capabilities:
        return Capabilities(
            elements=frozenset({"Zn"}),
            periodic=None,
            charges=frozenset({0}),
            properties=("energy", "forces", "stress"),
        )


class NoQueue(Spec):
    kind: Literal["no-queue"] = "no-queue"

    def make(self) -> Any: ...

    def capabilities(self) -> Capabilities: ...


class Taken(MorseSpec):
    kind: Literal["mace"] = "mace"


class WithoutKind(MorseSpec):
    kind: str = "any"


class WordOfNoField(MorseSpec):
    kind: Literal["wordy"] = "wordy"
    word = "model"


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., dict[str, type[Spec]]]]:
    """Pretend that a package brings kinds, and read the registry anew."""

    def install(**entries: object) -> dict[str, type[Spec]]:
        found = tuple(plugins.Plugin(name, value, "zinc-morse", "0.3") for name, value in entries.items())
        for module in ("azibflow.calculators.registry.plugins", "azibflow.calculators.factory.plugins"):
            monkeypatch.setattr(module, lambda group: found if group == GROUP else ())
        calculator_kinds.cache_clear()
        return calculator_kinds()

    monkeypatch.setattr(plugins, "_broken", {})
    yield install
    calculator_kinds.cache_clear()


def test_a_kind_of_another_package_stands_beside_those_of_this_one(installed) -> None:
    kinds = installed(morse=MorseSpec)
    periodic = ["cp2k", "gpaw", "espresso", "vasp"]
    own = ["chgnet", "sevennet", "mace", "surrogate", "pyscf", "pyscf-gamma", *periodic, "xtb", "ase"]
    assert list(kinds) == [*own, "morse"]
    assert {entry.kind: entry.package for entry in available()}["morse"] == "zinc-morse 0.3"
    assert plugins.broken_plugins() == []


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (NoQueue, "NoQueue does not say queue"),
        (Taken, "there is a calculator of the kind 'mace' already"),
        (WithoutKind, "WithoutKind has no kind; write one"),
        (WordOfNoField, "a word is to fill 'model', which is none of its fields"),
        (dict, "not a class derived from azibflow.calculators.kinds.base.Spec"),
        (3, "it names a int, not a class"),
    ],
)
def test_what_is_no_kind_is_refused_by_name_and_the_rest_works(installed, value: Any, reason: str) -> None:
    kinds = installed(broken=value, morse=MorseSpec)
    assert list(kinds)[-2:] == ["ase", "morse"]
    (told,) = map(str, plugins.broken_plugins())
    assert told.startswith("plug-in 'broken' of zinc-morse (azibflow.calculators) cannot be used: ")
    assert reason in told


def test_an_unknown_kind_names_the_plug_ins_that_are_broken(installed) -> None:
    installed()
    plugins.refuse(GROUP, "morse", "zinc-morse", "ImportError: No module named 'numba'")
    plugins.refuse("azibflow.studies", "other", "zinc-other", "elsewhere")
    with pytest.raises(CapabilityError, match=r"unknown calculator kind 'morse'.*zinc-morse.*'numba'") as refused:
        parse_spec("morse")
    assert "zinc-other" not in str(refused.value)
    with pytest.raises(ValidationError, match=r"unknown calculator kind 'morse'.*zinc-morse.*'numba'"):
        Campaign.model_validate({"name": "a", "calculator": {"kind": "morse"}, "studies": []})


def test_kinds_say_what_the_package_asks(installed) -> None:
    for kind, spec in installed().items():
        assert registry.kind_of(spec) == kind
        assert spec.tested == (kind != "ase")
        assert spec.says
        for name in spec.libraries:
            metadata.version(name)
