import logging
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from ase import Atoms
from ase.build import add_adsorbate, fcc100
from ase.calculators.calculator import Calculator
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms
from ase.mep import NEB
from ase.optimize import FIRE
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import CubicHermiteSpline

from azibflow.calculators import bands
from azibflow.calculators.bands import barrier, interpolate, minimum_energy_path, path_length
from azibflow.calculators.climbing import Watch
from azibflow.calculators.factory import make_calculator
from azibflow.calculators.optimization import Status
from azibflow.calculators.relaxation import relax
from azibflow.calculators.specs import ChgnetSpec
from azibflow.errors import StructureError


def gold_on_aluminium():
    """The hop of a gold atom between hollows of Al(100): relaxed endpoints, two layers fixed."""
    slab = fcc100("Al", size=(2, 2, 3))
    add_adsorbate(slab, "Au", 1.7, "hollow")
    slab.center(axis=2, vacuum=4.0)
    slab.set_constraint(FixAtoms([atom.index for atom in slab if atom.tag > 1]))
    initial = relax(slab, EMT(), fmax=0.01).atoms
    final = initial.copy()
    final.positions[-1, 0] += final.cell[0, 0] / 2
    return initial, relax(final, EMT(), fmax=0.01).atoms


@pytest.fixture(scope="module")
def hop():
    return gold_on_aluminium()


class Count:
    """Makes calculators and counts all their evaluations together."""

    def __init__(self):
        self.calls = 0

    def __call__(self):
        calculator = EMT()
        original = calculator.calculate

        def calculate(*args, **options):
            self.calls += 1
            original(*args, **options)

        calculator.calculate = calculate
        return calculator


def test_barrier_equals_that_of_a_plain_ase_band(hop):
    images = [hop[0].copy() for _ in range(6)] + [hop[1].copy()]
    for image in images:
        image.calc = EMT()
    band = NEB(images, climb=False, method="improvedtangent")
    band.interpolate(mic=True)
    FIRE(band, logfile=None).run(fmax=0.1)
    band.climb = True
    FIRE(band, logfile=None).run(fmax=0.02)
    energies = [image.get_potential_energy() for image in images]

    ours = minimum_energy_path(*hop, EMT, fmax=0.02)
    result = barrier(ours)
    assert ours.converged
    assert result.kind == "climbing image"
    assert result.forward == pytest.approx(max(energies) - energies[0], abs=0.002)
    assert 0.3 < result.forward < 0.5


def test_a_symmetric_hop_has_a_symmetric_profile(hop):
    band = minimum_energy_path(*hop, EMT, fmax=0.02)
    result = barrier(band)
    np.testing.assert_allclose(band.energies, band.energies[::-1], atol=0.003)
    steps = np.diff(band.path_length)
    np.testing.assert_allclose(steps, steps[::-1], atol=0.02)
    assert result.saddle == 3
    assert result.reaction_energy == pytest.approx(0.0, abs=1e-3)
    assert result.backward == pytest.approx(result.forward - result.reaction_energy)


@pytest.mark.parametrize("optimizer", ["BFGS", "FIRE"])
def test_an_image_is_evaluated_at_most_once_per_iteration(hop, optimizer):
    count = Count()
    band = minimum_energy_path(*hop, count, optimizer=optimizer)
    assert count.calls == band.force_calls <= 2 + 5 * band.iterations


def test_images_that_have_arrived_rest(hop):
    band = minimum_energy_path(*hop, EMT, fmax=0.02)
    climbing = band.phases[1]
    assert climbing.force_calls < 5 * climbing.iterations


def test_a_band_begins_with_the_curvature_of_its_bonds(hop):
    """With ASE's own BFGS and its Hessian of 70 eV/angstrom^2 the same band took 127 evaluations."""
    assert minimum_energy_path(*hop, EMT, fmax=0.02).force_calls <= 40


def test_images_carry_their_results_and_constraints(hop):
    band = minimum_energy_path(*hop, EMT)
    fixed = hop[0].constraints[0].index
    for image, energy in zip(band.images, band.energies, strict=True):
        assert image.get_potential_energy() == energy == pytest.approx(EMT().get_potential_energy(image), abs=1e-9)
        np.testing.assert_array_equal(image.positions[fixed], hop[0].positions[fixed])
        assert list(image.constraints[0].index) == list(fixed)
    assert band.endpoint_fmax <= 0.01


def test_fmax_is_that_of_the_climbing_band(hop):
    band = minimum_energy_path(*hop, EMT, spring=0.2)
    copies = [image.copy() for image in band.images]
    for image in copies:
        image.calc = EMT()
    neb = NEB(copies, k=0.2, climb=True, method="improvedtangent")
    assert band.fmax == pytest.approx(np.linalg.norm(neb.get_forces(), axis=1).max(), abs=1e-6)
    assert band.climbing == neb.imax


class Valley(Calculator):
    """A bent valley of one moving atom; the energy along it goes through given heights, flat at each.

    Energies and forces are single-precision numbers, as those of a network are, so that equal tops tie.
    """

    implemented_properties = ("energy", "forces")

    def __init__(self, places, heights):
        super().__init__()
        self.along = CubicHermiteSpline(places, heights, np.zeros(len(places)))

    def calculate(self, atoms=None, properties=None, system_changes=()):
        super().calculate(atoms, properties, system_changes)
        x, y, z = self.atoms.positions[-1]
        bend, slope = 0.8 * np.sin(np.pi * x / 4), 0.2 * np.pi * np.cos(np.pi * x / 4)
        forces = np.zeros_like(self.atoms.positions)
        forces[-1] = [4 * (y - bend) * slope - self.along(x, 1), -4 * (y - bend), -4 * z]
        energy = self.along(x) + 2 * (y - bend) ** 2 + 2 * z**2
        self.results = {"energy": float(np.float32(energy)), "forces": forces.astype(np.float32).astype(float)}


def through(places, heights, images, **options):
    start = Atoms("HZn", positions=[[0, 8, 0], [0, 0, 0]])
    end = Atoms("HZn", positions=[[0, 8, 0], [4, 0, 0]])
    band = minimum_energy_path(start, end, lambda: Valley(places, heights), images=images, fmax=0.02, **options)
    return band, barrier(band)


@pytest.mark.parametrize("images", [2, 3, 4, 5])
@pytest.mark.parametrize("dip", [0.3, 0.05])
def test_of_two_equal_tops_one_is_climbed(images, dip):
    band, result = through([0, 1, 2, 3, 4], [0, 0.5, dip, 0.5, 0], images)
    assert (result.kind, band.converged) == ("climbing image", True)
    assert result.forward == pytest.approx(0.5, abs=1e-3)
    # of an even number none stands in the dip, and the curve through those beside it is shallower
    assert result.intermediate < 0.4
    if images % 2:
        assert result.intermediate == pytest.approx(dip, abs=0.02)


@pytest.mark.parametrize("images", [2, 4])
def test_two_images_at_equal_height_beside_one_top_reach_it(images):
    _, result = through([0, 2, 4], [0, 0.5, 0], images)
    assert (result.kind, result.intermediate) == ("climbing image", None)
    assert result.forward == pytest.approx(0.5, abs=1e-3)


def test_a_higher_top_seen_between_images_is_climbed_after_the_first():
    # of five images the highest stands at the lower, wider top; the curve sees the narrow one behind it
    band, result = through([0, 1.2, 2.2, 2.6, 3.0, 4], [0, 0.5, 0.2, 0.7, 0.3, 0], 5)
    assert [phase.name for phase in band.phases] == ["band", "climbing", "saddle", "climbing", "saddle"]
    assert (result.kind, band.converged) == ("climbing image", True)
    assert result.forward == pytest.approx(0.7, abs=1e-3)


def test_the_saddle_settles_beyond_fmax_alone(hop):
    """At this fmax the forces leave 15 meV open; the saddle goes on until its energy stands in three digits."""
    loose = minimum_energy_path(*hop, EMT, images=3, fmax=0.3)
    tight = minimum_energy_path(*hop, EMT, images=3, fmax=0.005)
    assert loose.phases[-1].name == "saddle"
    assert loose.phases[-1].force_calls == loose.phases[-1].iterations > 0
    assert barrier(loose).forward == pytest.approx(barrier(tight).forward, abs=5e-4)
    assert loose.force_calls < tight.force_calls


def test_the_climbing_image_is_a_first_order_saddle(hop):
    """By second derivatives from central differences, free atoms only."""
    band = minimum_energy_path(*hop, EMT, images=3)
    saddle = band.images[band.climbing].copy()
    saddle.calc = EMT()
    free = [atom for atom in range(len(saddle)) if atom not in saddle.constraints[0].index]
    rows = []
    for atom in free:
        for axis in range(3):
            sides = []
            for shift in (0.01, -0.01):
                moved = saddle.copy()
                moved.positions[atom, axis] += shift
                moved.calc = EMT()
                sides.append(moved.get_forces()[free].ravel())
            rows.append((sides[1] - sides[0]) / 0.02)
    curvatures = np.linalg.eigvalsh((np.array(rows) + np.array(rows).T) / 2)
    assert curvatures[0] < -0.1 < 0.1 < curvatures[1]
    assert np.linalg.norm(saddle.get_forces(), axis=1).max() < 0.05


def test_what_endpoints_leave_open_is_said(hop):
    tight = minimum_energy_path(*hop, EMT, images=3)
    assert 0 < tight.left_open < 5e-4
    pushed = hop[0].copy()
    pushed.positions[-1, 2] += 0.05
    loose = minimum_energy_path(pushed, hop[1], EMT, images=3)
    missing = barrier(tight).forward - barrier(loose).forward
    assert missing > 2e-3
    assert missing / 3 < loose.left_open < 3 * missing
    assert minimum_energy_path(*hop, EMT, images=3, method="plain").left_open is None


def test_a_saddle_with_another_way_down_goes_back_and_is_kept(caplog):
    """A ridge between two valleys, tilted so little that a band on it has arrived."""

    class Ridge(Calculator):
        implemented_properties = ("energy", "forces")

        def calculate(self, atoms=None, properties=None, system_changes=()):
            super().calculate(atoms, properties, system_changes)
            x, y, z = self.atoms.positions[-1]
            top, slope = 0.5 * np.sin(np.pi * x / 4) ** 2, 0.125 * np.pi * np.sin(np.pi * x / 2)
            bend = 1 - y**2 + y**4 / 2
            forces = np.zeros_like(self.atoms.positions)
            forces[-1] = [-slope * bend, 2 * top * (y - y**3) + 0.03, -4 * z]
            self.results = {"energy": top * bend + 2 * z**2 - 0.03 * y, "forces": forces}

    start = Atoms("HZn", positions=[[0, 8, 0], [0, 0, 0]])
    end = Atoms("HZn", positions=[[0, 8, 0], [4, 0, 0]])
    band = minimum_energy_path(start, end, Ridge, images=3)
    assert (band.converged, barrier(band).kind) == (True, "climbing image")
    assert [phase.iterations > 0 for phase in band.phases if phase.name == "saddle"] == [True]
    assert abs(band.images[2].positions[-1, 1]) < 0.1
    assert barrier(band).forward == pytest.approx(0.5, abs=0.01)
    assert "there is another way down" in caplog.text


def test_a_top_between_an_endpoint_and_the_first_image_is_climbed():
    plain, _ = through([0, 0.3, 4], [0, 0.15, -1.0], 2, method="plain")
    assert plain.energies.argmax() == 0
    _, result = through([0, 0.3, 4], [0, 0.15, -1.0], 2)
    assert result.kind == "climbing image"
    assert result.forward == pytest.approx(0.15, abs=2e-3)


def test_a_band_that_stalls_says_so_and_what_may_help(caplog):
    class Restless(Valley):
        """A force across the valley that turns from call to call: no band can settle."""

        calls = 0

        def calculate(self, *arguments, **options):
            super().calculate(*arguments, **options)
            self.calls += 1
            self.results["forces"][-1, 2] += 0.5 * (-1) ** self.calls

    start = Atoms("HZn", positions=[[0, 8, 0], [0, 0, 0]])
    end = Atoms("HZn", positions=[[0, 8, 0], [4, 0, 0]])

    def restless():
        return Restless([0, 1, 2, 3, 4], [0, 0.5, 0.1, 0.5, 0])

    with caplog.at_level(logging.WARNING, "azibflow"):
        band = minimum_energy_path(start, end, restless, images=3, max_steps=45)
    assert not band.converged
    warning = caplog.records[0].getMessage()
    assert "has not fallen by a tenth for 15 steps" in warning
    assert "between two tops: relax the structure there and compute two hops" in warning


def test_forces_that_grow_are_told_at_once_and_once():
    watch = Watch()
    said = [watch.trouble(move, fmax) for move, fmax in enumerate([1.0, 0.3, 2.0, 3.1, 9.0, 0.2, 2.5])]
    assert [bool(words) for words in said] == [False, False, False, True, False, False, True]
    assert said[3] == "the largest force has grown from 0.300 to 3.100 eV/angstrom"


def test_a_band_that_converges_warns_of_nothing(hop, caplog):
    with caplog.at_level(logging.WARNING, "azibflow"):
        assert minimum_energy_path(*hop, EMT, images=4, fmax=0.02).converged
    assert not caplog.records


def test_a_plain_band_has_no_saddle_point(hop):
    band = minimum_energy_path(*hop, EMT, images=4, method="plain")
    result = barrier(band)
    assert (band.converged, band.climbing, result.kind) == (True, None, "highest image")
    # Four images leave none at the top; the curve through energies and forces still sees it.
    climbed = barrier(minimum_energy_path(*hop, EMT, images=4, fmax=0.02))
    assert result.forward < climbed.forward - 0.01
    assert result.interpolated_forward == pytest.approx(climbed.forward, abs=0.005)


def test_downhill_has_no_barrier_between_its_endpoints():
    class Slope(Calculator):
        implemented_properties = ("energy", "forces")

        def calculate(self, atoms=None, properties=None, system_changes=()):
            super().calculate(atoms, properties, system_changes)
            forces = np.zeros_like(self.atoms.positions)
            forces[-1, 0] = 0.5
            self.results = {"energy": -0.5 * self.atoms.positions[-1, 0], "forces": forces}

    start = Atoms("HZn", positions=[[0, 5, 0], [0, 0, 0]])
    end = Atoms("HZn", positions=[[0, 5, 0], [3, 0, 0]])
    result = barrier(minimum_energy_path(start, end, Slope, images=3))
    assert (result.kind, result.saddle) == ("endpoint", 0)
    assert (result.forward, result.backward, result.reaction_energy) == pytest.approx((0.0, 1.5, -1.5))


def test_too_few_steps_are_said(hop):
    band = minimum_energy_path(*hop, EMT, max_steps=1)
    assert (band.status, band.iterations, band.climbing) == (Status.MAX_STEPS, 2, None)
    assert barrier(band).kind == "highest image"


def test_interpolation_takes_the_short_way_and_keeps_a_half_cell_hop_as_given():
    start = Atoms("HZn", positions=[[1, 1, 1], [0.5, 5, 5]], cell=[8, 8, 8], pbc=True)
    across = start.copy()
    across.positions[1, 0] = 7.5
    path = interpolate(start, across, 3, "linear")
    np.testing.assert_allclose([image.positions[1, 0] for image in path], [0.5, 0.25, 0.0, -0.25, -0.5])
    for shift in (4.0, -4.0, 4.0 - 1e-9, -4.0 + 1e-9, 4.0 + 1e-9):
        half = start.copy()
        half.positions[1, 0] += shift
        assert interpolate(start, half, 1, "linear")[1].positions[1, 0] == pytest.approx(0.5 + shift / 2)


@given(
    shifts=st.lists(st.tuples(*[st.integers(-2, 2)] * 3), min_size=3, max_size=3),
    moves=st.lists(st.tuples(*[st.floats(-1.5, 1.5)] * 3), min_size=3, max_size=3),
)
def test_lattice_vectors_between_endpoints_change_nothing(shifts, moves):
    cell = [[6, 0, 0], [2, 7, 0], [0, 1, 8]]
    start = Atoms("HOZn", positions=[[0, 0, 0], [3, 3, 3], [1, 5, 6]], cell=cell, pbc=True)
    end = start.copy()
    end.positions += moves
    expected = interpolate(start, end, 2, "linear")
    end.positions += np.array(shifts) @ np.array(cell, dtype=float)
    for image, same in zip(interpolate(start, end, 2, "linear"), expected, strict=True):
        np.testing.assert_allclose(image.positions, same.positions, atol=1e-9)
    assert path_length(expected)[-1] == pytest.approx(np.linalg.norm(moves), abs=1e-9)


def test_idpp_keeps_atoms_apart_across_a_boundary():
    # Two atoms change places side by side, on both sides of a cell boundary: straight lines would nearly meet.
    start = Atoms("Zn2", positions=[[-1.0, 0.1, 0], [1.0, -0.1, 0]], cell=[9, 9, 9], pbc=True)
    start.wrap()
    end = start.copy()
    end.positions = [[1.0, 0.1, 0], [-1.0, -0.1, 0]]

    def nearest(path):
        return min(image.get_distance(0, 1, mic=True) for image in path)

    assert nearest(interpolate(start, end, 3, "linear")) < 0.3
    assert nearest(interpolate(start, end, 3, "idpp")) > 1.0


def test_path_length_crosses_boundaries():
    images = [
        Atoms("HZn", positions=[[0, 0, 0], [x % 5.0, 0, y]], cell=[5, 5, 5], pbc=True)
        for x, y in ((4.0, 0.0), (4.6, 0.8), (5.6, 0.8))
    ]
    np.testing.assert_allclose(path_length(images), [0.0, 1.0, 2.0])


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda atoms: atoms.pop(), "same atoms in the same order"),
        (lambda atoms: atoms.symbols.__setitem__(0, "Cu"), "same atoms in the same order"),
        (lambda atoms: atoms.set_cell(atoms.cell.array * 1.01), "same cell"),
        (lambda atoms: atoms.set_constraint(), "different constraints"),
        (lambda atoms: atoms.positions.__setitem__((0, 0), atoms.positions[0, 0] + 0.2), "atom 0 .Al. is fixed"),
    ],
)
def test_endpoints_of_different_systems_are_refused(hop, spoil, message):
    final = hop[1].copy()
    spoil(final)
    with pytest.raises(StructureError, match=message):
        minimum_energy_path(hop[0], final, EMT)


def test_a_hop_to_nowhere_is_refused(hop):
    with pytest.raises(StructureError, match="same structure"):
        minimum_energy_path(hop[0], hop[0].copy(), EMT)


def test_a_finished_band_costs_nothing_more(hop, tmp_path):
    path = tmp_path / "band.jsonl"
    first = minimum_energy_path(*hop, EMT, checkpoint=path)
    count = Count()
    again = minimum_energy_path(*hop, count, checkpoint=path)
    assert count.calls == 0
    assert again.replayed == again.force_calls == first.force_calls
    assert again.phases == first.phases
    np.testing.assert_array_equal(again.energies, first.energies)


def test_a_band_of_other_endpoints_or_images_is_not_continued(hop, tmp_path):
    path = tmp_path / "band.jsonl"
    minimum_energy_path(*hop, EMT, images=3, max_steps=2, checkpoint=path)
    assert minimum_energy_path(*hop, EMT, images=4, max_steps=2, checkpoint=path).replayed == 0
    moved = hop[0].copy()
    moved.positions[-1, 2] += 0.05
    assert minimum_energy_path(moved, hop[1], EMT, images=4, max_steps=2, checkpoint=path).replayed == 0


def test_a_journal_of_another_way_to_relax_a_band_is_begun_anew(hop, tmp_path, monkeypatch, caplog):
    path = tmp_path / "band.jsonl"
    monkeypatch.setattr(bands, "EVALUATIONS", "as before")
    minimum_energy_path(*hop, EMT, max_steps=2, checkpoint=path)
    monkeypatch.undo()
    band = minimum_energy_path(*hop, EMT, checkpoint=path)
    assert (band.replayed, band.converged) == (0, True)
    assert "belongs to another calculation and is started anew" in caplog.text
    assert minimum_energy_path(*hop, EMT, checkpoint=path).replayed == band.force_calls


PROGRAM = """
import sys, time
from pathlib import Path
from ase.calculators.calculator import Calculator
from ase.calculators.emt import EMT
from ase.io import read
from azibflow.calculators.bands import minimum_energy_path

ends = [read(sys.argv[1], index=i) for i in (0, 1)]
minimum_energy_path(*ends, EMT, checkpoint=Path(sys.argv[2]), progress=lambda step: time.sleep(0.1))
"""


def test_a_killed_band_reaches_the_same_barrier(hop, tmp_path):
    from ase.io import read, write

    ends, path = tmp_path / "ends.traj", tmp_path / "band.jsonl"
    write(ends, list(hop))
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(ends), str(path)])
    deadline = time.monotonic() + 60
    while not path.exists() or path.read_text().count("\n") < 20:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    hop = read(ends, index=0), read(ends, index=1)
    straight = minimum_energy_path(*hop, EMT)
    resumed = minimum_energy_path(*hop, EMT, checkpoint=path)
    assert 19 <= resumed.replayed < resumed.force_calls == straight.force_calls
    np.testing.assert_allclose(resumed.energies, straight.energies, atol=1e-7)


def test_one_network_serves_a_whole_band():
    made = []

    def factory():
        made.append(make_calculator(ChgnetSpec()))
        return made[-1]

    start = Atoms(
        "Zn2O2H",
        scaled_positions=np.array([[0, 0, 0], [0.5, 0.5, 0.5], [0, 0, 0.5], [0.5, 0.5, 0], [0.5, 0.1, 0.25]]),
        cell=[4.3, 4.3, 4.3],
        pbc=True,
    )
    end = start.copy()
    end.positions[4, 0] += 0.6
    band = minimum_energy_path(start, end, factory, images=2, max_steps=1)
    assert len({id(calculator) for calculator in made}) == 4
    assert len({id(calculator.network) for calculator in made}) == 1
    assert band.force_calls == 2 + 2 * band.iterations
