"""Corrected calculators as specs: both forms, what is refused, and both methods guarded."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from ase.build import molecule

from azibflow.calculators.guard import check
from azibflow.calculators.specs import (
    ChgnetSpec,
    CorrectedSpec,
    MaceSpec,
    PyscfGammaSpec,
    XtbSpec,
    geometry_method,
    methods,
    parse_spec,
    pyscf_preset,
)
from azibflow.errors import CapabilityError
from azibflow.structures.clusters import cluster
from azibflow.workflows.common.single_points import needs_correction

CORRECTED = {"surrogate": "xtb", "correct_with": "pyscf:quick"}


def test_words_mappings_and_the_kind_are_read_alike() -> None:
    spec = parse_spec(CORRECTED)
    assert spec == CorrectedSpec(surrogate=XtbSpec(), correct_with=pyscf_preset("quick"), when="always")
    assert (
        parse_spec(
            {"kind": "corrected", "surrogate": {"kind": "xtb"}, "correct_with": {"preset": "quick"}}
            | {"correct_with": {"kind": "pyscf", "preset": "quick"}}
        )
        == spec
    )
    assert parse_spec(spec.model_dump(mode="json")) == spec
    assert CorrectedSpec.model_validate_json(spec.model_dump_json()) == spec
    assert parse_spec({"surrogate": "chgnet", "correct_with": "pyscf-gamma"}).correct_with == PyscfGammaSpec()


def test_the_methods_behind_a_calculator() -> None:
    spec = parse_spec(CORRECTED)
    assert methods(spec) == (XtbSpec(), pyscf_preset("quick"))
    assert geometry_method(spec) == geometry_method(XtbSpec()) == XtbSpec()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (CORRECTED | {"correct_with": CORRECTED}, "correct_with: a correction cannot be nested"),
        (CORRECTED | {"surrogate": parse_spec(CORRECTED)}, "surrogate: a correction cannot be nested"),
        (CORRECTED | {"correct_with": "pysc"}, "correct_with: unknown calculator kind 'pysc'.*did you mean 'pyscf'"),
        (
            CORRECTED | {"correct_with": {"kind": "xtb", "metod": 1}},
            "unknown key 'correct_with.metod'; did you mean 'method'",
        ),
        (CORRECTED | {"wen": "always"}, "unknown key 'wen'; did you mean 'when'"),
        (CORRECTED | {"when": "sometimes"}, "when: must be 'always' or 'flagged'"),
        ({"correct_with": "xtb"}, "key 'surrogate' is missing"),
        ("corrected", "key 'surrogate' is missing"),
    ],
)
def test_bad_specs_say_what_and_where(value, message: str) -> None:
    with pytest.raises(CapabilityError, match=message):
        parse_spec(value)


def test_weights_of_both_methods_are_anchored() -> None:
    spec = CorrectedSpec(surrogate=MaceSpec(models=("own/a.model",)), correct_with=MaceSpec(models=("b.model",)))
    moved = spec.anchored(Path("/campaigns"))
    assert moved.surrogate.models[0].path == "/campaigns/own/a.model"
    assert moved.correct_with.models[0].path == "/campaigns/b.model"


def test_both_methods_have_to_know_the_charge() -> None:
    hydrate = cluster("[Zn(H2O)]2+")
    check(parse_spec(CORRECTED), hydrate)
    for spec in (
        CorrectedSpec(surrogate=XtbSpec(), correct_with=ChgnetSpec()),
        CorrectedSpec(surrogate=ChgnetSpec(), correct_with=XtbSpec()),
    ):
        check(CorrectedSpec(surrogate=XtbSpec(), correct_with=XtbSpec()), molecule("H2O"))
        with pytest.raises(CapabilityError, match=r"total charge \+2, but calculator chgnet knows only 0"):
            check(spec, hydrate)


def test_only_flagged_results_are_corrected_where_that_is_asked() -> None:
    always = parse_spec(CORRECTED)
    flagged = parse_spec(CORRECTED | {"when": "flagged"})
    plain, sure = SimpleNamespace(), SimpleNamespace(trust=SimpleNamespace(flagged=False))
    doubtful, unknown = SimpleNamespace(trust=SimpleNamespace(flagged=True)), SimpleNamespace(trust=None)
    assert needs_correction(always, plain)
    assert needs_correction(always)
    assert not needs_correction(flagged, plain, sure, unknown)
    assert needs_correction(flagged, plain, sure, doubtful)
