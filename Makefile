# Every target runs in .venv, which is made once and then reused.
#   PYTHON   the interpreter that makes .venv (3.11 to 3.14)
#   TORCH    picks another torch build: any pip requirement, e.g. make test TORCH=torch==2.12.0
# Both count when .venv is made; `make clean` first to change them later.

PYTHON ?= python3
TORCH ?= torch==2.13.0

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
EXTRAS := lp,train,run,data,dev

export PIP_DISABLE_PIP_VERSION_CHECK = 1
# pyright comes bundled in its wheel, with Node.js: neither is looked up or downloaded
export PYRIGHT_PYTHON_IGNORE_WARNINGS = 1
export PYRIGHT_PYTHON_USE_BUNDLED_PYRIGHT = 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test lint bench fuzz notebook references stress clean

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

demo: $(READY)  ## a first run: policies on one site, scored and drawn
	$(BIN)/python -m experiments.demo

test: lint  ## everything a change must pass: lint, types, tests
	$(BIN)/python -m pytest -n 2

lint: $(READY)  ## style and types alone
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

bench: $(READY)  ## steps per second, single and in batches
	$(BIN)/python -m benchmarks.throughput

fuzz: $(READY)  ## ten million steps of random sites, whose books must close
	$(BIN)/python -m benchmarks.fuzz

notebook: $(READY)  ## run every notebook and keep its outputs
	$(BIN)/python notebooks/execute.py

references: $(READY)  ## recompute the stored reference returns of the registered tasks
	$(BIN)/python -m experiments.references

stress: $(READY)  ## replay the test years under shocks with the best rule: results/stress
	$(BIN)/python -m experiments.stress policy=market_clearing

clean:  ## remove .venv, caches and build products; results in outputs/ and runs/ stay
	rm -rf $(VENV) .demo build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -type d -name __pycache__ -prune -exec rm -rf {} +

# torch has a pin of its own (TORCH), so the constraints go in without it
$(READY): pyproject.toml constraints.txt
	@found=; \
	for candidate in "$(PYTHON)" python3.11 python3.12 python3.13 python3.14; do \
	  if "$$candidate" -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' \
	    >/dev/null 2>&1; then found=$$candidate; break; fi; \
	done; \
	if [ -x $(BIN)/python ] && $(BIN)/python -m pip --version >/dev/null 2>&1; then echo "reusing $(VENV)"; \
	elif [ -n "$$found" ]; then \
	  echo "making $(VENV) with $$found ($$("$$found" --version))"; "$$found" -m venv --clear $(VENV); \
	else \
	  echo "No Python 3.11 to 3.14 with the venv and ensurepip modules: tried $(PYTHON) and python3.11 to python3.14." >&2; \
	  echo "Install one (on Debian and Ubuntu: python3.12 and python3.12-venv), or name it: make PYTHON=/path/to/python3.12" >&2; \
	  exit 1; \
	fi
	@grep -v '^torch==' constraints.txt > $(VENV)/constraints.txt
	$(BIN)/python -m pip install --quiet -c $(VENV)/constraints.txt '$(TORCH)' -e '.[$(EXTRAS)]'
	@touch $@
