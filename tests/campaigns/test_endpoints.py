"""Studies between two structure files: what they are called, which keys they take, what the dry run finds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms
from ase.io import write
from ase.mep import NEB
from ase.optimize import BFGS, FIRE
from jobflow import run_locally
from monty.json import MontyEncoder

from azibflow.campaigns.files import dump_campaign, load_campaign
from azibflow.campaigns.flow import campaign_flow
from azibflow.campaigns.inputs import changed_structures
from azibflow.campaigns.plan import plan
from azibflow.cli.main import main
from azibflow.errors import CampaignError, StructureError
from azibflow.workflows.migration.results import MigrationResult

PERFECT = bulk("Al", cubic=True, a=4.05).repeat(2)
STUDY = "  - {kind: migration, endpoints: [before, after], band: {images: 3, fmax: 0.1}}"


def dry_run(path: Path) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["run", str(path), "--dry-run"])
    return ended.value.code


def vacancies() -> tuple[Atoms, Atoms]:
    """Return aluminium without one atom, and without one of its neighbours that stands far from it in the list."""
    initial, final = PERFECT.copy(), PERFECT.copy()
    del initial[0]
    neighbours = [i for i in range(1, 32) if PERFECT.get_distance(0, i, mic=True) < 3.0]
    del final[neighbours[-1]]
    return initial, final


def campaign(folder: Path, studies: str = STUDY, ends: tuple[Atoms, Atoms] | None = None) -> Path:
    for name, atoms in zip(("a.vasp", "b.vasp"), ends or vacancies(), strict=True):
        write(folder / name, atoms)
    path = folder / "hop.yaml"
    path.write_text(
        f"""\
name: hop
calculator: {{kind: ase, calculator: "ase.calculators.emt:EMT"}}
relax: {{fmax: 0.05}}
systems:
  before: {{file: a.vasp}}
  after: {{file: b.vasp}}
studies:
{studies}
"""
    )
    return path


def test_a_vacancy_pair_from_files_is_one_hop_with_the_barrier_of_neighbours(tmp_path: Path) -> None:
    """Two files that list the atoms of a perfect cell but one: right is the one atom that hops into the vacancy."""
    flow = campaign_flow(load_campaign(campaign(tmp_path)))
    responses = run_locally(flow, log=False, root_dir=tmp_path, ensure_success=True)
    outputs = [response.output for by_index in responses.values() for response in by_index.values()]
    result = next(output for output in outputs if isinstance(output, MigrationResult))
    assert (result.study, result.host, result.ion) == ("Al from before to after", "Al30", "Al")
    assert result.hop == "before to after, 2.86 A"
    assert result.barrier_forward == pytest.approx(neighbour_hop(), abs=0.01)
    assert result.pairing.startswith("atoms of the second endpoint reordered")


def neighbour_hop() -> float:
    """Barrier of the same hop, the atoms in one order from the beginning, by ASE alone."""
    initial, _ = vacancies()
    final = initial.copy()
    distances = PERFECT.get_distances(0, range(32), mic=True, vector=True)
    mover = int(np.flatnonzero(np.linalg.norm(distances, axis=1) < 3.0)[-1])
    final.positions[mover - 1] -= distances[mover]
    for end in (initial, final):
        end.calc = EMT()
        BFGS(end, logfile=None).run(fmax=0.02)
    images = [initial.copy() for _ in range(4)] + [final.copy()]
    band = NEB(images, method="improvedtangent", k=0.1)
    band.interpolate(mic=True)
    for image in images:
        image.calc = EMT()
    FIRE(band, logfile=None).run(fmax=0.2)
    band.climb = True
    assert FIRE(band, logfile=None).run(fmax=0.05)
    energies = [image.get_potential_energy() for image in images]
    return max(energies) - energies[0]


@pytest.mark.parametrize(
    ("study", "message"),
    [
        ("endpoints: [before, after], hops: {max_hops: 2}", "hops: belongs to a host"),
        ("endpoints: [before, after], cell: relaxed", "cell: belongs to a host"),
        ("endpoints: [before, before]", "both are 'before'"),
        ("system: before, pairing: nearest", "pairing: belongs to endpoints"),
        ("endpoints: [before, after], pairing: listed", "line 8"),
    ],
)
def test_a_key_without_a_meaning_is_refused(tmp_path: Path, study: str, message: str) -> None:
    with pytest.raises(CampaignError, match=message):
        load_campaign(campaign(tmp_path, f"  - {{kind: migration, {study}}}"))


def test_the_ion_named_is_the_one_that_hops(tmp_path: Path) -> None:
    study = "  - {kind: migration, endpoints: [before, after], ion: Na}"
    with pytest.raises(StructureError, match=r"ion: Na hardly moves between before \(.*a.vasp\).* is Al"):
        plan(load_campaign(campaign(tmp_path, study)))
    plan(load_campaign(campaign(tmp_path, study.replace("Na", "Al"))))


def with_hydrogen(shift: float) -> Atoms:
    """Return copper with hydrogen in a hole, and one copper atom that moves farther than the hydrogen."""
    atoms = bulk("Cu", cubic=True).repeat(2)
    atoms.append("H")
    atoms.positions[-1] = (1.8 + shift, 0, 0)
    atoms.positions[7, 2] += 1.4 * shift
    return atoms


def test_an_ion_that_moves_less_than_another_atom_can_be_chosen(tmp_path: Path) -> None:
    ends = with_hydrogen(0.0), with_hydrogen(0.7)
    study = "  - {kind: migration, endpoints: [before, after]%s}"
    for ion, found in (("", "Cu in"), (", ion: H", "H in")):
        first = plan(load_campaign(campaign(tmp_path, study % ion, ends)))[0]
        assert first.task.startswith(found)


def test_two_studies_between_other_endpoints_are_called_otherwise(tmp_path: Path) -> None:
    back = STUDY.replace("before, after", "after, before")
    path = campaign(tmp_path, f"{STUDY}\n{back}")
    names = [flow.name for flow in campaign_flow(load_campaign(path)).jobs]
    assert names == [
        "Al from before to after: before to after, 2.86 A",
        "Al from after to before: after to before, 2.86 A",
    ]


def test_a_host_study_names_its_ion_when_written_down(tmp_path: Path) -> None:
    """The text kept in a run folder has every default, and an earlier version named zinc."""
    text = dump_campaign(load_campaign(campaign(tmp_path, "  - {kind: migration, system: before}")))
    assert "ion: Zn" in text


def test_a_second_endpoint_in_another_order_is_no_changed_file(tmp_path: Path) -> None:
    """A run that kept no hashes embeds it in the order of the first, so that its file gives none of its structures."""
    loaded = load_campaign(campaign(tmp_path))
    flow = json.loads(json.dumps(campaign_flow(loaded).as_dict(), cls=MontyEncoder))
    assert changed_structures(loaded, flow) == []
    write(tmp_path / "a.vasp", PERFECT)
    assert changed_structures(loaded, flow) == [tmp_path / "a.vasp"]


def test_the_dry_run_says_which_pairing_was_taken(tmp_path: Path, capsys) -> None:
    assert dry_run(campaign(tmp_path)) == 0
    assert "atoms of the second endpoint reordered: " in capsys.readouterr().out
    given = STUDY.replace("band:", "pairing: as-given, band:")
    exchanged = PERFECT[[1, 0, *range(2, 32)]]
    assert dry_run(campaign(tmp_path, given, (PERFECT, exchanged))) == 0
    assert "atoms as given, as asked (2 atoms move more than 1 angstrom" in capsys.readouterr().out
    assert dry_run(campaign(tmp_path, given)) == 2
    assert "say pairing: nearest" in capsys.readouterr().err


def test_cells_of_other_last_digits_are_computed(tmp_path: Path) -> None:
    initial, final = vacancies()
    final.set_cell(final.cell.array + np.diag([5e-4, 0, 0]), scale_atoms=True)
    loaded = load_campaign(campaign(tmp_path, ends=(initial, final)))
    (start,) = loaded.studies[0].starts(loaded.contexts()[0])
    assert start.final.cell == start.initial.cell
    assert "to the cell of the first" in start.pairing


@pytest.mark.parametrize("problem", ["fixed", "cell"])
def test_the_dry_run_refuses_what_a_band_would_by_the_names_of_the_files(tmp_path: Path, problem: str, capsys) -> None:
    initial, final = vacancies()
    if problem == "fixed":
        initial.set_constraint(FixAtoms([0, 1]))
    else:
        final.set_cell(final.cell.array * 1.001, scale_atoms=True)
    path = campaign(tmp_path, ends=(initial, final))
    assert dry_run(path) == 2
    words = capsys.readouterr().err
    assert all(name in words for name in ("a.vasp", "b.vasp"))
