"""A small vasprun.xml as VASP writes it, with the steps and numbers that a test wants."""

from __future__ import annotations

ENERGIES = {"e_fr_energy": -8.05, "e_wo_entrp": -7.95, "e_0_energy": -8.0}
FORCES = [[0.1, 0.2, 0.3], [-0.4, -0.5, -0.6]]
STRESS = [[1.0, 4.0, 5.0], [4.0, 2.0, 6.0], [5.0, 6.0, 3.0]]
SYMBOLS = ("Zn", "O")


def vasprun(steps: int = 12, most: int = 60) -> str:
    """Write the output of one geometry.

    Args:
        steps: of the SCF.
        most: that were allowed (NELM); as many steps mean that it did not converge.
    """
    energies = "".join(f'<i name="{name}">{value}</i>' for name, value in ENERGIES.items())
    atoms = "".join(f"<rc><c>{symbol}</c><c>{n}</c></rc>" for n, symbol in enumerate(SYMBOLS, 1))
    types = "".join(
        f"<rc><c>1</c><c>{symbol}</c><c>16.0</c><c>6.0</c><c>PAW_PBE {symbol}</c></rc>" for symbol in SYMBOLS
    )
    structure = (
        f"<structure><crystal>{_rows('basis', [[3.0, 0, 0], [0, 3.0, 0], [0, 0, 3.0]])}"
        f'<i name="volume">27.0</i>{_rows("rec_basis", [[1 / 3, 0, 0], [0, 1 / 3, 0], [0, 0, 1 / 3]])}</crystal>'
        f"{_rows('positions', [[0, 0, 0], [0.5, 0.5, 0.5]])}</structure>"
    )
    named = structure.replace("<structure>", '<structure name="{}">')
    return f"""<?xml version="1.0" encoding="ISO-8859-1"?>
<modeling>
<generator><i name="program" type="string">vasp</i><i name="version" type="string">6.4.2</i></generator>
<incar><i type="string" name="ALGO">Normal</i><i type="int" name="NELM">{most}</i></incar>
<kpoints><generation param="Gamma"><v type="int" name="divisions">1 1 1</v><v name="usershift">0 0 0</v></generation>
{_rows("kpointlist", [[0, 0, 0]])}{_rows("weights", [[1.0]])}</kpoints>
<parameters><separator name="electronic"><i name="ENMAX">520.0</i><i type="int" name="NELM">{most}</i>
<i name="EDIFF">1E-6</i></separator><separator name="ionic"><i type="int" name="NSW">0</i>
<i type="int" name="IBRION">-1</i></separator></parameters>
<atominfo><atoms>{len(SYMBOLS)}</atoms><types>{len(SYMBOLS)}</types>
<array name="atoms"><dimension dim="1">ion</dimension><field type="string">element</field>
<field type="int">atomtype</field><set>{atoms}</set></array>
<array name="atomtypes"><dimension dim="1">type</dimension><field type="int">atomspertype</field>
<field type="string">element</field><field>mass</field><field>valence</field>
<field type="string">pseudopotential</field><set>{types}</set></array></atominfo>
{named.format("initialpos")}
<calculation>{f"<scstep><energy>{energies}</energy></scstep>" * steps}{structure}
{_rows("forces", FORCES)}{_rows("stress", STRESS)}<energy>{energies}</energy></calculation>
{named.format("finalpos")}
</modeling>
"""


def _rows(name: str, rows: list[list[float]]) -> str:
    lines = "".join(f"<v> {' '.join(f'{number:.8f}' for number in row)} </v>" for row in rows)
    return f'<varray name="{name}">{lines}</varray>'
