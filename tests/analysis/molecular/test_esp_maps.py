"""Surfaces come back from the folders of their jobs, or say clearly why not."""

import numpy as np
import pytest
from ase import Atoms

from azibflow.analysis.figures.esp_maps import bonds, grid, load_maps
from azibflow.analysis.stored import load_located
from azibflow.errors import RunError
from azibflow.hpc.run_folder import RunFolder
from azibflow.workflows.molecular.desolvation_results import DesolvationResult
from azibflow.workflows.molecular.esp import EspResult


def test_surfaces_are_read_from_the_folders_of_their_jobs(run):
    one, two = load_maps([run])
    assert [one.title, two.title] == ["H2O", "NH4+"]
    assert one.values.max() == pytest.approx(one.result.statistics.maximum.value, abs=1e-4)
    assert one.highest.position[2] == pytest.approx(2.0, abs=0.01)
    assert np.linalg.norm(two.vertices, axis=1) == pytest.approx(2.0, abs=1e-5)
    assert one.atoms.get_chemical_symbols() == ["O", "H", "H"]


def test_names_that_occur_twice_carry_their_study(run):
    assert [one.title for one in load_maps([run, run])][::2] == ["H2O, ESP", "H2O, ESP"]


def test_missing_file_is_one_clear_error(run):
    path = RunFolder(run).job_folder(("u3", 1)) / "surface.npz"
    path.unlink()
    with pytest.raises(RunError, match=r"u3-1/surface\.npz \(isodensity surface\) is missing"):
        load_maps([run])


def test_changed_file_is_one_clear_error(run):
    path = RunFolder(run).job_folder(("u4", 1)) / "surface.npz"
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(RunError, match=r"u4-1/surface\.npz .*has changed since its job wrote it"):
        load_maps([run])


def test_store_alone_has_no_files(run):
    with RunFolder.open(run).documents() as store:
        (located, _) = load_located([store], EspResult)
    with pytest.raises(RunError, match="name the run folder"):
        located.file(located.result.files[0])


def test_result_without_a_surface_says_so(run, monkeypatch):
    monkeypatch.setattr("azibflow.analysis.figures.esp_maps.load_located_named", lambda *_: _without_files(run))
    with pytest.raises(RunError, match="names no file with its surface"):
        load_maps([run])


def _without_files(run):
    (one, _) = load_located([run], EspResult)
    return [type(one)(one.result.model_copy(update={"files": []}), one.folder)]


def test_ladders_are_told_apart_by_place_and_members(run, ladder):
    (located,) = load_located([run], DesolvationResult)
    assert located.result == ladder()
    assert located.folder == RunFolder(run).job_folder(("u0", 1))


def test_metals_are_joined_to_donors_only():
    atoms = Atoms("ZnOSH", [(0, 0, 0), (2.2, 0, 0), (0, 2.7, 0), (2.2, 0.96, 0)])
    assert bonds(atoms) == [(0, 1), (1, 3)]


@pytest.mark.parametrize(("count", "expected"), [(1, (1, 1)), (3, (1, 3)), (4, (2, 2)), (5, (2, 3)), (7, (3, 3))])
def test_panels_leave_few_places_empty(count, expected):
    assert grid(count) == expected
