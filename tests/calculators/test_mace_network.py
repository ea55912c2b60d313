import hashlib
import os
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk, molecule

from azibflow.calculators.factory import make_calculator, record
from azibflow.calculators.guard import check
from azibflow.calculators.specs import MaceSpec, Weights
from azibflow.errors import CapabilityError, WeightsError

pytest.importorskip("mace")
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning:torch",
    "ignore:The TorchScript type system:UserWarning",
    "ignore:Environment variable TORCH_FORCE:UserWarning",
)


@pytest.fixture(scope="module")
def models(tmp_path_factory, write_mace):
    folder = tmp_path_factory.mktemp("models")
    return [write_mace(folder / f"{seed}.model", seed) for seed in (1, 2, 3)]


@pytest.fixture
def zinc_oxide():
    atoms = bulk("ZnO", "wurtzite", a=3.25, c=5.2)
    atoms.rattle(0.1, seed=1)
    return atoms


def test_one_model_equals_mace_itself(models, zinc_oxide):
    from mace.calculators import MACECalculator

    theirs = MACECalculator(model_paths=models[0], device="cpu", default_dtype="float64")
    ours = make_calculator(MaceSpec(models=models[0]))
    for name in ("energy", "forces", "stress"):
        np.testing.assert_allclose(
            ours.get_property(name, zinc_oxide), theirs.get_property(name, zinc_oxide), atol=1e-12
        )


def test_committee_gives_the_mean_and_every_member(models, zinc_oxide):
    singles = [make_calculator(MaceSpec(models=path)) for path in models]
    committee = make_calculator(MaceSpec(models=tuple(models)))
    energies = [single.get_property("energy", zinc_oxide) for single in singles]
    forces = [single.get_property("forces", zinc_oxide) for single in singles]
    assert np.ptp(energies) > 1e-3
    assert committee.get_property("energy", zinc_oxide) == pytest.approx(np.mean(energies), abs=1e-10)
    np.testing.assert_allclose(committee.get_property("forces", zinc_oxide), np.mean(forces, axis=0), atol=1e-10)
    np.testing.assert_allclose(committee.results["energy_comm"], energies, atol=1e-10)
    np.testing.assert_allclose(committee.results["forces_comm"], forces, atol=1e-10)


def test_files_are_loaded_once(models, monkeypatch):
    import torch

    from azibflow.calculators import mace_network

    mace_network._load.cache_clear()
    loads = []
    original = torch.load
    monkeypatch.setattr(torch, "load", lambda *args, **options: loads.append(args) or original(*args, **options))
    first, second = (make_calculator(MaceSpec(models=tuple(models))) for _ in range(2))
    check(MaceSpec(models=tuple(models)), molecule("H2O"))
    assert len(loads) == 3
    assert first is not second
    assert all(a is b for a, b in zip(first.models, second.models, strict=True))


def test_single_precision_is_its_own_copy_of_the_network(models, zinc_oxide):
    double = make_calculator(MaceSpec(models=models[0])).get_property("energy", zinc_oxide)
    single = make_calculator(MaceSpec(models=models[0], dtype="float32")).get_property("energy", zinc_oxide)
    assert single != double
    assert single == pytest.approx(double, abs=1e-4)
    assert make_calculator(MaceSpec(models=models[0])).get_property("energy", zinc_oxide) == double


def test_record_and_pin(models):
    sha256 = hashlib.sha256(Path(models[0]).read_bytes()).hexdigest()
    pinned = MaceSpec(models=(Weights(path=models[0], sha256=sha256),))
    make_calculator(pinned)
    written = record(pinned)
    assert [(w.name, w.sha256) for w in written.weights] == [("1.model", sha256)]
    assert {"mace-torch", "torch", "e3nn", "ase"} <= written.versions.keys()


def test_a_file_that_is_not_the_promised_one_is_never_unpickled(models, monkeypatch):
    import torch

    monkeypatch.setattr(torch, "load", lambda *args, **options: pytest.fail("the file was loaded"))
    wrong = MaceSpec(models=(Weights(path=models[0], sha256="0" * 64),))
    with pytest.raises(WeightsError, match=r"1\.model has SHA-256 [0-9a-f]{64}, not 0{64}"):
        make_calculator(wrong)


def test_missing_and_unreadable_files(tmp_path):
    with pytest.raises(WeightsError, match=f"no model file at {tmp_path}/none.model"):
        make_calculator(MaceSpec(models=str(tmp_path / "none.model")))
    (tmp_path / "text.model").write_text("not a model")
    with pytest.raises(WeightsError, match=r"text\.model .* is no readable MACE model"):
        make_calculator(MaceSpec(models=str(tmp_path / "text.model")))
    import torch

    torch.save({"a": 1}, tmp_path / "dict.model")
    with pytest.raises(WeightsError, match=r"dict\.model holds a dict, not a MACE model"):
        make_calculator(MaceSpec(models=str(tmp_path / "dict.model")))


@pytest.mark.parametrize(
    ("options", "difference"),
    [
        ({"numbers": (1, 8, 29)}, "elements"),
        ({"r_max": 5.0}, "cutoff"),
        ({"numbers": (1, 8, 29), "r_max": 5.0}, "elements and cutoff"),
        ({"heads": ["bulk", "surface"]}, "heads"),
        (
            {"embedding": {"total_charge": {"type": "categorical", "per": "graph", "num_classes": 5, "emb_dim": 4}}},
            "charges",
        ),
    ],
)
def test_a_committee_needs_models_that_read_the_same(models, tmp_path, write_mace, options, difference):
    other = write_mace(tmp_path / "other.model", **options)
    with pytest.raises(WeightsError, match=f"other.model and .*1.model differ in {difference}; a committee needs"):
        make_calculator(MaceSpec(models=(models[0], other)))


def test_guard_reads_elements_from_the_model_and_charges_from_the_user(models):
    spec = MaceSpec(models=models[0])
    check(spec, molecule("H2O"))
    with pytest.raises(CapabilityError, match=r"mace has never seen C \(elements it covers: H, O, Zn\)"):
        check(spec, molecule("CH4"))
    cluster = molecule("H2O")
    cluster.info["charge"] = 2
    with pytest.raises(CapabilityError, match=r"charge \+2"):
        check(spec, cluster)
    check(MaceSpec(models=models[0], charges=(0, 2)), cluster)


@pytest.mark.parametrize("use", [make_calculator, MaceSpec.capabilities])
def test_heads(models, tmp_path, write_mace, use):
    with pytest.raises(CapabilityError, match=r"has no head 'surface'; it has Default"):
        use(MaceSpec(models=models[0], head="surface"))
    two = write_mace(tmp_path / "two.model", heads=["bulk", "surface"])
    with pytest.raises(CapabilityError, match=r"two.model has several heads, name one: bulk, surface"):
        use(MaceSpec(models=two))
    use(MaceSpec(models=two, head="surface"))


def test_a_model_that_needs_a_module_which_is_not_installed(tmp_path):
    # What torch.load meets in MACE-Polar where its library is missing: a class of a module that is not there.
    import torch

    for module in ("graph_longrange", "no_such_library"):
        sys.modules[module] = types.ModuleType(module)
        sys.modules[module].Layer = type("Layer", (), {"__module__": module})
        torch.save(sys.modules[module].Layer(), tmp_path / f"{module}.model")
        del sys.modules[module]
        with pytest.raises(WeightsError, match=f"needs the Python module {module}, which is not installed") as raised:
            make_calculator(MaceSpec(models=str(tmp_path / f"{module}.model")))
        assert ("pip install graph_longrange" in str(raised.value)) == (module == "graph_longrange")


def test_limits_are_read_where_there_is_no_gpu(models, monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    spec = MaceSpec(models=models[0], device="cuda")
    check(spec, molecule("H2O"))
    with pytest.raises(CapabilityError, match=r"device 'cuda' was asked for, but torch finds no CUDA device here"):
        make_calculator(spec)


def test_importing_mace_leaves_torch_loading_safe_and_is_silent(models):
    program = (
        "import os; from azibflow.calculators.factory import make_calculator; "
        "from azibflow.calculators.specs import parse_spec; "
        f"make_calculator(parse_spec('mace:{models[0]}')); print(os.environ.get('TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD'))"
    )
    clean = {key: value for key, value in os.environ.items() if key != "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=clean)
    assert (done.stdout, done.stderr) == ("None\n", "")
