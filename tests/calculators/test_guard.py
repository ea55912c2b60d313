import pytest
from ase import Atoms
from ase.build import bulk, fcc111, molecule

from azibflow.calculators.guard import check
from azibflow.calculators.specs import AseSpec, ChgnetSpec, PyscfSpec
from azibflow.errors import CapabilityError, StructureError
from azibflow.structures.clusters import cluster

EMT = "ase.calculators.emt:EMT"


def charged(charge, label=""):
    atoms = molecule("H2O")
    atoms.info.update(charge=charge, label=label)
    return atoms


def test_what_chgnet_can_do_passes():
    check(ChgnetSpec(), bulk("Zn"))
    check(ChgnetSpec(), fcc111("Cu", (1, 1, 3), vacuum=8.0))
    check(ChgnetSpec(), charged(0))


def test_charge_on_a_charge_blind_surrogate():
    with pytest.raises(CapabilityError, match=r"hexaaqua: total charge \+2, but calculator chgnet knows only 0"):
        check(ChgnetSpec(), charged(2, "hexaaqua"))


def test_declared_charges_are_the_allowed_ones():
    spec = AseSpec(calculator=EMT, charges=(0, 2))
    check(spec, charged(2))
    check(AseSpec(calculator=EMT), charged(5))
    with pytest.raises(CapabilityError, match=r"H2O: total charge -1.*knows only 0, \+2"):
        check(spec, charged(-1))


@pytest.mark.parametrize("symbol", ["Po", "Rn", "Am"])
def test_elements_chgnet_never_saw(symbol):
    with pytest.raises(CapabilityError, match=f"has never seen {symbol}"):
        check(ChgnetSpec(), Atoms(["Zn", symbol], positions=[[0, 0, 0], [0, 0, 2.5]], cell=[9, 9, 9], pbc=True))


@pytest.mark.parametrize("symbol", ["H", "Zn", "V", "Bi", "Ac", "Pu"])
def test_elements_chgnet_saw(symbol):
    check(ChgnetSpec(), Atoms([symbol], cell=[3, 3, 3], pbc=True))


def test_declared_elements():
    with pytest.raises(CapabilityError, match=r"H2O: calculator ase has never seen O \(elements it covers: Cu, H\)"):
        check(AseSpec(calculator=EMT, elements=("Cu", "H")), molecule("H2O"))


def test_boundary_conditions():
    with pytest.raises(CapabilityError, match="needs three periodic directions"):
        check(AseSpec(calculator=EMT, periodic=True), fcc111("Cu", (1, 1, 3), vacuum=8.0))
    with pytest.raises(CapabilityError, match="computes molecules only"):
        check(AseSpec(calculator=EMT, periodic=False), bulk("Cu"))


def test_periodic_without_a_cell_vector():
    with pytest.raises(StructureError, match="H2O: periodic along c but has no cell vector"):
        check(ChgnetSpec(), Atoms(molecule("H2O"), cell=[9, 9, 0], pbc=True))


def test_a_lone_atom_is_refused_where_it_has_no_meaning():
    far = Atoms("Zn2O", positions=[[0, 0, 0], [0, 0, 2.5], [0, 0, 12.0]], cell=[30, 30, 30], pbc=True)
    with pytest.raises(CapabilityError, match=r"atom 2 \(O\) has no neighbour within 6 angstrom"):
        check(ChgnetSpec(), far)
    check(AseSpec(calculator=EMT), far)


@pytest.mark.parametrize(
    ("atoms", "level", "message"),
    [
        (Atoms("OH", info={"label": "hydroxyl", "spin": 1}), {}, "hydroxyl: 9 electrons .* cannot have multiplicity 1"),
        (Atoms("Zn"), {"basis": "6-31+g(d,p)"}, r"no basis '6-31\+g\(d,p\)' for Zn; name another one for it"),
        (Atoms("He"), {"functional": "pbee"}, "no functional 'pbee'"),
        (Atoms("He"), {"solvent": "watr"}, "no solvent 'watr'.*near names: water"),
        (Atoms("He", cell=[9, 9, 9], pbc=True), {}, "is periodic, but calculator pyscf computes molecules only"),
    ],
)
def test_what_pyscf_cannot_do_is_known_before_any_scf(atoms, level, message):
    spec = PyscfSpec.model_validate({"functional": "pbe", "basis": "def2-svp", **level})
    with pytest.raises(CapabilityError, match=message):
        check(spec, atoms)


def test_charged_hydrates_are_not_for_chgnet():
    hydrate = cluster("[Zn(H2O)6]2+")
    with pytest.raises(
        CapabilityError, match=r"\[Zn\(H2O\)6\]2\+: total charge \+2, but calculator chgnet knows only 0"
    ):
        check(ChgnetSpec(), hydrate)
    check(PyscfSpec.model_validate({"preset": "yang2025"}), hydrate)
