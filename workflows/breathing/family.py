"""A family of hosts: several registries or faces of one pair, relaxed, and those that hold best gone on with."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt

from ...errors import StructureError
from ...structures.building import build_from_bulk
from ...structures.documents import StructureDocument
from ...structures.heterostructures import candidates, family, rigidly_alike
from ...structures.recipes import StructureRecipe
from ..common.results import Outcome, StudyLabel
from ..interfaces.results import InterfaceResult
from ..interfaces.sides import InterfaceGeometry, take_side
from .family_results import HostTried
from .tasks import BreathingSettings, BreathingTask


class HostFamily(BaseModel):
    """How many candidates of a heterostructure are relaxed, and which of them take ions."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    candidates: PositiveInt = Field(
        4,
        description="registries, or faces and turns of a cluster, that are relaxed; those equal by symmetry count once",
    )
    keep: PositiveInt = Field(1, description="most of them that ions are put into, the one that holds best first")
    window: PositiveFloat = Field(
        0.1,
        description="a further one is kept where its adhesion is less than this below the best, eV per cell; within "
        "0.1 eV the search of a host for its lowest state does not tell them apart",
    )


class Member(BaseModel):
    """A candidate as it is built, and which of the sides alone are its own."""

    number: int = Field(description="of the candidate")
    where: str = Field(description="where its film stands, in words")
    geometry: InterfaceGeometry = Field(description="as built")
    film: int = Field(description="number of its film among those of the family")
    support: int = Field(description="number of its support likewise")


class Family(BaseModel):
    """The candidates that touch differently, and their films and supports, each once."""

    members: list[Member] = Field(description="most interface bonds first")
    films: list[StructureDocument] = Field(description="that differ by more than a shift and a turn, in their cells")
    supports: list[StructureDocument] = Field(description="likewise")


def check_family(recipe: StructureRecipe, settings: BreathingSettings) -> None:
    """Refuse a host that has no family, and settings that one has no use for.

    Raises:
        StructureError: the host is no heterostructure, names one candidate, or its film or cell is not that of one.
    """
    problem = family_problem(recipe, settings)
    if problem is not None:
        raise StructureError(f"a breathing study {problem}")


def family_problem(recipe: StructureRecipe, settings: BreathingSettings) -> str | None:
    """Say why a host has no family, and what to do instead; none when it has one."""
    said = f"with hosts relaxes the candidates of a heterostructure, and {recipe.described}"
    if recipe.heterostructure is None:
        return f"{said} is none; remove hosts"
    if recipe.heterostructure.candidate:
        return f"{said} names candidate {recipe.heterostructure.candidate}; remove candidate, or hosts"
    if settings.film != "tagged" or settings.cell != "fixed":
        return f"{said} is held against its film and support in one cell; remove film and cell, or hosts"
    return None


def build_family(recipe: StructureRecipe, most: int) -> Family:
    """Build the candidates of a heterostructure that touch differently; nothing is relaxed.

    Args:
        recipe: of the heterostructure.
        most: how many.

    Raises:
        StructureError: the heterostructure or its edits cannot be built.
    """
    pair = recipe.heterostructure
    assert pair is not None  # callers have checked
    members: list[Member] = []
    films: list[StructureDocument] = []
    supports: list[StructureDocument] = []
    for built in family(candidates(pair.film, pair.support, pair), most):
        atoms = build_from_bulk(recipe, built.atoms, built.atoms)
        geometry = InterfaceGeometry.of(built).model_copy(
            update={"structure": StructureDocument.from_atoms(atoms, recipe.label)}
        )
        members.append(
            Member(
                number=built.number,
                where=built.placement.label,
                geometry=geometry,
                film=_place(take_side(geometry, "film"), films),
                support=_place(take_side(geometry, "support"), supports),
            )
        )
    return Family(members=members, films=films, supports=supports)


def _place(side: StructureDocument, known: list[StructureDocument]) -> int:
    """Return the number of a side among the known ones, to which it is added where it is none of them."""
    atoms = side.to_atoms()
    for number, other in enumerate(known):
        if rigidly_alike(atoms, other.to_atoms()):
            return number
    known.append(side)
    return len(known) - 1


def member_label(task: BreathingTask, number: int) -> StudyLabel:
    """Return the label of one candidate of a study."""
    label = task.label
    return label.model_copy(
        update={"study": f"{label.study}, candidate {number}", "place": (*label.place, number), "literature": ()}
    )


def tried_hosts(members: Sequence[Member], adhesions: Sequence[InterfaceResult], hosts: HostFamily) -> list[HostTried]:
    """Say of every candidate how it holds, and whether ions are put into it.

    The one that holds best is kept, bound or not, among those whose relaxations are results as long as there are any;
    others where they are bound and near it.

    Args:
        members: the candidates.
        adhesions: of each.
        hosts: how many are kept, and how near.
    """
    order = sorted(range(len(members)), key=lambda place: _rank(adhesions[place], members[place].number))
    best = adhesions[order[0]]
    near = [place for place in order[1:] if _is_near(adhesions[place], best, hosts.window)]
    kept = {order[0], *near[: hosts.keep - 1]}
    return [
        HostTried(
            number=member.number,
            where=member.where,
            outcome=held.outcome,
            reason=held.reason,
            bonds=held.bonds,
            adhesion_energy=held.adhesion_energy,
            work_of_adhesion=held.work_of_adhesion,
            charge_transfer=held.charge_transfer,
            kept=place in kept,
        )
        for place, (member, held) in enumerate(zip(members, adhesions, strict=True))
    ]


def tasks_of_kept(task: BreathingTask, tried: list[HostTried], hosts: HostFamily) -> dict[int, BreathingTask]:
    """Return the study of every candidate that is kept, by its number, the one that holds best first.

    Args:
        task: of the family.
        tried: its candidates.
        hosts: where only one is asked for, the study keeps its name.
    """
    kept = sorted((one for one in tried if one.kept), key=lambda one: -(one.adhesion_energy or 0.0))
    return {
        one.number: task.model_copy(
            update={
                "tried": tried,
                "candidate": one.number,
                "label": task.label
                if hosts.keep == 1
                else member_label(task, one.number).model_copy(update={"literature": task.label.literature}),
            }
        )
        for one in kept
    }


def _rank(held: InterfaceResult, number: int) -> tuple[bool, bool, float, int]:
    energy = held.adhesion_energy
    return (held.outcome is not Outcome.OK, energy is None, -round(energy or 0.0, 6), number)


def _is_near(held: InterfaceResult, best: InterfaceResult, window: float) -> bool:
    if held.outcome is not Outcome.OK or held.adhesion_energy is None or best.adhesion_energy is None:
        return False
    return held.adhesion_energy > 0 and best.adhesion_energy - held.adhesion_energy < window
