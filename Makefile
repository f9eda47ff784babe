# One command to an answer (make demo), one to the whole test run (make test).
# Everything is kept inside the checkout: .venv/ (installed) and artifacts/ (fetched and built).

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
# Address of PyTorch's index of CPU builds; only needed where the index offers a CUDA build first.
TORCH_INDEX ?=
# More arguments for pytest, for example PYTEST_ARGS="-k vignettes -x".
PYTEST_ARGS ?=

export COPRESCRIBE_HOME := artifacts

BIN := .venv/bin
PACKAGES := ontologies kg embeddings api
VENV := .venv/.installed
GRAPH := artifacts/.made/open-graph
MODEL := artifacts/.made/open-model
AXE := artifacts/axe/node_modules/axe-core/axe.min.js
AXE_VERSION := 4.14.1
DEMO := --taking simvastatin,warfarin,amlodipine,omeprazole,clopidogrel \
	--diplotype 'CYP2C19=*2/*2' --add clarithromycin

# What the graph and the model are made from; `coprescribe` itself returns at once when an artifact
# of the same digest stands.
GRAPH_SOURCES := $(shell find ontologies kg -type f -not -path '*/__pycache__/*' \
	-not -path 'kg/screening/*' -not -path 'kg/rules/*' \
	-not -path 'kg/exports/*' -not -path 'kg/metapaths/*')
MODEL_SOURCES := $(shell find embeddings -type f -not -path '*/__pycache__/*')

# A stamp whose artifact was deleted by hand does not count.
ifeq ($(wildcard artifacts/kg/*/manifest.json),)
$(GRAPH): always
endif
ifeq ($(wildcard artifacts/models/*/manifest.json),)
$(MODEL): always
endif

.PHONY: help demo test axe lint format bench nightly fuzz venv constraints clean always

help: ## say what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 14

demo: $(MODEL) ## install, fetch, build, train what is missing, then screen the demo patient
	@$(BIN)/coprescribe screen $(DEMO)

test: $(MODEL) axe ## build what the tests need, then run them all
	$(BIN)/python -m pytest $(PYTEST_ARGS)

axe: ## fetch the checker of the page for accessibility, where npm is installed
	@test -f $(AXE) || { command -v npm > /dev/null && mkdir -p artifacts/axe && \
		npm install --silent --no-save --prefix artifacts/axe axe-core@$(AXE_VERSION) > /dev/null; } || \
		echo "axe-core is not fetched (npm is missing or finds nothing); its tests are skipped" >&2

lint: $(VENV) ## check style, formatting, types and the floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict $(addprefix -p ,$(PACKAGES))
	$(BIN)/lint-imports

format: $(VENV) ## put every file in the one format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(MODEL) ## run every benchmark under benchmarks/
	@shopt -s nullglob; found=(benchmarks/bench_*.py); \
	if (( $${#found[@]} == 0 )); then echo "no benchmark is written yet"; fi; \
	for file in "$${found[@]}"; do echo "== $$file"; $(BIN)/python -m "benchmarks.$$(basename "$$file" .py)"; done; \
	echo "== benchmarks/soak.py"; $(BIN)/python -m benchmarks.soak --minutes 10

nightly: $(MODEL) fuzz ## run also the tests that take minutes
	$(BIN)/python -m pytest -m "" $(PYTEST_ARGS)

fuzz: $(MODEL) ## send ten thousand generated requests to every route
	$(BIN)/pip install --quiet -c constraints.txt --editable ".[train,structures,fuzz,dev]"
	$(BIN)/python -m benchmarks.fuzz

venv: $(VENV) ## install the pinned versions into .venv/

constraints: ## resolve the newest allowed versions and pin them in constraints.txt
	rm -rf artifacts/.resolve
	$(PYTHON) -m venv artifacts/.resolve
	artifacts/.resolve/bin/pip install --no-deps \
		$(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) torch==2.13.0
	artifacts/.resolve/bin/pip install ".[train,structures,plots,pyg,fuzz,dev]" torch==2.13.0
	{ sed -n '/^#/p' constraints.txt; \
	  artifacts/.resolve/bin/pip freeze --all --exclude coprescribe --exclude pip --exclude wheel \
	  | sed -E 's/\+[a-z0-9.]+$$//' | tr 'A-Z_' 'a-z-' | LC_ALL=C sort; } > constraints.new
	mv constraints.new constraints.txt
	rm -rf artifacts/.resolve build

clean: ## remove what was installed and built
	rm -rf .venv artifacts build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache \
		.import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The CPU build of torch comes first, alone, so that no CUDA build is drawn in by pykeen.
$(VENV): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "coprescribe needs Python 3.11 or newer: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 2; }
	@echo "installing into .venv: torch and the rest, 2 GB; pip is silent for some minutes" >&2
	test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --no-deps -c constraints.txt \
		$(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) torch==2.13.0
	$(BIN)/pip install --quiet -c constraints.txt --editable ".[train,structures,dev]"
	@touch $@

$(GRAPH): $(VENV) $(GRAPH_SOURCES)
	$(BIN)/coprescribe build --recipe open
	@mkdir -p $(@D) && touch $@

$(MODEL): $(GRAPH) $(MODEL_SOURCES)
	$(BIN)/coprescribe train
	@mkdir -p $(@D) && touch $@
