"""The published values: schema, sources and spot values against the papers."""

import re
from collections import Counter

import pytest
from pydantic import ValidationError

from azibflow.data.literature import UNKNOWN, PublishedValue, Quantity, Source, published, published_values
from azibflow.errors import AzibflowError
from azibflow.studies import BUILT_IN

COMPILATION = "10.48550/arXiv.2508.06459"


def test_every_entry_is_complete():
    for key, entry in published_values().items():
        assert entry.key == key
        assert entry.system and entry.locator and entry.method and entry.reference_state
        assert (entry.value is None) != (entry.ordering is None)
        if entry.value is not None:
            assert entry.unit or entry.quantity in (Quantity.COORDINATION_NUMBER, Quantity.STORAGE_LIMIT)


def test_keys_can_be_typed_and_stand_in_a_list():
    assert all(re.fullmatch(r"[A-Za-z0-9@()\[\]+_-]+", key) for key in published_values())


def test_dois_are_wellformed_and_only_the_review_without_one_lacks_it():
    sources = {entry.source for entry in published_values().values()}
    assert all(re.fullmatch(r"10\.\d{4,5}/[^\s;,]+", source.doi) for source in sources if source.doi)
    assert [source.citation[:9] for source in sources if source.doi is None] == ["Y. Liu et"]


def test_compilation_is_whole():
    rows = [entry for entry in published_values().values() if entry.source.doi == COMPILATION]
    assert len(rows) == 25
    assert Counter(row.species for row in rows) == {"Zn": 23, "Mg": 2}
    assert all(row.quantity is Quantity.MIGRATION_BARRIER and row.unit == "eV" for row in rows)
    assert sum(row.value for row in rows) == pytest.approx(21.988)
    assert "Mg" in published("MgZnSiO4_1").note


@pytest.mark.parametrize(
    ("key", "value", "unit", "doi"),
    [
        ("a-V2O5_Zn", 0.283, "eV", COMPILATION),
        ("ZnNiO2_2", 0.149, "eV", COMPILATION),
        ("H2V3O8", 3.4, "eV", "10.1039/d5ee03741g"),
        ("a-SiO2-Si-O", 1.62, "angstrom", "10.1107/S0021889869006868"),
        ("a-SiO2-Si-Si", 3.1, "angstrom", "10.1143/JJAP.9.879"),
        ("a-TiO2-Ti-O", 1.94, "angstrom", "10.1103/PhysRevB.78.214106"),
        ("H-MoS2", 0.41, "eV", "10.1039/d5ee03741g"),
        ("SAFe@MXene-Zn", -1.26, "eV", "10.1039/d5ee03741g"),
        ("Zn-surface", 0.38, "J/m^2", None),
        ("VOx-G-capacity", 717.06, "mAh/g", "10.1039/d5mh02260f"),
        ("Ov-VO2-ZnSO4", 33.26, "kJ/mol", "10.1016/j.cej.2025.172521"),
    ],
)
def test_spot_values(key, value, unit, doi):
    entry = published(key)
    assert (entry.value, entry.unit, entry.source.doi) == (value, unit, doi)


def test_versions_of_one_paper_are_told_apart():
    assert "accepted version only" in published("MoS2").locator
    assert "typeset and accepted" in published("H2V3O8").locator


def test_no_adsorption_energy_claims_a_reference_its_paper_does_not_state():
    entries = [e for e in published_values().values() if e.quantity is Quantity.ADSORPTION_ENERGY]
    assert {entry.reference_state for entry in entries} == {UNKNOWN}


@pytest.mark.parametrize(("wrong", "nearest"), [("mos2", "MoS2"), ("a-V205_Zn", "a-V2O5_Zn"), ("SAFe-Zn", "SAFe@")])
def test_wrong_key_names_the_nearest(wrong, nearest):
    with pytest.raises(AzibflowError, match=re.escape(nearest)):
        published(wrong)


def test_key_like_no_other_says_so():
    with pytest.raises(AzibflowError, match="none is like it"):
        published("xxxxxxxxxxxx")


@pytest.mark.parametrize("fields", [{}, {"value": 1.0, "ordering": "a above b"}])
def test_an_entry_has_a_number_or_an_ordering(fields):
    with pytest.raises(ValidationError, match="either a value or an ordering"):
        PublishedValue(
            key="k", quantity="capacity", system="s", source=Source(citation="c"), locator="l", method="m", **fields
        )


def test_numbers_of_one_paper_are_in_the_order_that_is_said_of_them():
    """By the printed numbers: what is ordered beside a number, where the others have an entry of their own."""
    printed = {
        "H2V3O8-MXene": ["H2V3O8-MXene", "H2V3O8"],
        "H-MoS2": ["H-MoS2", "MoS2"],
        "SAFe@MXene-Zn": ["SAFe@MXene-Zn", "MXene-Zn", "Zn-Zn"],
        "carbon-Zn2+": ["carbon-Zn2+", "Zn-Zn2+"],
        "a-TiO2-Zn": ["a-TiO2-Zn", "a-SiO2-Zn"],
        "ZHC-surface": ["Zn-surface", "ZHC-surface"],
        "TiS2-TiO2-desolvation": ["TiS2-TiO2-desolvation", "TiS2-desolvation"],
    }
    for key, keys in printed.items():
        entries = [published(one) for one in keys]
        assert sorted(entries, key=lambda entry: entry.value) == entries
        assert len({(entry.source, entry.quantity) for entry in entries}) == 1
        assert len(published(key).order) >= len(keys)
    numbers = {key for key, entry in published_values().items() if entry.order and entry.value is not None}
    assert numbers - set(printed) == {"Org-Cu-Zn"}, "the others of Org-Cu are in a picture only"


def test_every_ordering_of_what_tables_have_is_an_order():
    kinds = [kind.system_rows for kind in BUILT_IN if kind.system_rows]
    decided = {quantity for rows in kinds for quantity, _ in rows.quantities}
    entries = published_values().items()
    prose = {key for key, entry in entries if entry.ordering and not entry.order and entry.quantity in decided}
    of_one_system = {"H2V3O8-MXene-Zn", "TiS2-H"}
    assert prose == {*of_one_system, "VN-OH"}, "the last is of a place near an optimum"
    assert published("graphene-Zn").order_in_words == "Sn, TiO2 < graphene"
    assert published("Co-MnO2").order_in_words == "H at Co-MnO2 < Zn at Co-MnO2"
    assert published("SAFe@MXene-desolvation").every_step


@pytest.mark.parametrize("order", [["VO2"], ["VO2", ["V2O5", "VO2"]], ["VO2", []]])
def test_an_order_is_of_several_systems(order):
    with pytest.raises(ValidationError):
        PublishedValue(
            key="k",
            quantity="capacity",
            system="s",
            ordering="a below b",
            order=order,
            source=Source(citation="c"),
            locator="l",
            method="m",
        )
