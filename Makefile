# Every target works on a fresh clone: it makes the virtual environment and fetches what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: test check proto golden oracle differential clean

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -q tests/test_architecture.py

test: $(STAMP)
	$(BIN)/pytest -q

proto: $(STAMP)
	$(BIN)/python proto/generate.py llbfront/pb

oracle: $(STAMP)
	$(BIN)/python -m tests.differential.reference

# Compare with BuildKit's own frontend: generated cases (N, SEED), or the Dockerfiles of a folder (CORPUS).
N ?= 20000
SEED ?= 1
differential: $(STAMP)
	$(BIN)/python -m tests.differential $(if $(CORPUS),--corpus $(CORPUS),--cases $(N) --seed $(SEED))

clean:
	rm -rf $(VENV) build dist
