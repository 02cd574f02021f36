# Every target sets up the virtual environment that it needs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= auto
TWO_AT_ONCE := --numprocesses 2 --dist worksteal
OLDEST := .venv-oldest
OLDEST_UV := VIRTUAL_ENV=$(OLDEST) $(OLDEST)/bin/uv pip
PRERELEASE := .venv-prerelease
WHEEL := .venv-wheel
UNPACKED := build/unpacked
AUDIT := .venv-audit
LICENSES := MIT;BSD;Apache;HPND;ISC;MPL-2.0;Mozilla Public License 2.0;PSF;Python Software

.PHONY: help quickstart test test-oldest test-prerelease nightly dist wheel test-wheel \
	lint audit docs bench figures clean

help:
	@echo "make quickstart  train a digit reader and report on it"
	@echo "make test        run the tests"
	@echo "make test-oldest      ... with the oldest versions that pyproject.toml allows"
	@echo "make test-prerelease  ... with a pre-release of scikit-learn and a nightly Keras"
	@echo "make nightly     run the tests that take long, and try odd input by the thousand"
	@echo "make dist        build the wheel and the source distribution, and check them"
	@echo "make wheel       ... and install the wheel elsewhere and run its main tests there"
	@echo "make test-wheel  ... and run all tests there"
	@echo "make lint        check style and types"
	@echo "make audit       check dependencies for known vulnerabilities, and their licenses"
	@echo "make docs        build the documentation into docs/_build/html, and check links"
	@echo "make bench       measure speed and memory beside other libraries"
	@echo "make figures     measure what the other figures in the documentation show"

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"

$(VENV)/installed: pyproject.toml | $(BIN)/python
	@echo "Installing about 2.5 GB of packages: the first time, this takes some minutes."
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/installed-%: pyproject.toml $(VENV)/installed
	$(BIN)/python -m pip install --quiet --group $*
	touch $@

quickstart: $(VENV)/installed
	$(BIN)/sk-mnist train --data $(DATA) --seed 0 --out model.joblib --report report

test: $(VENV)/installed-test
	$(BIN)/python -m pytest $(TWO_AT_ONCE)

# The oldest versions of what pyproject.toml names, with tools for the tests that fit them.
# They warn of one another, so warnings are no errors here.
test-oldest:
	$(PYTHON) -m venv $(OLDEST)
	$(OLDEST)/bin/python -m pip install --quiet uv
	$(OLDEST_UV) install --resolution lowest-direct --editable ".[onnx]"
	$(OLDEST_UV) freeze --exclude-editable > $(OLDEST)/constraints.txt
	$(OLDEST_UV) install --group test --constraint $(OLDEST)/constraints.txt
	$(OLDEST)/bin/python -m pytest $(TWO_AT_ONCE) -W default

test-prerelease:
	$(PYTHON) -m venv $(PRERELEASE)
	$(PRERELEASE)/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	$(PRERELEASE)/bin/python -m pip install --quiet --editable . --group test
	$(PRERELEASE)/bin/python -m pip uninstall --quiet --yes keras
	$(PRERELEASE)/bin/python -m pip install --upgrade --pre scikit-learn keras-nightly
	$(PRERELEASE)/bin/python -m pytest $(TWO_AT_ONCE)

nightly: $(VENV)/installed-test
	SK_MNIST_FAULTS=docs/faults_table.csv $(BIN)/python -m pytest \
		-m "nightly or hypothesis" --hypothesis-profile=nightly
	SK_MNIST_FAULTS=docs/faults_table.csv $(BIN)/python -m pytest \
		tests/faults/test_full_disk.py

dist: $(VENV)/installed-release
	rm -rf dist
	$(BIN)/python -m build
	$(BIN)/twine check --strict dist/*

# The wheel in an empty environment, with what it names as needed and what runs tests; the
# tests are those of the source distribution. They train by the command, read pictures and
# old models, run the README and all docstrings, and see what is imported.
wheel: dist
	rm -rf $(UNPACKED)
	mkdir -p $(UNPACKED)
	tar --extract --gzip --file dist/*.tar.gz --directory $(UNPACKED) --strip-components 1
	$(PYTHON) -m venv --clear $(WHEEL)
	$(WHEEL)/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	$(WHEEL)/bin/python -m pip install --quiet dist/*.whl pytest pytest-timeout hypothesis
	$(WHEEL)/bin/sk-mnist --version
	cd $(UNPACKED) && $(CURDIR)/$(WHEEL)/bin/python -m pytest \
		tests/cli/test_train.py tests/cli/test_predict.py tests/test_readme.py \
		tests/test_light_imports.py tests/test_layout.py \
		tests/classifier/test_saved_models.py \
		--pyargs sk_mnist --doctest-ignore-import-errors

test-wheel: wheel
	$(WHEEL)/bin/python -m pip install --quiet --group test
	cd $(UNPACKED) && $(CURDIR)/$(WHEEL)/bin/python -m pytest $(TWO_AT_ONCE) \
		tests docs --pyargs sk_mnist

lint: $(VENV)/installed-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# In an environment without the tools for tests. namex has Apache's license, but does not
# say so in its metadata.
audit:
	$(PYTHON) -m venv $(AUDIT)
	$(AUDIT)/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	$(AUDIT)/bin/python -m pip install --quiet ".[onnx]"
	$(AUDIT)/bin/python -m pip install --quiet --group audit
	$(AUDIT)/bin/pip-licenses --partial-match --allow-only "$(LICENSES)" \
		--ignore-packages namex
	$(AUDIT)/bin/pip-audit

docs: $(VENV)/installed-docs
	$(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build/html
	$(BIN)/python docs/check_links.py docs/_build/html

bench: $(VENV)/installed-bench
	$(BIN)/python -m benchmarks

# What the pages on scaling, deployment and handwriting show; the last two need MNIST.
figures: $(VENV)/installed-bench
	$(BIN)/python -m benchmarks.dask_search > docs/dask_search.txt
	$(BIN)/python -m benchmarks.larger_than_memory > docs/larger_than_memory.txt
	$(BIN)/python -m benchmarks.serving > docs/serving.txt
	$(BIN)/python -m benchmarks.confidence > docs/confidence.txt
	$(BIN)/python -m benchmarks.learning_curve > docs/learning_curve_table.md
	$(BIN)/python -m benchmarks.reading > docs/reading_table.md

clean:
	rm -rf $(VENV) $(OLDEST) $(PRERELEASE) $(WHEEL) $(AUDIT) build dist docs/_build \
		docs/auto_examples docs/generated report model.joblib
