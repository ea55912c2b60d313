# Two commands: `make demo` computes and prints the three tables, `make test` runs the tests. Each sets up what it needs.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# Where torch comes from: PyPI's Linux build brings several GB of CUDA libraries along. For the CPU build:
#   make demo TORCH_ARGS="--index-url https://download.pytorch.org/whl/cpu"
TORCH_ARGS ?=
TESTS ?=

# Compiled modules are kept, whatever the shell says: tests start hundreds of processes, and compiling takes each of them longer
# than what it tests.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install demo test lint format docs benchmark clean

help:
	@echo "make demo       compute examples/quickstart.yaml and print its tables (about 4 minutes on 2 cores)"
	@echo "make test       run the tests (TESTS='tests/cli -k table' for some of them)"
	@echo "make lint       ruff and mypy"
	@echo "make docs       build the documentation, with the reference of the campaign file and of Python, into site/"
	@echo "make benchmark  force calls, start-up and engine times beside those of the usual ways"
	@echo "make clean      remove the environment, all run folders and figures"

install: $(INSTALLED)

# torch first: once it is there, nothing else asks for another build of it.
$(INSTALLED): constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("azibflow needs Python 3.11 or newer; this is " + sys.version.split()[0] + \
	  ". Name another one: make PYTHON=/path/to/python3.11" if sys.version_info < (3, 11) else 0)'
	@echo "== installing into $(VENV) (1 of 3: environment)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "== installing into $(VENV) (2 of 3: torch)"
	@$(BIN)/pip install --disable-pip-version-check $(TORCH_ARGS) -c constraints.txt torch
	@echo "== installing into $(VENV) (3 of 3: azibflow and its libraries)"
	@$(BIN)/pip install --disable-pip-version-check -c constraints.txt -e '.[docs,mace,test]'
	@touch $@

# Potentials whose libraries cannot stand beside ours; the tests use the same ones.
export AZIBFLOW_ENVIRONMENTS ?= $(CURDIR)/$(VENV)/environments
SEVENNET := $(AZIBFLOW_ENVIRONMENTS)/sevennet/azibflow.json

$(SEVENNET): $(INSTALLED) data/environments/sevennet.txt
	@$(BIN)/azibflow calculators --install sevennet

demo: $(SEVENNET)
	@$(BIN)/azibflow run examples/quickstart.yaml --run-dir runs/quickstart
	@$(BIN)/azibflow table migration runs/quickstart --literature
	@$(BIN)/azibflow table adsorption runs/quickstart --literature
	@$(BIN)/azibflow table surface runs/quickstart --literature
	@$(BIN)/azibflow plot migration runs/quickstart
	@echo "== all of it as one page, to open in a browser:"
	@$(BIN)/azibflow report runs/quickstart

# One process more than cores: tests of the cluster mostly wait. worksteal: tests that share a fixture stay together, and
# nobody waits at the end.
test: $(INSTALLED)
	@$(BIN)/python -m pytest -n $$(($$(getconf _NPROCESSORS_ONLN) + 1)) --dist worksteal $(TESTS)

lint: $(INSTALLED)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy .

format: $(INSTALLED)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

# -P: else a folder named as a library would be taken for it. Without --quiet, which hides warnings from --strict too.
docs: $(INSTALLED)
	@$(BIN)/python -m azibflow.campaigns.reference docs/campaign.md
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -P -m mkdocs build --strict
	@echo "open site/index.html; to search it, serve it: $(BIN)/python -m http.server --directory site"

benchmark: $(INSTALLED)
	@OMP_NUM_THREADS=1 $(BIN)/python benchmarks/surrogate_cost.py
	@OMP_NUM_THREADS=1 $(BIN)/python benchmarks/images_at_once.py
	@OMP_NUM_THREADS=1 $(BIN)/python benchmarks/engine.py
	@OMP_NUM_THREADS=1 $(BIN)/python benchmarks/coordinator.py
	@OMP_NUM_THREADS=1 $(BIN)/python benchmarks/ending.py
	@OMP_NUM_THREADS=1 $(BIN)/python benchmarks/esp.py
	@OMP_NUM_THREADS=1 $(BIN)/python benchmarks/pyscf_blas.py
	@OMP_NUM_THREADS=1 $(BIN)/python benchmarks/isolated.py

clean:
	rm -rf $(VENV) runs figures build site *.egg-info .pytest_cache .hypothesis .mypy_cache .ruff_cache
