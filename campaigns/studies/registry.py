"""The keys of all kinds of studies, those of other packages too, as one type."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, Union, get_args

from pydantic import Field

from ...plugins import refuse
from ...studies import BUILT_IN, GROUP, StudyKind, study_kinds
from .base import Study


@cache
def study_models() -> dict[str, type[Study]]:
    """Return the class of the keys of every kind of study; a plug-in whose class is none is left out with a reason."""
    own = {kind.name for kind in BUILT_IN}
    found = {}
    for kind in study_kinds().values():
        if kind.name in own:
            found[kind.name] = kind.part("model")
        elif (model := _plugged_in(kind)) is not None:
            found[kind.name] = model
    return found


def _plugged_in(kind: StudyKind) -> type[Study] | None:
    """Import the class of a kind that another package adds, and check it."""
    try:
        model = kind.part("model")
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # importing runs code of others
        refuse(GROUP, kind.name, kind.model, f"{type(error).__name__}: {' '.join(str(error).split())}")
        return None
    problem = _problem_of(model, kind)
    if problem:
        refuse(GROUP, kind.name, kind.model, problem)
        return None
    checked: type[Study] = model
    return checked


def _problem_of(model: Any, kind: StudyKind) -> str:
    if not (isinstance(model, type) and issubclass(model, Study)):
        return f"{kind.model} is no subclass of azibflow.campaigns.studies.base.Study"
    said = get_args(model.model_fields["kind"].annotation)
    if said != (kind.name,):
        return f'{kind.model} has to have the key kind: Literal["{kind.name}"]'
    return ""


if TYPE_CHECKING:
    AnyStudy: TypeAlias = Study
else:
    AnyStudy = Annotated[Union[tuple(study_models().values())], Field(discriminator="kind")]  # noqa: UP007
"""Any study, told apart by its kind."""
