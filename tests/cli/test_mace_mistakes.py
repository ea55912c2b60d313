"""Mistakes with MACE models, by the function and by the command: one message, exit status 2."""

import pytest
import torch

from azibflow.calculators.specs import parse_spec
from azibflow.cli.main import main
from azibflow.errors import AzibflowError

pytest.importorskip("mace")
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning:torch",
    "ignore:The TorchScript type system:UserWarning",
    "ignore:Environment variable TORCH_FORCE:UserWarning",
)


@pytest.fixture(scope="module")
def models(tmp_path_factory, write_mace):
    folder = tmp_path_factory.mktemp("models")
    write_mace(folder / "a.model")
    write_mace(folder / "b.model", numbers=(1, 8, 29))
    torch.save({"weights": 1}, folder / "dict.model")
    (folder / "text.model").write_text("no model")
    return folder


@pytest.fixture
def folder(models, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(models / "cache"))
    return models


def status(*words):
    with pytest.raises(SystemExit) as ending:
        main([str(word) for word in words])
    return int(ending.value.code or 0)


@pytest.mark.parametrize(
    ("named", "more", "message"),
    [
        ("none.model", "", "none.model; check the path"),
        ("omol-extra-large", "", "azibflow calculators --fetch omol-extra-large, then copy the file"),
        ("omol", "", "'omol' is no foundation model of mace-torch"),
        ("text.model", "", "is no readable MACE model"),
        ("dict.model", "", "dict.model holds a dict, not a MACE model of energies"),
        ("[a.model, b.model]", "", "differ in elements; a committee needs models of the same"),
        ("a.model", ", head: surface", "a.model has no head 'surface'; it has Default"),
        ("a.model", ", device: gpu", "'gpu' is no device; use auto, cpu, cuda"),
    ],
)
def test_a_mistake_is_told_before_anything_is_computed(folder, capsys, named, more, message):
    campaign = folder / "campaign.yaml"
    campaign.write_text(
        f"name: zinc\ncalculator: {{kind: mace, models: {named}{more}}}\nsystems:\n  zinc: {{prototype: Zn}}\n"
        "studies:\n  - {kind: surface, system: zinc, facets: [(0001)], layers: [6]}\n"
    )
    assert status("run", campaign, "--dry-run") == 2
    printed = capsys.readouterr().err
    assert message in printed
    assert "Traceback" not in printed

    import yaml

    read = yaml.safe_load(campaign.read_text())["calculator"]
    names = read["models"] if isinstance(read["models"], list) else [read["models"]]
    paths = [str(folder / name) if "." in name else name for name in names]
    with pytest.raises(AzibflowError) as raised:
        parse_spec(read | {"models": paths}).capabilities()
    assert message in str(raised.value)


def test_the_limits_of_one_model_are_printed(folder, capsys):
    assert status("calculators", f"mace:{folder / 'a.model'}") == 0
    printed = capsys.readouterr().out
    assert "elements: H, O, Zn\n" in printed
    assert "charges: 0\nmultiplicity: not an input\n" in printed
    assert status("calculators", f"mace:{folder / 'none.model'}") == 2
