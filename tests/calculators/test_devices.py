import pytest
import torch

from azibflow.analysis.tables.provenance import describe
from azibflow.calculators.chgnet_network import ChgnetCalculator
from azibflow.calculators.devices import resolved, usable
from azibflow.calculators.factory import identity, make_calculator, record
from azibflow.calculators.specs import AseSpec, CalculatorRecord, ChgnetSpec
from azibflow.errors import CapabilityError


@pytest.fixture(params=[0, 2])
def gpus(request, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: request.param > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: request.param)
    return request.param


def test_auto_is_a_gpu_where_there_is_one(gpus):
    assert resolved("auto") == usable("auto") == ("cuda" if gpus else "cpu")
    assert resolved("cuda:1") == "cuda:1"
    assert usable("cpu") == "cpu"


def test_a_gpu_that_is_not_there_is_refused(gpus):
    if gpus:
        assert usable("cuda:1") == "cuda:1"
        with pytest.raises(CapabilityError, match=r"'cuda:2' was asked for, but torch finds 2 here"):
            usable("cuda:2")
    else:
        with pytest.raises(CapabilityError, match=r"'cuda:1' .* no CUDA device here; use device: cpu, or auto"):
            make_calculator(ChgnetSpec(device="cuda:1"))


def test_the_record_says_what_auto_was(gpus):
    written = record(ChgnetSpec(device="auto"))
    assert (written.spec.device, written.device) == ("auto", "cuda" if gpus else "cpu")
    assert f"device={written.device};" in describe(written)
    assert identity(ChgnetSpec(device="auto")) == identity(ChgnetSpec())
    assert record(AseSpec(calculator="ase.calculators.emt:EMT")).device is None


def test_auto_computes_on_the_processor_here():
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    calculator = make_calculator(ChgnetSpec(device="auto"))
    assert isinstance(calculator, ChgnetCalculator)
    assert next(calculator.network.parameters()).device.type == "cpu"


def test_a_record_written_before_there_was_a_device_still_loads():
    old = record(ChgnetSpec()).model_dump(exclude={"device"})
    assert CalculatorRecord.model_validate(old).device is None
