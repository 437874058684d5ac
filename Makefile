# Everything that people who work on sw_notebook run; `make help` lists it.
#
# Needs Python 3.11 or newer with venv, and nothing else: Node.js, a browser and a TURN server
# are the machine's where they are there and are installed where they are not.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test coverage soak lint types bench build clean setup test-newer

# the first Python that is new enough and can make a virtual environment
new_enough := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python; do \
	if $$python -c '$(new_enough)' 2>/dev/null; then echo $$python; exit; fi; done)
VENV := .venv
PY := $(VENV)/bin/python
ARGS ?=

help:  ## show this list
	@sed -n 's/^\([a-z-]*\):.*##/\1 –/p' $(MAKEFILE_LIST)

demo: $(VENV)/demo.stamp  ## open JupyterLab on the first notebook (ARGS=--no-browser)
	@$(PY) -m tools.bundle
	@$(PY) -m sw_notebook demo $(ARGS)

test: setup  ## run every test: Python, TypeScript, real browser (ARGS are pytest's)
	@$(PY) -m tools.check all -- $(ARGS)

lint: setup  ## ruff and eslint
	@$(PY) -m tools.check lint

types: setup  ## mypy and tsc
	@$(PY) -m tools.check types

coverage: setup  ## every test once more, and which statements none of them runs (ARGS are pytest's)
	@$(PY) -m tools.coverage -- $(ARGS)

soak: setup test-newer  ## what takes over 30 s, endings 20 times in a row, newer Pythons
	@$(PY) -m tools.soak $(ARGS)

test-newer: setup  ## what needs no browser, on each newer Python that is there
	@$(PY) -m tools.newer $(ARGS)

bench: setup  ## measure the goals of the design against their peers
	@$(PY) -m benchmarks.run $(ARGS)

build: setup  ## wheel and sdist in dist/
	@$(PY) -m build --outdir dist

clean:  ## remove all that these targets made
	rm -rf $(VENV) .venvs dist build test-results sw_notebook/static js/node_modules js/coverage
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage*
	find . -name __pycache__ -prune -exec rm -rf {} +

setup: $(VENV)/dev.stamp
	@$(PY) -m tools.bundle
	@$(PY) -m tools.browser > /dev/null
	@$(PY) -m tools.turn > /dev/null || true  # without one the tests of TURN fail, and nothing else

$(PY):
	@$(if $(PYTHON),,echo 'no Python 3.11 or newer with venv was found: install one, or name it with PYTHON=path' >&2; exit 1)
	@$(PYTHON) -c '$(new_enough)' || \
		{ echo '$(PYTHON) is not Python 3.11 or newer with venv: name another with PYTHON=path' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# the stamps are why a second run starts at once
$(VENV)/dev.stamp: pyproject.toml hatch_build.py $(PY)
	$(PY) -m tools.bundle
	$(PY) -m pip install --quiet --editable '.[dev]'
	@touch $@ $(VENV)/demo.stamp

$(VENV)/demo.stamp: pyproject.toml hatch_build.py $(PY)
	$(PY) -m tools.bundle
	$(PY) -m pip install --quiet --editable '.[demo]'
	@touch $@
