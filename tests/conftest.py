"""What many tests share: cheap calculators, small campaigns, one thread."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

# Tests run in several processes: two threads each on a busy core make linear algebra ten times slower. Before numpy.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402

from azibflow.calculators.specs import AseSpec  # noqa: E402
from azibflow.hpc import processes  # noqa: E402
from azibflow.light_jobs import light_job  # noqa: E402

sys.path.insert(0, str(Path(__file__).parent))  # what several folders of tests share

settings.register_profile("azibflow", deadline=None)  # how long an example takes says how busy the machine is
settings.load_profile("azibflow")

EMT = AseSpec(calculator="ase.calculators.emt:EMT", elements=("Al", "Cu", "H", "N", "O"), charges=(0,))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put tests of the cluster first: they wait, each for the others too, and at the end nobody else would be left."""
    items.sort(key=lambda item: item.path.parent.name != "slurm")


@pytest.fixture(scope="session", autouse=True)
def _one_torch_thread() -> None:
    """The same for torch."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="session", autouse=True)
def _light_jobs_cannot_compute() -> Iterator[None]:
    """Let Jobflow's own manager refuse, as the workers do, what would compute on a login node."""
    from jobflow import Job

    original = Job.run

    def run(self: Job, *arguments: Any, **options: Any) -> Any:
        if self.config.manager_config.get("kind") != "light":
            return original(self, *arguments, **options)
        with light_job(self.name):
            return original(self, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Job, "run", run)
        yield


class _KeptWorker(processes._Worker):
    """A process for jobs that outlives its run, for a run of a later test.

    Importing what computes takes a process longer than most jobs of tests: a quarter of the time of all tests. Runs of
    the same test have processes of their own, as those of users have, and so has every run in another environment.
    """

    kept: list[_KeptWorker] = []  # noqa: RUF012 - of all of them
    starter = ThreadPoolExecutor(1)
    """The thread that starts them: they die with it."""

    def __init__(self, *given: int) -> None:
        self.surroundings = _surroundings(given)
        self.test = os.environ.get("PYTEST_CURRENT_TEST")
        self.busy = False
        super().__init__(*given)

    @classmethod
    def take(cls, *given: int) -> _KeptWorker:
        """Return a process that is kept, or a new one."""
        surroundings, test = _surroundings(given), os.environ.get("PYTEST_CURRENT_TEST")
        for worker in cls.kept:
            if worker.surroundings == surroundings and worker.test != test and worker.process.is_alive():
                cls.kept.remove(worker)
                worker.test = test
                worker.call(os.chdir, (Path.cwd(),), {})
                return worker
        return cls.starter.submit(cls, *given).result()

    def call(self, *given: Any) -> Any:
        self.busy = True
        try:
            answer = super().call(*given)
        except processes.WorkerLostError:
            raise
        except Exception:
            self.busy = False
            raise
        self.busy = False
        return answer

    def end(self) -> None:
        if self.busy or not self.process.is_alive():
            super().end()
            return
        self.kept.append(self)
        if len(self.kept) > 2:  # a network in each may take a gigabyte
            super(_KeptWorker, self.kept.pop(0)).end()


def _surroundings(given: tuple[int, ...]) -> object:
    """Return what a process takes over when it starts."""
    own = {"PYTEST_CURRENT_TEST", processes.IMAGES_VARIABLE, *processes.THREAD_VARIABLES}
    return given, {name: value for name, value in os.environ.items() if name not in own}, list(sys.path)


@pytest.fixture(autouse=True)
def _kept_workers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let runs within the process of the tests use processes again, but where those are what is tested."""
    if request.path.parent.name not in ("hpc", "slurm", "isolated"):
        monkeypatch.setattr(processes, "_Worker", _KeptWorker.take)


@pytest.fixture(scope="session")
def emt() -> AseSpec:
    """Effective medium theory: real forces in milliseconds."""
    return EMT


@pytest.fixture(scope="session")
def small_campaign_text() -> str:
    """A campaign of seconds, computed by effective medium theory."""
    return SMALL_CAMPAIGN


@pytest.fixture
def small_campaign(tmp_path: Path) -> Path:
    """The file of that campaign."""
    path = tmp_path / "small.yaml"
    path.write_text(SMALL_CAMPAIGN)
    return path


@pytest.fixture(scope="session")
def write_mace() -> Callable[..., str]:
    """Write the file of a MACE of a few hundred weights, real but untrained; return its path."""
    pytest.importorskip("mace")
    return _write_mace


def _write_mace(
    path: Path,
    seed: int = 1,
    numbers: tuple[int, ...] = (1, 8, 30),
    r_max: float = 4.0,
    heads: list[str] | None = None,
    embedding: dict[str, Any] | None = None,
) -> str:
    import numpy as np
    import torch

    # Importing mace lets every later torch.load of the process unpickle anything; not so where it is imported first.
    from azibflow.calculators.mace_foundations import import_mace

    import_mace()
    from e3nn import o3
    from mace.modules import ScaleShiftMACE, interaction_classes

    torch.manual_seed(seed)
    count = len(heads or ["Default"])
    model = ScaleShiftMACE(
        r_max=r_max,
        num_bessel=4,
        num_polynomial_cutoff=3,
        max_ell=1,
        interaction_cls=interaction_classes["RealAgnosticResidualInteractionBlock"],
        interaction_cls_first=interaction_classes["RealAgnosticInteractionBlock"],
        num_interactions=2,
        num_elements=len(numbers),
        hidden_irreps=o3.Irreps("4x0e"),
        MLP_irreps=o3.Irreps("4x0e"),
        atomic_energies=np.tile(np.linspace(-3.0, -1.0, len(numbers)), (count, 1)),
        avg_num_neighbors=8.0,
        atomic_numbers=list(numbers),
        correlation=1,
        gate=torch.nn.functional.silu,
        radial_MLP=[8],
        atomic_inter_scale=[1.0] * count,
        atomic_inter_shift=[0.0] * count,
        heads=heads,
        embedding_specs=embedding,
    )
    torch.save(model, path)
    return str(path)


SMALL_CAMPAIGN = """\
name: small
calculator: {kind: ase, calculator: "ase.calculators.emt:EMT", elements: [Cu, Al, H, O], charges: [0]}
systems:
  copper: {prototype: Cu}
  cu111:
    prototype: Cu
    slab: {miller: (111), layers: 3, supercell: [2, 2], vacuum: 10, fixed_layers: 1}
studies:
  - kind: adsorption
    system: cu111
    adsorbate: O
  - kind: surface
    system: copper
    facets: [(111), (100)]
    layers: [6]
"""


@pytest.fixture(scope="session")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the package of ``tests/plugin`` is installed, to be put on PYTHONPATH."""
    target = tmp_path_factory.mktemp("packages")
    source = tmp_path_factory.mktemp("source") / "plugin"
    shutil.copytree(Path(__file__).parent / "plugin", source)  # building leaves folders behind
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", target, source]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture(scope="session")
def sevennet() -> Path:
    """The folder of environments beside this one, with that of SevenNet, which whoever comes first installs."""
    from filelock import FileLock

    from azibflow.calculators.isolated.environments import VARIABLE, environment
    from azibflow.calculators.isolated.install import install
    from azibflow.errors import CapabilityError

    folder = Path(sys.prefix) / "environments"
    os.environ.setdefault(VARIABLE, str(folder))
    folder.mkdir(exist_ok=True)
    with FileLock(folder / "lock"):
        if environment("sevennet").problem():
            try:
                install(environment("sevennet"))
            except CapabilityError as error:
                if os.environ.get("CI"):
                    raise
                pytest.skip(f"SevenNet cannot be installed here: {error}")
    return folder
