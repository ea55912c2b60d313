"""Tables in a terminal: what fits is what decides, nothing is lost without a word, pipes and files stay whole."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azibflow.analysis.tables.formats import render
from azibflow.analysis.tables.model import Column, Row, Table
from azibflow.analysis.tables.registry import table_of
from azibflow.analysis.tables.terminal import fitting, to_terminal
from azibflow.cli.main import main
from azibflow.workflows.common.results import Outcome

KEPT = Path(__file__).parents[2] / "examples" / "results" / "interfaces"


@cache
def kept_table() -> Table:
    return table_of("interface", [KEPT])


@pytest.fixture(scope="module")
def interfaces() -> Table:
    return kept_table()


def test_the_columns_that_decide_come_first_and_the_others_are_named(interfaces: Table) -> None:
    heads = [column.head for column in fitting(interfaces, 100)]
    assert heads[0] == "interface"
    assert {"status", "adhesion", "W_ad"} <= set(heads)
    assert "mismatch a" not in heads
    text = to_terminal(interfaces, 100, colour=False)
    assert re.search(r"\d more columns with --wide: .*mismatch a", text)
    assert "3 more notes with --notes" in text
    assert text.split("\n")[-3].startswith("6 more columns") or "more columns" in text
    assert [column.head for column in fitting(interfaces, 400)] == [c.head for c in interfaces.printed_columns()]


@settings(max_examples=30, deadline=None)
@given(st.integers(80, 260))  # a hash is one word of 70 characters
def test_no_line_is_wider_than_the_terminal_and_every_number_stays_whole(width: int) -> None:
    text = to_terminal(kept_table(), width, colour=False, every_note=True)
    assert max(len(line) for line in text.split("\n")) <= width
    for number in ("-2.179", "4.911", "7.665", "3.293"):
        assert number in text


def test_what_is_no_result_is_marked_and_red_where_there_are_colours() -> None:
    energy = Column(key="energy", head="E", unit="eV", decimals=2, description="energy", result=True)
    name = Column(key="name", head="name", description="name")
    rows = [
        Row(name="a", cells={"name": "[bold]a", "energy": 1.0}, outcome=Outcome.OK),
        Row(name="b", cells={"name": "b\x1b[2J", "energy": 2.0}, outcome=Outcome.FAILED),
    ]
    table = Table(title="Energies", columns=[name, energy], rows=rows, notes=[])
    plain, coloured = to_terminal(table, 80, colour=False), to_terminal(table, 80, colour=True)
    assert "2.00*" in plain
    assert "\x1b" not in plain
    assert "[bold]a" in plain  # names are no markup
    red = [line for line in coloured.split("\n") if "\x1b[31m" in line]
    assert len(red) == 1
    assert "2.00*" in red[0]


def in_a_terminal(columns: int, *words: str) -> str:
    """Run the command with a terminal of some columns as its output."""
    main, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "azibflow", *words],
        stdout=terminal,
        env={**os.environ, "COLUMNS": str(columns), "NO_COLOR": "1"},
    )
    os.close(terminal)
    read = b""
    while True:
        try:
            piece = os.read(main, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        read += piece
    assert process.wait(timeout=60) == 0
    return read.decode().replace("\r\n", "\n")


def test_a_terminal_gets_what_fits(interfaces: Table) -> None:
    assert in_a_terminal(90, "table", "interface", str(KEPT)) == to_terminal(interfaces, 90, colour=False)


def test_all_of_it_is_for_the_asking_and_for_pipes(
    interfaces: Table, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "90")
    monkeypatch.setenv("NO_COLOR", "1")

    def printed(*options: str) -> str:
        with pytest.raises(SystemExit):
            main(["table", "interface", str(KEPT), *options])
        return capsys.readouterr().out

    assert printed() == render(interfaces, "text")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert printed() == to_terminal(interfaces, 90, colour=False)
    assert printed("--notes") == to_terminal(interfaces, 90, colour=False, every_note=True)
    assert printed("--wide") == render(interfaces, "text")
