"""Foundation models by name: compared with the functions of mace-torch, and fetched over real HTTP from this machine.

There is no internet where the tests run. The addresses of mace-torch are replaced by those of a server on the loopback
device, which serves tiny models by the file names of the real ones; all else is what a user runs.
"""

import functools
import hashlib
import inspect
import shutil
import threading
import urllib.request
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import metadata
from pathlib import Path

import pytest
from command_line import azibflow

from azibflow.calculators import mace_foundations
from azibflow.calculators.factory import make_calculator, record
from azibflow.calculators.mace_foundations import (
    ANICC_URL,
    LICENCES,
    OMOL_URL,
    UNSTATED,
    fetch_foundation,
    foundation,
    foundations,
    import_mace,
    listing,
)
from azibflow.calculators.specs import MaceSpec
from azibflow.errors import WeightsError

pytest.importorskip("mace")
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning:torch",
    "ignore:The TorchScript type system:UserWarning",
    "ignore:Environment variable TORCH_FORCE:UserWarning",
)

NAMES = [*(name for names in LICENCES.values() for name in names), "polar-1-s", "polar-1-m", "polar-1-l"]
ONE_PER_FAMILY = ["small", "off-small", "omol-extra-large", "anicc", "polar-1-s"]


@pytest.fixture
def library(tmp_path, monkeypatch):
    """mace-torch with its cache and its package's folder of models in a temporary folder."""
    import_mace()
    from mace.calculators import foundations_models

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(foundations_models, "module_dir", str(tmp_path / "package"))
    return foundations_models


@pytest.fixture
def offline(monkeypatch):
    monkeypatch.setattr(urllib.request, "urlopen", lambda *args, **options: pytest.fail("network access"))
    monkeypatch.setattr(mace_foundations, "urlopen", lambda *args, **options: pytest.fail("network access"))


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder; breaks off in the middle of a file that is named so."""

    def log_message(self, *args):
        pass

    def copyfile(self, source, outputfile):
        data = source.read()
        outputfile.write(data[: len(data) // 2] if "MACE-OFF23_large" in self.path else data)


@pytest.fixture
def served(tmp_path, library, monkeypatch):
    """A folder on a server of this machine, to which every address of mace-torch now leads."""
    folder = tmp_path / "served"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    def here(url):
        return f"http://127.0.0.1:{server.server_port}/{url.rsplit('/', 1)[-1]}"

    for table in (library.mace_mp_urls, library.mace_off_urls, library.polar_model_urls):
        for name, url in table.items():
            monkeypatch.setitem(table, name, here(url))
    monkeypatch.setattr(mace_foundations, "OMOL_URL", here(OMOL_URL))
    monkeypatch.setattr(mace_foundations, "ANICC_URL", here(ANICC_URL))
    yield folder
    server.shutdown()
    server.server_close()


def test_every_name_of_the_library_is_known(library):
    known = foundations()
    assert set(library.mace_mp_urls) <= set(known)
    assert {f"off-{size}" for size in library.mace_off_urls} <= set(known)
    assert set(library.polar_model_urls) <= set(known)
    assert {model.family for model in known.values()} == {
        name for name in vars(library) if name.startswith("mace_") and callable(getattr(library, name))
    }
    assert set(known) == set(NAMES)
    # The two addresses that are copied here, because mace-torch has them inside of functions.
    assert OMOL_URL in inspect.getsource(library.mace_omol)
    assert ANICC_URL in inspect.getsource(library.mace_anicc)


@pytest.fixture(scope="module")
def some_mace(tmp_path_factory, write_mace):
    return write_mace(tmp_path_factory.mktemp("model") / "some.model")


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_where_mace_itself_looks_for_it(name, library, offline, some_mace, monkeypatch, capsys):
    path = foundation(name).file
    path.parent.mkdir(parents=True)
    shutil.copy(some_mace, path)
    # mace-torch loads its files by torch.load without saying that they are pickles.
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    family, options = foundation(name).family, {"return_raw_model": True, "device": "cpu"}
    if family not in ("mace_anicc", "mace_omol"):
        options["model"] = name.removeprefix("off-")
    assert getattr(library, family)(**options).r_max == 4
    notice = capsys.readouterr().out
    make_calculator(MaceSpec(models=name))
    if "ASL" in notice:
        assert foundation(name).licence == "ASL"


def test_licences_are_those_the_library_states(library):
    readme = metadata("mace-torch").get_payload()
    rows = {
        line.split("|")[1].strip(): line.split("|")[-2].strip() for line in readme.splitlines() if "| MACE-" in line
    }
    stated = {
        "small": rows["MACE-MP-0a"],
        "medium-0b3": rows["MACE-MP-0b3"],
        "medium-mpa-0": rows["MACE-MPA-0"],
        "medium-omat-0": rows["MACE-OMAT-0"],
        "off-medium": rows["MACE-OFF23"],
        "mace-matpes-pbe-0": rows["MACE-MATPES-PBE-0"],
        "mace-matpes-r2scan-0": rows["MACE-MATPES-r2SCAN-0"],
        "omol-extra-large": rows["MACE-OMOL-0"],
        "mh-1": rows["MACE-MH-0/1"],
    }
    assert set(stated.values()) == {"MIT", "ASL"}
    for name, licence in stated.items():
        assert foundation(name).licence == licence
    for function, name in ((library.mace_mp, "small-0b"), (library.mace_anicc, "anicc")):
        assert "released under the MIT license" in function.__doc__
        assert foundation(name).licence == "MIT"
    for function, name in ((library.mace_off, "off-large"), (library.mace_omol, "omol-extra-large")):
        assert "released under the ASL license" in function.__doc__
        assert foundation(name).licence == "ASL"
    assert library.mace_polar.__doc__ is None
    assert foundation("polar-1-s").licence == UNSTATED


@pytest.mark.parametrize("name", ONE_PER_FAMILY)
def test_fetching(name, served, write_mace, capsys):
    model = foundation(name)
    source = Path(write_mace(served / model.url.rsplit("/", 1)[-1], seed=7))
    sha256 = hashlib.sha256(source.read_bytes()).hexdigest()
    assert not model.file.exists()

    assert azibflow("calculators", "--fetch", name) == 0

    printed = capsys.readouterr().out
    assert f"{name} ({model.family}), " in printed
    assert ("does not permit commercial use" in printed) == (model.licence == "ASL")
    assert f"is at {model.file}" in printed
    assert f"models: {{path: {name}, sha256: {sha256}}}" in printed
    assert model.file.read_bytes() == source.read_bytes()
    assert [path.name for path in model.file.parent.iterdir()] == [model.file.name], "nothing is left lying about"
    (weights,) = record(MaceSpec(models=name)).weights
    assert weights.sha256 == sha256
    source.unlink()
    assert fetch_foundation(name) == model.file, "what is there is not fetched again"


def test_fetching_a_model_that_the_server_does_not_have(served, capsys):
    model = foundation("medium")
    with pytest.raises(WeightsError, match=f"could not be downloaded from {model.url} to {model.file}: .*404"):
        fetch_foundation("medium")
    assert azibflow("calculators", "--fetch", "medium") == 2
    assert "404" in capsys.readouterr().err


def test_a_download_that_is_cut_short_or_is_a_web_page_leaves_no_file(served, write_mace):
    model = foundation("off-large")
    write_mace(served / "MACE-OFF23_large.model")
    with pytest.raises(WeightsError, match=r"the connection broke after \d+ of \d+ bytes"):
        fetch_foundation("off-large")
    page = served / foundation("small-0b").url.rsplit("/", 1)[-1]
    (page / "index.html").parent.mkdir()
    (page / "index.html").write_text("<html>sign in</html>")
    with pytest.raises(WeightsError, match="the server sent a web page"):
        fetch_foundation("small-0b")
    assert list(model.file.parent.iterdir()) == []


@pytest.mark.parametrize("name", ONE_PER_FAMILY)
def test_weights_that_are_absent_are_named_with_the_command_that_gets_them(name, library, offline):
    path = foundation(name).file
    with pytest.raises(
        WeightsError, match=f"no model file at {path}; .*azibflow calculators --fetch {name}, then copy"
    ):
        make_calculator(MaceSpec(models=name))


def test_unknown_names(library, offline, capsys):
    with pytest.raises(
        WeightsError, match=r"'medium-mpa' is no foundation model of mace-torch; did you mean medium-mpa-0\?"
    ):
        make_calculator(MaceSpec(models="medium-mpa"))
    assert azibflow("calculators", "--fetch", "zzz") == 2
    assert "azibflow calculators lists the names" in capsys.readouterr().err


def test_the_listing_marks_what_is_here(library, offline, write_mace, capsys):
    path = foundation("off-medium").file
    path.parent.mkdir(parents=True)
    write_mace(path)
    assert azibflow("calculators") == 0
    printed = capsys.readouterr().out
    for line in listing():
        assert line in printed
    assert f"mace_off: off-small, off-medium (here), off-large; ASL; {path.parent}" in printed
    assert f"mace_anicc: anicc; MIT; {Path(library.module_dir) / 'foundations_models'}" in printed


def test_a_model_that_comes_with_the_library_is_preferred_as_the_library_does(
    library, offline, tmp_path, write_mace, monkeypatch
):
    bundled = tmp_path / "bundled.model"
    monkeypatch.setattr(library, "local_model_path", str(bundled))
    assert foundation("medium-mpa-0").file.parent != tmp_path
    write_mace(bundled)
    assert foundation("medium-mpa-0").file == bundled
    assert library.download_mace_mp_checkpoint("medium-mpa-0") == str(bundled)
