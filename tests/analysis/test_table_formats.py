"""Every format holds the same numbers, marks what is not a result, and comes out the same twice."""

import csv
import io
import json
import math
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from azibflow.analysis.tables.adsorption import adsorption_table
from azibflow.analysis.tables.formats import FORMATS, fixed, render
from azibflow.analysis.tables.migration import barriers_table
from azibflow.analysis.tables.model import Column, Row, Table
from azibflow.analysis.tables.surface import surfaces_table
from azibflow.errors import AzibflowError
from azibflow.workflows.common.results import Outcome

LATEX_PROGRAM = shutil.which("pdflatex") or shutil.which("tectonic")

SMALL = Table(
    title="Energies of A_B",
    columns=[
        Column(key="name", head="name", description="name"),
        Column(key="e_x", head="E_x", unit="eV/A^2", decimals=3, description="energy of x, eV", result=True),
        Column(key="count", head="n", description="number"),
        Column(key="note", head="note", description="note", detail=True),
    ],
    rows=[
        Row(name="", cells={"name": "a|b", "e_x": -0.0004, "count": 3, "note": "x, y"}, outcome=Outcome.OK),
        Row(name="", cells={"name": "50% & *", "e_x": 1.23456, "count": 12, "note": None}, outcome=Outcome.UNCONVERGED),
        Row(name="", cells={"name": "#c", "e_x": None, "count": None, "note": None}, outcome=Outcome.FAILED),
    ],
    notes=["E_x = E[a] - E[b]."],
)

TEXT = """\
Energies of A_B

name          E_x   n
         (eV/A^2)
-------  --------  --
a|b         0.000   3
50% & *    1.235*  12
#c

E_x = E[a] - E[b].
"""

MARKDOWN = r"""### Energies of A\_B

| name | E\_x (eV/A^2) | n |
| :--- | ---: | ---: |
| a\|b | 0.000 | 3 |
| 50% & \* | 1.235\* | 12 |
| #c |  |  |

- E\_x = E\[a\] - E\[b\].
"""

CSV = """\
name,e_x (eV/A^2),count,note
a|b,0.000,3,"x, y"
50% & *,1.235,12,
#c,,,
"""

LATEX = r"""\begin{table}
\caption{Energies of A\_B}
\begin{tabular}{lrr}
\toprule
name & E\_x & n \\
 & (eV/A\textasciicircum{}2) &  \\
\midrule
a\textbar{}b & 0.000 & 3 \\
50\% \& * & 1.235* & 12 \\
\#c &  &  \\
\bottomrule
\end{tabular}
\par{\footnotesize E\_x = E{[}a{]} - E{[}b{]}.}
\end{table}
"""


@pytest.mark.parametrize(
    ("table_format", "expected"), [("text", TEXT), ("md", MARKDOWN), ("csv", CSV), ("latex", LATEX)]
)
def test_golden(table_format, expected):
    assert render(SMALL, table_format) == expected


def test_excel_knows_the_encoding_and_pandas_the_numbers(table, tmp_path):
    (tmp_path / "table.csv").write_text(render(table, "excel"), encoding="utf-8")
    assert (tmp_path / "table.csv").read_bytes().startswith(b"\xef\xbb\xbf" + table.columns[0].key.encode())
    read = pd.read_csv(tmp_path / "table.csv", encoding="utf-8-sig")
    twin = pd.read_csv(io.StringIO(render(table, "csv")))
    assert list(read.columns) == list(twin.columns)
    decimal = [place for place, column in enumerate(table.columns) if column.decimals is not None]
    assert decimal
    for place in decimal:
        assert pd.api.types.is_numeric_dtype(read.iloc[:, place])
        pd.testing.assert_series_equal(read.iloc[:, place], twin.iloc[:, place])


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1+1", "'=1+1"),
        ("\r\n =1+1", "'=1+1"),
        ("\N{FULLWIDTH EQUALS SIGN}1+1", "'\N{FULLWIDTH EQUALS SIGN}1+1"),
        ("(100)", "'(100)"),
        ("(100) relaxed", "(100) relaxed"),
        ("Zn2+ = 5 Å − x", "Zn2+ = 5 Å − x"),
        ("-0.123, 0.500, -2.000", "-0.123, 0.500, -2.000"),
        ("-1", "-1"),
    ],
)
def test_excel_takes_no_name_for_a_formula(name, cell):
    text = render(with_name(name), "excel")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert [row["name"] for row in rows] == [cell, cell]
    assert [row["e_x (eV/A^2)"] for row in rows] == ["1.000", "1.000"]


def test_negative_numbers_stay_numbers_in_excel():
    row = Row(name="", cells={"name": "x", "e_x": -1.5, "count": -3, "note": None}, outcome=Outcome.OK)
    line = render(SMALL.model_copy(update={"rows": [row]}), "excel").splitlines()[1]
    assert line == "x,-1.500,-3,"


@pytest.mark.skipif(LATEX_PROGRAM is None, reason="no LaTeX here")
@pytest.mark.slow
def test_latex_compiles(table, tmp_path):
    strange = with_name("50% & $x_1^2$ #{\\end} ~ <a|b> [Zn(H2O)6]2+")
    tables = "\n".join([render(table, "latex"), render(SMALL, "latex"), render(strange, "latex")])
    head = "\\documentclass{article}\n\\usepackage{booktabs}\n\\begin{document}\n"
    (tmp_path / "tables.tex").write_text(f"{head}{tables}\\end{{document}}\n", encoding="utf-8")
    batch = [] if LATEX_PROGRAM.endswith("tectonic") else ["-interaction=nonstopmode", "-halt-on-error"]
    done = subprocess.run(
        [LATEX_PROGRAM, *batch, "tables.tex"], cwd=tmp_path, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "tables.pdf").stat().st_size > 1000


def test_golden_json():
    document = json.loads(render(SMALL, "json"))
    assert document["columns"][1] == {"key": "e_x", "head": "E_x", "unit": "eV/A^2", "description": "energy of x, eV"}
    assert document["rows"][0] == {"name": "a|b", "e_x": 0.0, "count": 3, "note": "x, y"}
    assert document["rows"][1]["e_x"] == 1.235
    assert document["notes"] == SMALL.notes
    assert "-0.0" not in render(SMALL, "json")


@pytest.fixture(params=["barriers", "adsorption", "surfaces"])
def table(request, hop, unconverged_hop, failed_hop, zn_on_graphene, water_on_zinc, zinc_facets):
    return {
        "barriers": lambda: barriers_table([hop(), unconverged_hop, failed_hop], literature=True),
        "adsorption": lambda: adsorption_table([zn_on_graphene, water_on_zinc], literature=True),
        "surfaces": lambda: surfaces_table([zinc_facets], literature=True),
    }[request.param]()


def numbers(table):
    """Return the numbers of the printed columns, rounded as they are printed."""
    return [
        float(f"{row.cells[column.key]:.{column.decimals}f}")
        for row in table.rows
        for column in table.printed_columns()
        if column.decimals is not None and row.cells[column.key] is not None
    ]


def printed_numbers(lines, separator, table):
    columns = table.printed_columns()
    wanted = [place for place, column in enumerate(columns) if column.decimals is not None]
    rows = [[cell.strip() for cell in re.split(separator, line)] for line in lines]
    assert {len(row) for row in rows} == {len(columns)}
    return [float(row[place].replace("*", "").replace("\\", "")) for row in rows for place in wanted if row[place]]


def test_markdown_parses_back_to_the_numbers(table):
    lines = [line.strip("|")[1:-1] for line in render(table, "md").splitlines() if line.startswith("| ")][2:]
    assert printed_numbers(lines, r"(?<!\\)\|", table) == numbers(table)


def test_latex_parses_back_to_the_numbers(table):
    body = render(table, "latex").split("\\midrule\n")[1].split("\\bottomrule")[0]
    lines = [line.removesuffix(" \\\\") for line in body.splitlines()]
    assert printed_numbers(lines, r"(?<!\\)&", table) == numbers(table)


def test_csv_and_json_agree_and_carry_units_and_status(table):
    rows = list(csv.DictReader(io.StringIO(render(table, "csv"))))
    document = json.loads(render(table, "json"))
    assert len(rows) == len(document["rows"]) == len(table.rows)
    for row, twin in zip(rows, document["rows"], strict=True):
        assert row["outcome"] == twin["outcome"]
        assert "SHA-256" in row["calculator"] or "emt" in row["calculator"]
        for column in table.columns:
            cell = row[f"{column.key} ({column.unit})" if column.unit else column.key]
            assert "*" not in cell
            if column.decimals is not None:
                assert (float(cell) if cell else None) == twin[column.key]
    assert all(column["description"] for column in document["columns"])


def test_every_number_of_an_unsound_row_is_marked_for_people(table):
    lines = render(table, "text").splitlines()
    unsound = [line for line in lines if re.search(r" (unconverged|desorbed|merged)( |$)", line)]
    assert unsound and all("*" in line for line in unsound)


def test_the_same_bytes_in_another_process(hop, tmp_path):
    results = [hop(), hop(study="x", outcome=Outcome.UNCONVERGED)]
    (tmp_path / "results.json").write_text(json.dumps([result.model_dump(mode="json") for result in results]))
    script = (
        "import json, sys; from azibflow.workflows.migration.barriers import MigrationResult;"
        "from azibflow.analysis.tables.migration import barriers_table;"
        "from azibflow.analysis.tables.formats import FORMATS;"
        "results = [MigrationResult.model_validate(data) for data in json.load(open(sys.argv[1]))];"
        "table = barriers_table(results, literature=True);"
        "sys.stdout.write(''.join(write(table) for write in FORMATS.values()))"
    )
    again = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "results.json"],
        capture_output=True,
        check=True,
        env={"PYTHONHASHSEED": "7", "PATH": "/usr/bin:/bin"},
    )
    table = barriers_table(results, literature=True)
    assert again.stdout.decode() == "".join(render(table, table_format) for table_format in FORMATS)


def test_no_file_and_no_date_of_today_in_any_table(table):
    for table_format in FORMATS:
        assert str(Path.cwd()) not in render(table, table_format)
        assert "2026-" not in render(table, table_format)


def test_unknown_format_names_the_nearest():
    with pytest.raises(AzibflowError, match="did you mean latex"):
        render(SMALL, "latx")


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e6, max_value=1e6), st.integers(0, 6))
def test_fixed_rounds_and_has_no_negative_zero(value, decimals):
    text = fixed(value, decimals)
    assert abs(float(text) - value) <= 0.5 * 10**-decimals + 1e-9
    assert not re.fullmatch(r"-0\.?0*", text)
    assert len(text.partition(".")[2]) == decimals


@given(st.sampled_from([math.nan, math.inf, -math.inf]))
def test_what_is_not_finite_is_no_value(value):
    row = Row(name="", cells={"name": "x", "e_x": value, "count": 1, "note": None}, outcome=Outcome.OK)
    text = render(SMALL.model_copy(update={"rows": [row]}), "json")
    assert json.loads(text)["rows"][0]["e_x"] is None


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)


def with_name(name):
    row = Row(name="", cells={"name": name, "e_x": 1.0, "count": 1, "note": None}, outcome=Outcome.OK)
    return SMALL.model_copy(update={"rows": [row, row]})


@given(words)
def test_no_name_breaks_a_markdown_row(name):
    line = render(with_name(name), "md").split("\n")[4]
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) == 4
    assert line.endswith("| 1.000 | 1 |")


@given(words)
def test_no_name_breaks_a_latex_row(name):
    line = render(with_name(name), "latex").split("\\midrule\n")[1].split("\n")[0]
    bare = re.sub(r"\\[&%$#_{}]|\\text[a-z]+\{\}|\{[\[\]]\}|^\{\}(?=\*)", "", line.removesuffix(" \\\\"))
    assert bare.count("&") == 2
    assert not set(bare) & set("\\%$#_{}~^<>|")


@given(words)
def test_csv_gives_any_name_back(name):
    rows = list(csv.DictReader(io.StringIO(render(with_name(name), "csv"), newline="")))
    assert [row["name"] for row in rows] == [name, name]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a$b$", r"a\$b\$"),
        ("V2O5_{x}", r"V2O5\_{x}"),
        ("~~x~~", r"\~\~x\~\~"),
        ("&lt;b&gt;", r"\&lt;b\&gt;"),
        ("NaOH & HCl", "NaOH & HCl"),
        ("<b>x</b>", r"\<b\>x\</b\>"),
    ],
)
def test_markdown_shows_a_name_as_it_is(name, shown):
    """Formulas, struck words, entities and tags: a backslash before punctuation shows it (CommonMark 2.4)."""
    text = render(with_name(name).model_copy(update={"notes": [f"{name}: a note"]}), "md")
    assert text.split("\n")[4].startswith(f"| {shown} |")
    assert f"- {shown}: a note" in text


@pytest.mark.parametrize("start", ["# head", "- item", "+ item", "1. first", "12) twelfth"])
def test_no_note_begins_a_heading_or_another_list(start):
    note = render(SMALL.model_copy(update={"notes": [f"{start} of all"]}), "md").rstrip("\n").split("\n")[-1]
    assert note.startswith("- ")
    assert not re.match(r"#|[-+] |\d+[.)]", note.removeprefix("- "))
    assert note.replace("\\", "") == f"- {start} of all"


@pytest.mark.parametrize("table_format", ["text", "md", "latex"])
def test_no_name_speaks_to_the_terminal_or_breaks_a_line(table_format):
    plain = render(with_name("red end"), table_format)
    odd = render(with_name("\x1bred\u2028\r\n\x85end"), table_format)
    assert odd == plain


def test_a_latex_row_that_begins_with_a_star_keeps_it():
    """After a line end LaTeX takes a star for an option."""
    assert "\n{}*x &" in render(with_name("*x"), "latex")
