# Every target sets up the virtual environment that it needs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= auto

.PHONY: help quickstart test nightly lint docs bench clean

help:
	@echo "make quickstart  train a digit reader and report on it"
	@echo "make test        run the tests"
	@echo "make nightly     run the tests that install packages or take minutes"
	@echo "make lint        check style and types"
	@echo "make docs        build the documentation into docs/_build/html"
	@echo "make bench       measure speed and memory beside other libraries"

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"

$(VENV)/installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/installed-%: pyproject.toml $(VENV)/installed
	$(BIN)/python -m pip install --quiet --group $*
	touch $@

quickstart: $(VENV)/installed
	$(BIN)/sk-mnist train --data $(DATA) --seed 0 --out model.joblib --report report

test: $(VENV)/installed-test
	$(BIN)/python -m pytest

nightly: $(VENV)/installed-test
	$(BIN)/python -m pytest -m nightly

lint: $(VENV)/installed-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/installed-docs
	$(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build/html

bench: $(VENV)/installed-bench
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) docs/_build docs/auto_examples docs/generated report model.joblib
