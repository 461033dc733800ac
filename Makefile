# `make demo` and `make test` set up all they need in .venv; nothing else is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test fast lint types bench scale power schemas clean

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

demo: $(STAMP)  ## Build 1,200 tasks on the embedded source and prove every one, replacing what is not.
	$(BIN)/taskkit build mimic --count 1200 --out demo/mimic
	$(BIN)/taskkit prove demo/mimic --replace
	$(BIN)/taskkit stats demo/mimic

test: $(STAMP) lint types  ## Lint, type-check and run every test.
	$(BIN)/pytest -n auto --dist loadfile

fast: $(STAMP)  ## The tests that take less than a minute.
	$(BIN)/pytest -n auto --dist loadfile -m 'not slow'

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

bench: $(STAMP)  ## Print each figure of speed beside its floor, measured in the same run.
	$(BIN)/python -m tests.bench.bench

scale: $(STAMP)  ## Measure the whole SQL family and how one domain grows; hours, goes on where it was.
	$(BIN)/python -m tests.bench.scale --work scale

power: $(STAMP)  ## Each study design's size and power beside a simulation of them.
	$(BIN)/python -m tests.bench.power

schemas: $(STAMP)  ## Write schemas/ anew from the models.
	$(BIN)/python -c "from pathlib import Path; from taskkit.spec.schema import MODELS, write_schemas; from taskkit.build import plan; from taskkit.sql.questions import dialogue, template; write_schemas(Path('schemas'), MODELS | template.DOCUMENTS | dialogue.DOCUMENTS | plan.DOCUMENTS)"

clean:
	rm -rf $(VENV) demo scale .mypy_cache .ruff_cache .pytest_cache
