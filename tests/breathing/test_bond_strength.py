"""Adhesion per bond against the bonds that come back, and what is said of the hypothesis."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from maggma.stores import MemoryStore
from toy import toy_host, toy_interface, toy_study

from azibflow.analysis.breathing.limit import breathing_limit
from azibflow.analysis.breathing.strength import BondStrength, Strength, bond_strengths, order_by_strength, strength_of
from azibflow.analysis.figures.bonds import plot_bonds
from azibflow.analysis.tables.bonds import bonds_table
from azibflow.analysis.tables.registry import table_of
from azibflow.structures.documents import StructureDocument
from azibflow.workflows.breathing.results import BreathingResult
from azibflow.workflows.common.results import Outcome, RelaxSettings
from azibflow.workflows.interfaces.results import InterfaceResult

STAYS = {"breaks_at": 99, "returns": True}


def searched_twice(result: BreathingResult) -> BreathingResult:
    again = [record.model_copy(update={"seed": 1}) for record in result.records]
    return result.model_copy(update={"records": [*result.records, *again]})


def held(adhesion: float, result: BreathingResult, bonds: int = 4) -> InterfaceResult:
    host, sides = toy_host(), toy_interface()
    host.set_tags([1 if i in sides.support else 2 for i in range(len(host))])
    return InterfaceResult(
        study="toy",
        interface_name="film/support",
        outcome=Outcome.OK,
        area=96.0,
        n_atoms=len(host),
        mismatch=None,
        film_strain=0.0,
        support_strain=0.0,
        bonds={"V-O-C": bonds},
        bonds_built={"V-O-C": bonds},
        adhesion_energy=adhesion,
        work_of_adhesion=adhesion / 96.0,
        structure=StructureDocument.from_atoms(host, "toy"),
        settings=RelaxSettings(),
        calculator=result.calculator,
    )


@pytest.fixture(scope="module")
def breathes(toy_result: BreathingResult) -> BreathingResult:
    return searched_twice(toy_result)


def test_adhesion_per_bond_stands_beside_the_share_that_comes_back(breathes: BreathingResult) -> None:
    ((_, one),) = bond_strengths([held(2.0, breathes)], [breathes])
    assert (one.adhesion, one.per_bond, one.bonds_text) == (2.0, 0.5, "4 V-O-C")
    # by the table of the toy 0, 1, 2, 2, 3, 3, 3 bonds are open at n = 1 to 7, and one is gone for good from 5 on
    assert (one.opened, one.share) == (14, pytest.approx(11 / 14))
    assert (one.strength, one.why) == (Strength.MODERATE, "1 open at n = 2 and come back")
    assert (one.reversible_text, one.maximum_text) == ("4", "4")


def test_verdicts_of_the_toy_and_what_they_lack(toy_result: BreathingResult, breathes: BreathingResult) -> None:
    lost = toy_study(3, columns=[{"breaks_at": 2, "returns": False}, STAYS, STAYS, STAYS])
    locked = toy_study(7, columns=[STAYS] * 4)
    judged = {
        name: strength_of(breathing_limit(result), adhesion)
        for name, result, adhesion in (
            ("breathes", breathes, 2.0),
            ("once", toy_result, 2.0),
            ("apart", breathes, -0.1),
            ("lost", searched_twice(lost), 1.0),
            ("locked", searched_twice(locked), 4.0),
            ("short", searched_twice(toy_study(3, columns=[STAYS] * 4)), 4.0),
        )
    }
    assert judged == {
        "breathes": (Strength.MODERATE, "1 open at n = 2 and come back"),
        "once": (None, "one search alone at n = 1; ask for more seeds"),
        "apart": (Strength.WEAK, "its two sides are lower apart"),
        "lost": (Strength.WEAK, "0 of 1 bonds that open at n = 2 come back"),
        "locked": (Strength.STRONG, "no bond opens up to n = 5, where no more ions go in"),
        "short": (None, "no bond opens up to n = 3, and more ions may go in"),
    }


def judged(strength: Strength, per_bond: float) -> BondStrength:
    return BondStrength(system="x", interface="x", outcome=Outcome.OK, strength=strength, per_bond=per_bond)


def test_the_hypothesis_is_judged_only_by_what_is_decided() -> None:
    weak, moderate, strong = judged(Strength.WEAK, 0.2), judged(Strength.MODERATE, 0.5), judged(Strength.STRONG, 0.9)
    assert order_by_strength([weak, strong, moderate]).endswith("the order is that of the hypothesis.")
    assert order_by_strength([weak, judged(Strength.STRONG, 0.1)]).endswith("is not that of the hypothesis.")
    assert order_by_strength([weak]) == (
        "The hypothesis is not tested: it orders interfaces that are too weak, moderate and too strong, and of 1 too "
        "weak are decided."
    )


def test_table_and_figure_from_stores_alone(tmp_path: Path, breathes: BreathingResult) -> None:
    store = MemoryStore()
    store.connect()
    one, other = held(2.0, breathes), held(3.0, breathes)
    apart = other.model_copy(update={"study": "other", "structure": StructureDocument.from_atoms(toy_host(), "other")})
    for number, result in enumerate((breathes, one, apart)):
        output = result.model_dump(mode="json")
        output |= {"@module": type(result).__module__, "@class": type(result).__name__}
        store.update([{"uuid": str(number), "index": 1, "output": output}], key="uuid")
    table = table_of("bonds", [store])
    assert [row.cells["system"] for row in table.rows] == ["toy", "other"]
    assert [row.cells["per_bond"] for row in table.rows] == [0.5, 0.75]
    assert table.rows[1].cells["why"] == "no ions were put in: add a breathing study"
    assert table == bonds_table([one, apart], [breathes])
    assert table.notes[-1].startswith("The hypothesis is not tested")
    plot_bonds([row for _, row in bond_strengths([one], [breathes])], tmp_path / "bonds.png")
    assert (tmp_path / "bonds.png").stat().st_size > 10_000


def test_the_command_of_a_kept_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from azibflow.cli.main import main

    kept = Path(__file__).parents[2] / "examples" / "results"
    with pytest.raises(SystemExit) as ending:
        main(["table", "bonds", str(kept / "breathing"), "--format", "json"])
    assert ending.value.code == 0
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert (row["adhesion"], row["strength"]) == (None, None)
    with pytest.raises(SystemExit) as ending:
        main(["plot", "bonds", str(kept / "breathing"), "-o", str(tmp_path / "bonds.png")])
    assert ending.value.code == 2
    assert "no bonds result" in capsys.readouterr().err
