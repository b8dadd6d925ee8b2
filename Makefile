# Set-up, checks and the server. `make help` lists the targets.

VENV ?= .venv
HOST ?= 127.0.0.1
PORT ?= 8080
WEB_CONCURRENCY ?=
SECONDS ?= 60
STORE ?= sqlite postgresql
PICTURES ?= .github/pictures

BIN := $(VENV)/bin
.DEFAULT_GOAL := help
.PHONY: help install run test bench soak screenshots lint audit format golden

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  HOST, PORT and WEB_CONCURRENCY (workers) may be given to run: make run PORT=9000"

install: $(VENV)/.installed ## set up .venv with the package and the command cds-service

run: $(VENV)/.installed ## serve on http://HOST:PORT in the foreground, until Ctrl-C or SIGTERM
	@HOST="$(HOST)" PORT="$(PORT)" WEB_CONCURRENCY="$(WEB_CONCURRENCY)" exec $(BIN)/cds-service serve

test: $(VENV)/.installed-dev ## run every test
	@$(BIN)/python -m pytest -n auto --dist worksteal

bench: $(VENV)/.installed-dev ## measure, as ratios against a baseline of the same run
	@$(BIN)/python -m tests.bench

soak: $(VENV)/.installed-dev ## SECONDS (60) at full load on each STORE (sqlite postgresql), every promise checked
	@$(BIN)/python -m tests.soak --seconds $(SECONDS) $(STORE)

screenshots: $(VENV)/.installed-dev ## the pictures of the pages in README.md, from the real pages; needs Chromium
	@$(BIN)/python -m tests.browser.screenshots $(PICTURES)

lint: $(VENV)/.installed-dev ## every check that CI makes, without the tests
	$(BIN)/ruff format --check cds_service tests
	$(BIN)/ruff check cds_service tests
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m cds_service.fhir.schema_source --check
	$(BIN)/cds-service lint

audit: $(VENV)/.installed-dev ## known vulnerabilities of what is shipped; asks an advisory service on the network
	@$(BIN)/python -m tests.audit

format: $(VENV)/.installed-dev ## format the code and apply the safe corrections
	$(BIN)/ruff format cds_service tests
	$(BIN)/ruff check --fix cds_service tests

golden: $(VENV)/.installed-dev ## rewrite the expected answers of the scenarios; review the diff
	$(BIN)/cds-service golden --write
	$(BIN)/cds-service dialects --write

# The stamps keep a second start off the network: pip runs again only when pyproject.toml changed.
$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@$(BIN)/python -m compileall -q cds_service
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@$(BIN)/python -m compileall -q cds_service
	@touch $@ $(VENV)/.installed

$(BIN)/python:
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	  if command -v "$$python" >/dev/null 2>&1 && \
	     "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "No Python 3.11 or newer found. Install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python" >&2; exit 1; \
	fi; \
	if ! "$$found" -c 'import venv, ensurepip' 2>/dev/null; then \
	  echo "$$found lacks the venv module. Install it (Debian, Ubuntu: apt-get install python3-venv) and try again." >&2; exit 1; \
	fi; \
	"$$found" -m venv $(VENV)
