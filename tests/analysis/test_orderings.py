"""Published orders against tables: which systems stand for which, what holds, and what is said of the rest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from maggma.stores import MemoryStore

from azibflow.analysis.report import content
from azibflow.analysis.report.page import page
from azibflow.analysis.stored import load_results
from azibflow.analysis.tables.adsorption import adsorption_table
from azibflow.analysis.tables.binding import binding_table
from azibflow.analysis.tables.declared import Declared
from azibflow.analysis.tables.desolvation import desolvation_table
from azibflow.analysis.tables.migration import barriers_table
from azibflow.analysis.tables.model import Column
from azibflow.analysis.tables.orderings import ordering_verdicts
from azibflow.analysis.tables.provenance import describe
from azibflow.analysis.tables.registry import published_orderings, table_of
from azibflow.analysis.tables.surface import surfaces_table
from azibflow.analysis.tables.system_rows import forms
from azibflow.analysis.tables.verdicts import Holds
from azibflow.calculators.records import CalculatorRecord
from azibflow.calculators.specs import AseSpec, ChgnetSpec, WeightsRecord
from azibflow.cli.main import main
from azibflow.data.literature import published_values
from azibflow.studies import BUILT_IN, study_kinds
from azibflow.workflows.common.results import Outcome
from azibflow.workflows.molecular.binding import BindingResult
from azibflow.workflows.molecular.desolvation_results import DesolvationResult, DesolvationStep
from azibflow.workflows.molecular.orbitals import OrbitalsResult

UNKNOWN = CalculatorRecord(spec=AseSpec(calculator="ase.calculators.emt:EMT"), versions={})
RESULTS = Path(__file__).parent.parent.parent / "examples" / "results"


def by_a_code(result):
    """Return the same as a code would have it, between whose numbers convergence decides."""
    return result.model_copy(update={"calculator": UNKNOWN})


@pytest.fixture
def hop(hop):
    """Make hops by a code."""
    return lambda **changes: hop(**{"calculator": UNKNOWN} | changes)


@pytest.fixture(scope="session")
def zn_on_graphene(zn_on_graphene):
    return by_a_code(zn_on_graphene)


@pytest.fixture(scope="session")
def zinc_facets(zinc_facets):
    return by_a_code(zinc_facets)


def judged(kind, table, results, published=None, asked=()):
    records = {describe(result.calculator): result.calculator for result in results}
    found = ordering_verdicts(table, study_kinds()[kind].system_rows, published or {}, asked, records)
    return {verdict.key: verdict for verdict in found}


def barriers(hop, published=None, asked=(), **by_host):
    results = [
        hop(
            study=f"Zn in {host}",
            host=host,
            literature=[],
            **(said if isinstance(said, dict) else {"barrier_forward": said}),
        )
        for host, said in by_host.items()
    ]
    return judged("migration", barriers_table(results), results, published, asked)


@pytest.mark.parametrize(
    ("hybrid", "parent", "holds"),
    [(0.3, 0.5, Holds.YES), (0.5, 0.3, Holds.NO), (0.5, 0.5, Holds.UNDECIDED), (0.500, 0.508, Holds.UNDECIDED)],
)
def test_two_barriers_decide_an_order_beyond_their_error(hop, hybrid, parent, holds):
    found = barriers(hop, **{"v2c-v2o5": hybrid, "v2o5: alpha-V2O5": parent})
    assert list(found) == ["V2C-V2O5"]
    verdict = found["V2C-V2O5"]
    assert verdict.holds is holds
    (step,) = verdict.steps
    assert step.difference.value == pytest.approx(hybrid - parent)
    assert (step.lower, step.upper) == ("V2C-V2O5", "V2O5")
    for words in (f"V2C-V2O5 < V2O5: {holds}.", "10.1039/d5ee03741g", "sec. 2.1-2.2", "Zn in v2c-v2o5", "0.010 eV"):
        assert words in verdict.words


def test_a_potential_of_which_no_error_is_known_decides_no_order(hop):
    """By a code 8 eV decide; by weights that nobody has measured nothing does."""
    unmeasured = CalculatorRecord(spec=ChgnetSpec(), versions={}, weights=(WeightsRecord(name="w", sha256="b" * 64),))
    said = {
        name: {"barrier_forward": value, "calculator": unmeasured} for name, value in (("V2C-V2O5", 1.0), ("V2O5", 9.0))
    }
    verdict = barriers(hop, **said)["V2C-V2O5"]
    assert verdict.holds is Holds.UNDECIDED
    unknown = "no error of chgnet 0.3.0 is known for migration barriers of Zn"
    assert f"-8.000 eV, not decided. Error: {unknown}" in verdict.words


def test_the_lowest_hop_of_a_host_counts_and_what_is_no_result_does_not(hop):
    low = {"barrier_forward": 0.1, "outcome": Outcome.UNCONVERGED, "reason": "fmax"}
    results = [
        hop(host="Ov-VO2", hop="a", barrier_forward=0.9),
        hop(host="Ov-VO2", hop="b", barrier_forward=0.6),
        hop(host="VO2", hop="a", barrier_forward=0.7),
        hop(host="VO2", hop="b", **low),
    ]
    verdict = judged("migration", barriers_table(results), results)["Ov-VO2"]
    assert (verdict.steps[0].lower_value, verdict.steps[0].upper_value) == (0.6, 0.7)
    unsound = barriers(hop, asked=["Ov-VO2"], **{"Ov-VO2": 0.6, "VO2": low})["Ov-VO2"]
    assert unsound.holds is Holds.NOT_COMPARED
    assert unsound.missing == ["VO2 (Zn in VO2, b 3.56 is unconverged)"]


def test_the_campaign_says_which_system_is_which(hop):
    hosts = {"film": 1.0, "h2v3o8": 2.0}
    assert not barriers(hop, **hosts)
    assert barriers(hop, {"film": ["H2V3O8-MXene"]}, **hosts)["H2V3O8-MXene"].holds is Holds.YES


def test_an_order_of_species_in_one_host(hop):
    results = [hop(host="Co-MnO2", ion="H", barrier_forward=0.2), hop(host="Co-MnO2", ion="Zn", barrier_forward=0.9)]
    verdict = judged("migration", barriers_table(results), results)["Co-MnO2"]
    assert (verdict.holds, verdict.steps[0].lower) == (Holds.YES, "H at Co-MnO2")


def test_an_order_that_a_study_names_is_listed_without_rows(hop):
    found = barriers(hop, asked=["Sn(200)"], sn200=0.1)
    assert found["Sn(200)"].holds is Holds.NOT_COMPARED
    assert found["Sn(200)"].missing == ["Zn(002) (no row is called so)"]
    assert "--published SYSTEM=NAME" in found["Sn(200)"].words
    assert not barriers(hop, sn200=0.1)


def test_numbers_of_two_calculators_are_never_put_into_one_order(hop, water_on_zinc):
    other = {"barrier_forward": 0.9, "calculator": water_on_zinc.calculator}
    assert not barriers(hop, **{"V2C-V2O5": 0.3, "V2O5": other})


def test_an_ensemble_judges_by_the_difference_of_every_member(hop):
    """The members scatter by 0.4 eV over either barrier and agree on what is between the two."""
    results = [hop(host=host, barrier_forward=value) for host, value in (("V2C-V2O5", 0.5), ("V2O5", 0.7))]
    plain = barriers_table(results)
    column = Column(key="barrier_forward_by_other", head="by other", unit="eV", decimals=3, description="by other")

    def by_other(shift):
        said = [0.9, 1.1 + shift]
        rows = [
            row.model_copy(update={"cells": row.cells | {column.key: value}})
            for row, value in zip(plain.rows, said, strict=True)
        ]
        table = plain.model_copy(update={"rows": rows, "columns": [*plain.columns, column]})
        return judged("migration", table, results)["V2C-V2O5"]

    assert by_other(0.05).holds is Holds.YES
    assert by_other(0.5).holds is Holds.UNDECIDED
    assert "each by its own difference" in by_other(0.0).steps[0].difference.basis


def facets(zinc_facets, **energies):
    rows = [
        row.model_copy(update={"gamma": energies[f"{row.miller[0]}{row.miller[2]}"]})
        for row in zinc_facets.rows
        if row.layers == 8 and row.termination == 0 and row.miller[1] == 0
    ]
    thin = rows[0].model_copy(update={"layers": 4, "gamma": -1.0})
    return zinc_facets.model_copy(update={"rows": [*rows, thin], "bulk_name": "zinc: Zn", "literature": ()})


def test_facets_are_found_by_reduced_indices_and_the_thickest_slab_counts(zinc_facets):
    result = facets(zinc_facets, **{"01": 0.26, "10": 0.41})
    verdict = judged("surface", surfaces_table([result]), [result])["Zn-facets"]
    assert (verdict.holds, verdict.unit) == (Holds.YES, "J/m^2")
    assert [(step.lower_value, step.upper_value) for step in verdict.steps] == [(0.26, 0.41)]
    assert verdict.missing == ["Zn(101) (no row is called so)"]
    assert "of 3 systems 2 are here" in verdict.words
    turned = facets(zinc_facets, **{"01": 0.41, "10": 0.26})
    assert judged("surface", surfaces_table([turned]), [turned])["Zn-facets"].holds is Holds.NO


def test_every_pair_of_places_is_compared(zn_on_graphene):
    def on(surface, shift):
        rows = [row.model_copy(update={"e_ads_vs_bulk": shift}) for row in zn_on_graphene.rows[:1]]
        return zn_on_graphene.model_copy(update={"study": f"Zn on {surface}", "surface": surface, "rows": rows})

    results = [on("safe: file", -1.2), on("ti3c2o2: Ti3C2O2", -0.9), on("zn002: Zn(001)", -1.3)]
    names = {"safe": ["SAFe@MXene"], "ti3c2o2": ["MXene"], "zn002": ["Zn"]}
    verdict = judged("adsorption", adsorption_table(results), results, names)["SAFe@MXene-Zn"]
    found = {(step.lower, step.upper): step.difference.value for step in verdict.steps}
    assert found == {
        ("SAFe@MXene", "MXene"): pytest.approx(-0.3),
        ("SAFe@MXene", "Zn"): pytest.approx(0.1),
        ("MXene", "Zn"): pytest.approx(0.4),
    }
    assert verdict.holds is Holds.NO
    assert "against the paper" in verdict.words


def ladder(support, *energies):
    steps = [
        DesolvationStep(waters=6 - place, outcome=Outcome.OK, energy=energy) for place, energy in enumerate(energies)
    ]
    return DesolvationResult(
        study=f"ladder on {support}",
        ion="Zn",
        charge=2,
        support=support,
        steps=steps,
        members=[],
        water=None,
        calculator=UNKNOWN,
    )


@pytest.mark.parametrize(("third", "holds"), [(0.9, Holds.YES), (1.2, Holds.NO), (1.1, Holds.UNDECIDED)])
def test_a_ladder_is_below_another_at_every_step_that_both_have(third, holds):
    results = [ladder("SAFe@MXene", 0.5, 0.6, third, 9.0), ladder("zn002", 0.7, 0.8, 1.1)]
    table = desolvation_table(results)
    verdict = judged("desolvation", table, results, {"zn002": ["Zn"]})["SAFe@MXene-desolvation"]
    assert [step.where for step in verdict.steps] == ["from 6 H2O", "from 5 H2O", "from 4 H2O"]
    assert [step.difference.value for step in verdict.steps] == pytest.approx([-0.2, -0.2, third - 1.1])
    assert verdict.holds is holds


def test_a_ladder_is_compared_at_the_step_that_the_paper_is_about():
    """[Zn(H2O)5]2+ gives a water up, whatever costs most."""
    results = [ladder("tis2-tio2", 0.5, 0.6, 2.0), ladder("tis2", 0.7, 0.9, 1.1)]
    verdict = judged("desolvation", desolvation_table(results), results)["TiS2-TiO2-desolvation"]
    assert [(step.lower_value, step.upper_value) for step in verdict.steps] == [(0.6, 0.9)]


def test_complexes_are_found_by_their_parts():
    def bound(parts, energy):
        return BindingResult(
            study=parts,
            complex_name=f"complex of {parts}",
            parts_name=parts,
            outcome=Outcome.OK,
            energy=energy,
            parts=[],
            calculator=UNKNOWN,
        )

    results = [bound("NMP + Zn2+", -8.0), bound("Zn2+ + H2O", -4.5), bound("NMP + H2O", -0.4), bound("H2O + H2O", -0.2)]
    verdict = judged("binding", binding_table(results), results)["Zn2+-NMP"]
    assert (verdict.holds, verdict.missing) == (Holds.YES, [])
    found = {step.upper: step.difference.value for step in verdict.steps}
    assert found == {
        "Zn2+ at H2O": pytest.approx(-3.5),
        "H2O at NMP": pytest.approx(-7.6),
        "H2O at H2O": pytest.approx(-7.8),
    }


def test_hydrogen_by_adsorption_energies_says_so(zn_on_graphene):
    def of_hydrogen(surface, energy):
        row = zn_on_graphene.rows[0].model_copy(update={"e_ads_vs_bulk": None, "e_ads_vs_molecule": energy})
        return zn_on_graphene.model_copy(
            update={"study": f"H on {surface}", "surface": surface, "adsorbate": "H", "rows": [row]}
        )

    results = [of_hydrogen("zn: Zn(001)", 0.5), of_hydrogen("sn", 0.9)]
    verdict = judged("adsorption", adsorption_table(results), results, {"zn": ["Zn"]})["Sn-H"]
    assert verdict.holds is Holds.YES
    assert "stand for free energies" in verdict.note


def test_kept_levels_decide_the_orders_of_the_review(capsys):
    """By hand from the store: OTf- is above PC in LUMO, and EMIM+ is below all in HOMO, in the gas phase."""
    run = RESULTS / "orbitals"
    (result,) = load_results([run], OrbitalsResult)
    levels = {row.molecule_name: row for row in result.rows}
    assert levels["OTf-"].lumo > levels["PC"].lumo
    assert levels["EMIM+"].homo < min(levels[name].homo for name in ("H2O", "OTf-", "PC"))
    found = {verdict.key: verdict for verdict in published_orderings([run])["orbitals"]}
    assert {key: verdict.holds for key, verdict in found.items()} == {"PMMA-LUMO": Holds.NO, "EMIM-HOMO": Holds.NO}
    step = next(step for step in found["PMMA-LUMO"].steps if step.upper == "PC")
    assert step.difference.value == levels["OTf-"].lumo - levels["PC"].lumo
    assert "different charge" in found["PMMA-LUMO"].note
    command = ["table", "orbitals", str(run)]
    for more, there in ((["--literature"], True), ([], False)):
        with pytest.raises(SystemExit):
            main([*command, *more])
        assert ("PMMA, OTf- < H2O, PC, P(VDF-HFP): does not hold" in capsys.readouterr().out) is there
    with pytest.raises(SystemExit):
        main([*command, "--literature", "--format", "json"])
    (first, _) = json.loads(capsys.readouterr().out)["orderings"]
    assert (first["key"], first["holds"], first["doi"]) == ("PMMA-LUMO", "does not hold", None)


def test_a_report_has_a_section_of_them(monkeypatch):
    monkeypatch.setattr(content, "_figures", lambda *_: ([], []))  # they take seconds, and are tested elsewhere
    report = content.report_of([RESULTS / "orbitals"])
    html = page(report)
    assert "Y. Liu et al." in report.bibtex, "what an order is judged by is cited"
    assert html.count("Published orderings") == 2
    assert "<b>H2O, OTf-, PC, PMMA, P(VDF-HFP) &lt; EMIM+: does not hold</b>" in html


@pytest.mark.parametrize("wrong", ["PC=PNMA", "PC"])
def test_a_published_name_that_does_not_exist_is_refused(capsys, wrong):
    with pytest.raises(SystemExit) as ended:
        main(["table", "orbitals", str(RESULTS / "orbitals"), "--literature", "--published", wrong])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert ("no published ordering has a system 'PNMA'; did you mean 'PMMA'?" in said) or "SYSTEM=NAME" in said


def test_names_said_for_a_store_alone(hop):
    store = MemoryStore()
    store.connect()
    for number, (host, barrier) in enumerate((("vo", 0.2), ("vo-o", 0.1))):
        result = hop(study=f"Zn in {host}", host=host, barrier_forward=barrier)
        output = result.model_dump(mode="json") | {"@module": type(result).__module__, "@class": type(result).__name__}
        store.update([{"uuid": str(number), "index": 1, "output": output, "completed_at": str(number)}], key="uuid")
    said = Declared(parents={"vo-o": "vo"}, published={"vo": ["VO2"], "vo-o": ["Ov-VO2"]})
    assert [verdict.holds for verdict in published_orderings([store], declared=said)["migration"]] == [Holds.YES]
    table = table_of("migration", [store], declared=said)
    assert table.orderings == []
    assert any("-0.100 +- 0.010, below" in note for note in table.notes)


def test_every_order_is_of_a_quantity_that_a_table_has():
    decided = {quantity for kind in BUILT_IN if kind.system_rows for quantity, _ in kind.system_rows.quantities}
    ordered = {entry.quantity for entry in published_values().values() if entry.order}
    assert ordered <= decided


def test_columns_that_rows_are_compared_by_exist():
    """Every record names columns of its own table; those of bottlenecks and free energies come with such results."""
    source = {kind.name: Path(__import__(kind.table.partition(":")[0], fromlist=["x"]).__file__) for kind in BUILT_IN}
    for kind in BUILT_IN:
        rows = kind.system_rows
        if rows is None:
            continue
        named = {rows.system, *rows.numbers, *rows.alike, rows.thickest, rows.species, rows.parts, rows.process}
        text = source[kind.name].read_text(encoding="utf-8")
        missing = {key for key in named - {""} if f'"{key}"' not in text}
        assert missing <= {"way_barrier", "facet"}, kind.name


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Zn(002)", "zn002", True),
        ("Zn(002)", "Zn(001)", True),
        ("Zn(002)", "Zn(100)", False),
        ("Zn(10-10)", "Zn(100)", True),
        ("V2C-V2O5", "v2c/v2o5", True),
        ("VO2", "VO2(B)", False),
        ("Zn", "Zn(002)", False),
    ],
)
def test_names_that_mean_one_system(one, other, same):
    assert bool(forms(one) & forms(other)) is same
