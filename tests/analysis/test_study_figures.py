"""Figures of adsorption, surface and interface studies and of surrogates: the numbers and words that are drawn."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from ase import Atoms
from ase.build import add_adsorbate, fcc111

from azibflow.analysis.figures.adsorption import adsorption_figure, by_stability, plot_adsorption
from azibflow.analysis.figures.interface import draw_interface, interface_figure, plot_interfaces
from azibflow.analysis.figures.site_map import TopView, place_of_adsorbate
from azibflow.analysis.figures.surface import facet_energies, plot_surfaces, surface_figure
from azibflow.analysis.figures.surrogate import plot_surrogates, surrogate_figure
from azibflow.analysis.stored import load_results
from azibflow.calculators.records import CalculatorRecord
from azibflow.calculators.specs import AseSpec
from azibflow.calculators.surrogates.card import read_card
from azibflow.calculators.surrogates.trust import Trust
from azibflow.errors import AzibflowError
from azibflow.structures.documents import StructureDocument
from azibflow.workflows.adsorption.results import AdsorptionCorrection, AdsorptionResult
from azibflow.workflows.common.results import Outcome
from azibflow.workflows.interfaces.results import InterfaceResult
from azibflow.workflows.surfaces.results import SurfaceResult
from azibflow.workflows.surrogate.publication import SurrogateResult

KEPT = Path(__file__).parents[2] / "examples" / "results"
EMT = CalculatorRecord(spec=AseSpec(calculator="ase.calculators.emt:EMT"), versions={})
TRUST = Trust(
    member_energies=(1.0, 1.2),
    energy_scale=2.0,
    force_deviation=0.1,
    largest_known=0.2,
    distance=1.0,
    farthest_known=2.0,
)
"""One sigma of 0.2 sqrt(2) eV."""


def widths(panel: mpl.axes.Axes) -> list[float]:
    return [round(bar.get_width(), 4) for bar in panel.patches]


def words(axis_labels: Sequence[mpl.text.Text]) -> list[str]:
    return [label.get_text() for label in axis_labels]


def legend(figure: mpl.figure.Figure) -> list[str]:
    (part,) = figure.subfigs
    return [text.get_text() for one in part.legends for text in one.get_texts()]


def texts(path: Path) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text())


@pytest.fixture(scope="module")
def slab() -> Atoms:
    """Cu(111) of 2 x 2, its vacuum above and its origin at an atom of the lowest layer."""
    return fcc111("Cu", size=(2, 2, 3), a=3.6, vacuum=6.0)


@pytest.fixture(scope="module")
def oxygen(slab: Atoms, zn_on_graphene: AdsorptionResult) -> AdsorptionResult:
    """O on two sites with energies of -2 and -1 eV by two members and a better method, and one that dissociated."""
    rows = []
    for site, energy, outcome in (
        ("ontop", -1.0, Outcome.OK),
        ("fcc", -2.0, Outcome.OK),
        ("hcp", -5.0, Outcome.FAILED),
    ):
        relaxed = slab.copy()
        add_adsorbate(relaxed, "O", 1.5, site)
        better = AdsorptionCorrection(calls=1, seconds=1.0, energy=energy, e_ads_vs_molecule=energy - 0.25)
        rows.append(
            zn_on_graphene.rows[0].model_copy(
                update={
                    "site": site,
                    "orientation": "O",
                    "outcome": outcome,
                    "energy": energy,
                    "e_ads_vs_bulk": None,
                    "e_ads_vs_molecule": energy,
                    "opinions": [better.model_copy(update={"e_ads_vs_molecule": energy + 0.5})],
                    "correction": better,
                    "structure": StructureDocument.from_atoms(relaxed, "O on Cu"),
                }
            )
        )
    bare = zn_on_graphene.bare.model_copy(update={"structure": StructureDocument.from_atoms(slab, "Cu(111)")})
    reference = zn_on_graphene.reference.model_copy(update={"state": "H2O(g) -1 H2(g)", "cohesive_energy": None})
    changes = {"rows": rows, "bare": bare, "reference": reference, "adsorbate": "O", "literature": ()}
    return zn_on_graphene.model_copy(update=changes)


def test_the_most_stable_site_comes_first_and_what_is_no_result_last(zn_on_graphene: AdsorptionResult) -> None:
    assert [row.site for row in by_stability(zn_on_graphene)] == [
        "hollow",
        "top-C",
        "hollow-3",
        "hollow-2",
        "bridge",
        "hollow-4",
    ]
    energies, _ = adsorption_figure([zn_on_graphene]).axes
    assert widths(energies) == [0.7, 0.82, 0.5, 0.69, 1.3]


def test_bars_of_adsorption_say_how_they_ended(zn_on_graphene: AdsorptionResult) -> None:
    figure = adsorption_figure([zn_on_graphene])
    energies, site_map = figure.axes
    assert words(energies.get_yticklabels())[:6] == [
        "hollow\N{EN SPACE}1",
        "top-C\N{EN SPACE}2",
        "hollow-3, unconverged\N{EN SPACE}3",
        "hollow-2, merged\N{EN SPACE}4",
        "bridge, desorbed\N{EN SPACE}5",
        "hollow-4, failed\N{EN SPACE}6",
    ]
    assert [bool(bar.get_hatch()) for bar in energies.patches] == [False, False, True, True, True]
    assert energies.patches[0].get_facecolor() != energies.patches[1].get_facecolor()
    assert "no energy" in words(energies.texts)
    assert energies.get_xlabel() == "adsorption energy (eV)\nagainst bulk Zn, cell relaxed, per atom"
    assert {"most stable", "not a result", "published, reference unknown"} <= set(legend(figure))
    assert site_map.get_xlabel() == "no structure of 1, 2, 3, 4, 5, 6"


def test_published_numbers_stand_below_the_bars_that_name_them(zn_on_graphene: AdsorptionResult) -> None:
    """Of the two keys one has an ordering instead of a number."""
    energies, _ = adsorption_figure([zn_on_graphene]).axes
    (published,) = [line for line in energies.lines if line.get_marker() == "D"]
    assert (published.get_xdata()[0], published.get_ydata()[0]) == (-4.83, 6)
    assert words(energies.get_yticklabels())[6:] == ["carbon-Zn²⁺"]
    low, high = energies.get_xlim()
    assert low < -4.83 and high > 1.3


def test_error_bars_are_those_of_the_ensemble_and_a_better_method_stands_beside(oxygen: AdsorptionResult) -> None:
    figure = adsorption_figure([oxygen.model_copy(update={"ensemble": [], "rows": oxygen.rows[:2]})])
    energies, _ = figure.axes
    assert widths(energies) == [-2.0, -1.0]
    errors = [np.ptp(bar.get_segments()[0][:, 0]) for bar in energies.collections]
    assert errors == pytest.approx([2 * 0.5 / 2**0.5] * 2)
    assert [line.get_xdata()[0] for line in energies.lines if line.get_marker() == "o"] == [-2.25, -1.25]
    assert "corrected by the better method" in legend(figure)
    assert energies.get_xlabel().endswith("against H₂O(g) \N{MINUS SIGN} H₂(g)")


def test_many_surfaces_stand_in_columns_with_the_most_stable_sites_of_each(oxygen: AdsorptionResult) -> None:
    """Five with ten sites each: three lines of two, eight bars each, no taller than twice its width."""
    many = oxygen.model_copy(update={"rows": [oxygen.rows[0], *oxygen.rows[1:2] * 9]})
    figure = adsorption_figure([many] * 5)
    width, height = figure.get_size_inches()
    assert (width, height < 2 * width) == (pytest.approx(4 * 3.3), True)
    assert [len(one.patches) for one in figure.axes[::2]] == [8] * 5
    titles = [cell.get_suptitle() for line in figure.subfigs for cell in line.subfigs]
    assert [title for title in titles if title] == [f"{many.study}; the first 8 of 10"] * 5
    assert adsorption_figure([many] * 4).get_size_inches()[0] == pytest.approx(2 * 3.3)


def test_labels_of_the_map_stand_where_the_adsorbate_ended(oxygen: AdsorptionResult, slab: Atoms) -> None:
    _, site_map = adsorption_figure([oxygen]).axes
    at = {text.get_text(): np.array(text.get_position()) for text in site_map.texts}
    assert sorted(at) == ["1", "2", "3"]
    view = TopView.of(oxygen.bare.structure)
    top, fcc = (place_of_adsorbate(oxygen.rows[i].structure, len(slab)) for i in (0, 1))
    highest = view.places[view.places[:, 2] > view.places[:, 2].max() - 0.1][:, :2]
    assert np.linalg.norm(highest - top, axis=1).min() == pytest.approx(0.0, abs=1e-6)
    assert np.sort(np.linalg.norm(highest - fcc, axis=1))[0] == pytest.approx(3.6 / 6**0.5, abs=1e-6)
    assert at["2"] == pytest.approx(view.within(top[None])[0], abs=1e-6)
    assert at["1"] == pytest.approx(view.within(fcc[None])[0], abs=1e-6)
    assert site_map.get_aspect() == 1.0


def test_rows_that_ended_in_one_place_share_a_label_also_across_the_edge_of_the_cell(oxygen: AdsorptionResult) -> None:
    atoms = oxygen.rows[0].structure.to_atoms()
    atoms.positions[-1] += atoms.cell[0] + 0.01
    moved = oxygen.rows[0].model_copy(
        update={"structure": StructureDocument.from_atoms(atoms, "O on Cu"), "energy": 0.0}
    )
    _, site_map = adsorption_figure([oxygen.model_copy(update={"rows": [*oxygen.rows[:2], moved]})]).axes
    assert sorted(words(site_map.texts)) == ["1", "2, 3"]


def test_of_a_large_cell_only_what_is_around_the_places_is_shown(oxygen: AdsorptionResult) -> None:
    atoms = oxygen.bare.structure.to_atoms() * (6, 6, 1)
    view = TopView.of(StructureDocument.from_atoms(atoms, "Cu"))
    left, right, bottom, top = view.frame(np.array([[9.0, 8.0], [10.0, 9.0]]))
    assert (right - left, top - bottom) == pytest.approx((10.0, 10.0))
    shown, _ = view.repeated((left, right, bottom, top))
    assert 20 < len(shown) < len(atoms) / 2
    left, right, *_ = view.frame(np.zeros((0, 2)))
    assert right - left > np.linalg.norm(view.cell[0])


def test_a_slab_across_the_edge_of_its_cell_is_seen_from_above(oxygen: AdsorptionResult) -> None:
    atoms = oxygen.bare.structure.to_atoms()
    atoms.positions[:, 2] -= 8.0
    atoms.wrap()
    heights = TopView.of(StructureDocument.from_atoms(atoms, "Cu")).places[:, 2]
    assert np.ptp(heights) == pytest.approx(2 * 3.6 / 3**0.5, abs=1e-3)


def test_surface_energies_have_a_bar_for_each_slab(zinc_facets: SurfaceResult) -> None:
    figure = surface_figure([zinc_facets])
    energies, shape = figure.axes
    assert widths(energies) == [0.2621, 0.2584, 0.41, 0.66, 0.5, 0.6]
    assert words(energies.get_yticklabels())[:3] == ["(001), 6 layers", "(001), 8 layers", "(100) t0, 8 layers"]
    assert words(energies.get_yticklabels())[3] == "(100) t1, 8 layers"
    assert [bool(bar.get_hatch()) for bar in energies.patches].index(True) == 4
    assert energies.get_xlabel() == "surface energy (J/m²)"
    assert {"lowest facet", "thinner slabs", "not a result"} <= set(legend(figure))
    assert [line.get_xdata()[0] for line in energies.lines if line.get_marker() == "D"] == [0.38]
    assert facet_energies(zinc_facets) == {(0, 0, 1): 0.2584, (1, 0, 0): 0.41, (1, -2, 0): 0.6}
    assert shape.get_title() == "Wulff shape"


def test_the_wulff_shape_has_the_share_of_each_facet(zinc_facets: SurfaceResult) -> None:
    """A hexagonal prism: 2 faces of 2 sqrt(3) r^2, 6 of (2 r / sqrt(3)) h with h = 2 x 0.2584 and r = 0.41."""
    prism = hexagonal(zinc_facets)
    _, shape = surface_figure([prism]).axes
    ends, sides = 2 * 2 * 3**0.5 * 0.41**2, 6 * 2 * 0.41 / 3**0.5 * 2 * 0.2584
    (legend_of_shape,) = [child for child in shape.get_children() if isinstance(child, mpl.legend.Legend)]
    assert words(legend_of_shape.get_texts()) == [
        f"(001) {100 * ends / (ends + sides):.0f} %",
        f"(100) {100 * sides / (ends + sides):.0f} %",
        "(1-20) not on it",
    ]
    (faces,) = shape.collections
    assert len(faces.get_paths()) == 4  # one end and three sides look at the viewer


def hexagonal(result: SurfaceResult) -> SurfaceResult:
    """Put the facets on hcp zinc, whose symmetry the handmade bulk has not."""
    from ase.build import bulk

    zinc = StructureDocument.from_atoms(bulk("Zn", "hcp", a=2.66, c=5.0), "Zn")
    return result.model_copy(update={"bulk": result.bulk.model_copy(update={"structure": zinc})})


def test_facets_that_close_no_shape_say_so(zinc_facets: SurfaceResult) -> None:
    rows = [
        row.model_copy(update={"miller": (1, 0, 0) if row.miller[0] == 0 else (1, -2, 0)}) for row in zinc_facets.rows
    ]
    _, shape = surface_figure([hexagonal(zinc_facets.model_copy(update={"rows": rows}))]).axes
    assert "do not close a shape" in " ".join(" ".join(words(shape.texts)).split())


def test_one_facet_has_no_panel_for_a_shape_and_error_bars_are_in_its_unit(zinc_facets: SurfaceResult) -> None:
    row = zinc_facets.rows[1].model_copy(update={"trust": TRUST})
    (energies,) = surface_figure([zinc_facets.model_copy(update={"rows": [row]})]).axes
    (bar,) = energies.collections
    sigma = 0.2 * 2**0.5 * 16.02176634 / (2 * 6.1507)
    assert np.ptp(bar.get_segments()[0][:, 0]) == pytest.approx(2 * sigma)


@pytest.fixture(scope="module")
def interfaces() -> list[InterfaceResult]:
    return load_results([KEPT / "interfaces"], InterfaceResult)


def test_interfaces_say_their_bonds_and_their_strain(interfaces: list[InterfaceResult]) -> None:
    failed = interfaces[2].model_copy(update={"outcome": Outcome.UNCONVERGED, "trust": TRUST})
    (panel,) = interface_figure([*interfaces[:2], failed, *interfaces[3:]]).axes
    assert widths(panel) == [round(one.work_of_adhesion or 0.0, 4) for one in interfaces]
    names = words(panel.get_yticklabels())
    assert names[0] == "V₈O₁₆/graphene\n3 V-O-C bonds, no strain"
    assert names[2] == "V₈O₁₆/RuO₂, unconverged\n7 V-O-Ru bonds, no strain"
    assert names[3] == "V₂O₅/graphene\nno bond, film \N{MINUS SIGN}4.7 %"
    assert [bool(bar.get_hatch()) for bar in panel.patches].index(True) == 2
    assert panel.get_xlabel() == "work of adhesion (J/m²)"
    assert "\N{MINUS SIGN}0.16" in words(panel.texts)
    (error,) = panel.collections
    sigma = 0.2 * 2**0.5 / failed.area * 16.02176634
    assert np.ptp(error.get_segments()[0][:, 0]) == pytest.approx(2 * sigma)


def test_errors_of_a_surrogate_are_those_of_its_card() -> None:
    card = read_card("zn-water")
    figure = surrogate_figure([SurrogateResult(study="s", card=card, folder="f", refused=[], calculator=EMT)])
    energy, relative, force = figure.axes
    assert widths(energy)[0] == 1.7851
    assert widths(relative)[:2] == [0.0167, 0.0156]
    assert widths(force)[0] == 0.0197
    assert words(energy.get_yticklabels())[:2] == ["all (63)", "[Zn(H₂O)₄]²⁺ (31)"]
    assert force.get_xlabel() == "error of force component\n(eV/Å)"
    assert figure.subfigs[0].get_suptitle().startswith("zn-water on systems kept from training\n")


def test_numbers_that_no_axis_can_show_are_none(oxygen: AdsorptionResult, zinc_facets: SurfaceResult) -> None:
    rows = [oxygen.rows[0].model_copy(update={"e_ads_vs_molecule": float("nan")}), oxygen.rows[1]]
    energies, _ = adsorption_figure([oxygen.model_copy(update={"rows": rows})]).axes
    assert widths(energies) == [-2.0]
    assert "no energy" in words(energies.texts)
    facets = [row.model_copy(update={"gamma": float("inf")}) for row in zinc_facets.rows]
    (gammas,) = surface_figure([zinc_facets.model_copy(update={"rows": facets})]).axes
    assert not gammas.patches
    for figure in (adsorption_figure([oxygen.model_copy(update={"rows": []})]), surface_figure([no_rows(zinc_facets)])):
        figure.draw_without_rendering()


def no_rows(result: SurfaceResult) -> SurfaceResult:
    """Take all rows away."""
    return result.model_copy(update={"rows": []})


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_same_results_give_the_same_bytes(
    oxygen: AdsorptionResult, zinc_facets: SurfaceResult, tmp_path: Path, ending: str
) -> None:
    for name in ("one", "two"):
        with mpl.rc_context({"font.size": 20} if name == "two" else {}):
            plot_adsorption([oxygen, oxygen], tmp_path / f"{name}-a.{ending}")
            plot_surfaces([hexagonal(zinc_facets)], tmp_path / f"{name}-s.{ending}")
    for kind in "as":
        one, two = (tmp_path / f"{name}-{kind}.{ending}" for name in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


def test_names_are_no_formulas_of_tex(oxygen: AdsorptionResult, tmp_path: Path) -> None:
    plot_adsorption([oxygen.model_copy(update={"study": "100$ & <x>", "surface": r"$\nonsense{"})], tmp_path / "a.svg")
    found = texts(tmp_path / "a.svg")
    assert "100$ &amp; &lt;x&gt;" in found
    assert r"where each ended on $\nonsense{" in found


def test_the_command_draws_what_the_function_draws(interfaces: list[InterfaceResult], tmp_path: Path) -> None:
    draw_interface([KEPT / "interfaces"], [tmp_path / "a.svg"])
    plot_interfaces(interfaces, tmp_path / "b.svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_nothing_to_draw_is_a_clear_error(tmp_path: Path) -> None:
    for plot in (plot_adsorption, plot_surfaces, plot_interfaces, plot_surrogates):
        with pytest.raises(AzibflowError, match=r"there is no .* result to draw"):
            plot([], tmp_path / "a.svg")
