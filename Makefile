# make help lists what there is. Setup happens by itself, once for each pyproject.toml.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

VENV ?= .venv
BIN := $(VENV)/bin
OUT ?= build/out
N ?=
ARGS ?=
SECONDS ?= 60
DOCUMENTS ?= 100000
KILLS ?= 200
# The first interpreter that is new enough; PYTHON=... takes another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
HASH := $(shell sha256sum pyproject.toml | cut -c1-16)
RUN_STAMP := $(VENV)/.installed-$(HASH)
DEV_STAMP := $(VENV)/.installed-dev-$(HASH)

.PHONY: help run test check quality quality-scans bench bench-tables bench-scans soak kills load fuzz wheel clean setup

help: ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1|\2/p' $(firstword $(MAKEFILE_LIST)) | while IFS='|' read -r name what; do \
		printf '  make %-14s %s\n' "$$name" "$$what"; done

run: $(RUN_STAMP) ## set up if needed, read samples/ into build/out, and say what came of it
	@"$(BIN)/tabularium" run samples -o "$(OUT)" || { code=$$?; [ $$code -eq 1 ] || exit $$code; }

test: $(DEV_STAMP) ## set up if needed and run the tests
	@"$(BIN)/python" -m pytest

check: $(DEV_STAMP) ## formatting, lint, types, import layers, the README's examples
	@"$(BIN)/ruff" format --check .
	@"$(BIN)/ruff" check .
	@"$(BIN)/mypy"
	@"$(BIN)/python" -m pytest -q tests/test_layers.py tests/test_docs.py

quality: $(DEV_STAMP) ## score everything labelled; N=2000 also that many made-up reports
	@"$(BIN)/python" -m tests.quality.score $(if $(N),--press $(N))

quality-scans: $(DEV_STAMP) ## score N=200 made-up reports that are scanned at 120 to 300 dpi, clean and rough (3 CPU seconds a page)
	@"$(BIN)/python" -m tests.quality.score --scans $(or $(N),200) --reliability $(ARGS)

bench: $(DEV_STAMP) ## time beside the floor, documents a second, growth; DOCS=5000 RUNS=5 MEMORY=1 for the full run
	@"$(BIN)/python" -m tests.bench $(ARGS)

bench-tables: $(DEV_STAMP) ## our tables of PDFs beside other tools', on the truths in DATA=DIR; ARGS="--documents"
	@"$(BIN)/python" -m tests.bench.tables "$(DATA)" $(ARGS)

bench-scans: $(DEV_STAMP) ## scans beside tesseract and img2table, where they are installed; ARGS="DIR --limit 20" on a press run
	@"$(BIN)/python" -m tests.bench.scans $(ARGS)

soak: $(DEV_STAMP) ## DOCUMENTS=100000 small ones in WARC files, on one job and on two: documents a second, memory, what the batch costs; over an hour
	@"$(BIN)/python" -m tests.bench.soak --documents $(DOCUMENTS) $(ARGS)

kills: $(DEV_STAMP) ## kill a batch of 2,000 documents at KILLS=200 random moments and look at what is left
	@"$(BIN)/python" -m tests.faults --kills $(KILLS) $(ARGS)

load: $(DEV_STAMP) ## ask the service for four times what it can serve, with slow clients, bodies of 1 GB and killed workers
	@"$(BIN)/python" -m tests.bench.load $(ARGS)

fuzz: $(DEV_STAMP) ## damage documents at random for SECONDS=60 and look at what comes of it; ARGS="--atheris engine" by coverage
	@"$(BIN)/python" -m tests.fuzz --seconds $(SECONDS) $(ARGS)

wheel: $(DEV_STAMP) ## wheel and sdist into dist/
	@"$(BIN)/python" -m hatchling build

setup: $(DEV_STAMP) ## only set up, with the development tools

clean: ## remove what the other targets made, also the environment
	@rm -rf build dist "$(VENV)" .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or newer is needed: apt-get install python3 python3-venv" >&2; exit 1; fi
	@if ! "$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null; then \
		if [ "$$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then \
			echo "installing python3-venv"; \
			{ apt-get install -y -qq python3-venv || { apt-get update -qq && apt-get install -y -qq python3-venv; }; } >/dev/null; \
		else \
			echo "This Python cannot make a virtual environment yet: sudo apt-get install python3-venv" >&2; exit 1; \
		fi; \
	fi
	@echo "making $(VENV)"
	@"$(PYTHON)" -m venv "$(VENV)" || { rm -rf "$(VENV)"; exit 1; }

$(RUN_STAMP): | $(BIN)/python
	@echo "installing tabularium and what it needs (once; about 900 MB)"
	@"$(BIN)/python" -m pip install --quiet --disable-pip-version-check --editable '.[dataset,ocr]'
	@rm -f "$(VENV)"/.installed-*
	@touch "$@"

$(DEV_STAMP): $(RUN_STAMP)
	@echo "installing the development tools"
	@"$(BIN)/python" -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch "$@"
