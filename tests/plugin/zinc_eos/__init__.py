"""Equations of state: what this package adds to azibflow. It imports nothing heavy, since every command reads it."""

from importlib.resources import files

from azibflow.studies import StudyKind

STUDY = StudyKind(
    name="equation-of-state",
    says="bulk moduli",
    model="zinc_eos.study:EosStudy",
    result="zinc_eos.flow:EosResult",
    table="zinc_eos.table:eos_table",
    jobs=("zinc_eos.flow",),
    figure="zinc_eos.figure:draw_eos",
    figure_says="energy against volume, with the fit",
    endings=(".png", ".svg"),
    also=("eos",),
)

PUBLISHED = files(__name__) / "published.yaml"
