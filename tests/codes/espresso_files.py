"""Small pseudopotentials and an output as pw.x has them."""

from __future__ import annotations

from pathlib import Path

HYDROGEN = """\
GTH-PBE-q1 (10.1007/s00214-005-0655-y)
  1 1 70301 zatom,zion,pspdat
10 11 -1 2 2001 0 pspcod,pspxc,lmax,lloc,mmax,r2well
  0.20000000 2 -4.17890044 0.72446331 rloc nloc c1 c2
  0 nnonloc
"""
LITHIUM = """\
GTH-PBE-q3 (10.1007/s00214-005-0655-y)
  3 3 70301 zatom,zion,pspdat
10 11 -1 2 2001 0 pspcod,pspxc,lmax,lloc,mmax,r2well
  0.40000000 4 -14.08115455 9.62621962 -1.78361605 0.08515207 rloc nloc c1 c2 c3 c4
  0 nnonloc
"""
ENERGY, ENTROPIC = -1.5, -0.02
"""Hartree; the free energy, and what the width has to do with it."""
FORCES = [[0.1, 0.2, 0.3], [-0.4, -0.5, -0.6]]
STRESS = [[1.0, 4.0, 5.0], [4.0, 2.0, 6.0], [5.0, 6.0, 3.0]]
PRINTED = "     convergence has been achieved in  9 iterations\n   JOB DONE.\n"


def upf(element: str, functional: str = "PBE", valence: float = 12.0) -> str:
    """Write the header of a UPF file of version 2."""
    return (
        f'<UPF version="2.0.1">\n<PP_INFO>\n functional="NONE"\n</PP_INFO>\n<PP_HEADER\n element="{element:2}"\n'
        f' pseudo_type="NC"\n functional=" {functional}"\n z_valence="  {valence:.2f}"/>\n</UPF>\n'
    )


def upf_1(element: str, functional: str) -> str:
    """Write the header of a UPF file of version 1."""
    return (
        f"<PP_HEADER>\n   0                   Version Number\n  {element:2}                   Element\n"
        f"   NC                  Norm - Conserving pseudopotential\n {functional}  Exchange-Correlation functional\n"
        "    4.00000000000      Z valence\n</PP_HEADER>\n"
    )


def write_results(folder: Path, *, width: bool = False, stress: bool = False) -> None:
    """Write what a run leaves in its folder."""
    (folder / "azibflow.save").mkdir(exist_ok=True)
    demet = f"<demet>{ENTROPIC}</demet>" if width else ""
    tensor = f'<stress rank="2" dims="3 3">{_rows(STRESS)}</stress>' if stress else ""
    (folder / "azibflow.save" / "data-file-schema.xml").write_text(
        '<?xml version="1.0"?><qes:espresso xmlns:qes="http://www.quantum-espresso.org/ns/qes/qes-1.0"><output>'
        f"<total_energy><etot>{ENERGY}</etot>{demet}</total_energy>"
        f'<forces rank="2" dims="3 2">{_rows(FORCES)}</forces>{tensor}</output></qes:espresso>'
    )
    (folder / "pw.out").write_text(PRINTED)


def _rows(rows: list[list[float]]) -> str:
    return "\n".join(" ".join(map(str, row)) for row in rows)
