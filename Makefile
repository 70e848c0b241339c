# Everything a person types. `make help` lists it.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CODE := alerts cli dags deploy expectations flows forecasts nte plugins reports simulator transforms
READY := $(VENV)/.ready
AUDIT := .venv-audit

.DEFAULT_GOAL := help
.PHONY: help demo test lint up stop pictures dictionary bench scores faults cluster sbom audit lock clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | \
	  awk -F '\t' '{ printf "  make %-10s %s\n", $$1, $$2 }'

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not ((3, 11) <= sys.version_info < (3, 14)))' || \
	  { echo "This needs Python 3.11 to 3.13; '$(PYTHON)' is another. Say: make PYTHON=python3.11 ..."; exit 1; }
	@echo "Setting up the environment in $(VENV) (once, about a minute) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@VIRTUAL_ENV=$(abspath $(VENV)) $(BIN)/uv pip install --quiet --compile-bytecode --require-hashes -r requirements.lock
	@VIRTUAL_ENV=$(abspath $(VENV)) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q $(CODE)  # who may not write here would compile them at every start
	@touch $@

demo: $(READY) ## simulated deliveries in, alerts out; shows the last weekend and where everything is
	@$(BIN)/nte demo

test: $(READY) lint ## every check: lint, types, import contracts, tests
	@$(BIN)/pytest

lint: $(READY) ## style, types and the rules of the house
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

up: $(READY) ## the Airflow UI with the inbox watched, on loopback
	@$(BIN)/nte up

stop: ## stop everything that `make up` started
	@test ! -x $(BIN)/nte || $(BIN)/nte stop

pictures: demo ## the pictures of README and docs, made anew from the demonstration; needs Chromium
	@$(BIN)/python -W ignore -m tests.browser.pictures

dictionary: $(READY) ## docs/data.md made anew: every table, column, unit and key that analysts get
	@$(BIN)/python -W ignore -m cli.data_page

bench: $(READY) ## time and memory beside a plain script, in the same run
	@$(BIN)/python -m bench

scores: $(READY) ## how well past bands and alerts did, from the warehouse's own
	@$(BIN)/nte scores

faults: $(READY) ## kill -9 at random instants, a full disk, two runs at once, every order, each part of the service, the attacker
	@$(BIN)/python -m tests.faults --kills 75 --acts 75 --posts 600 --duckdb 2000 --seed 1
	@$(BIN)/pytest -m campaign
	@$(BIN)/python -W ignore -m tests.attacker --seasons 20 --weekends 200
	@$(BIN)/python -W ignore -m tests.attacker.partners --seeds 200
	@$(BIN)/python -W ignore -m tests.faults.service
	@$(BIN)/python -W ignore -m tests.faults.soak

$(VENV)/.cluster: deploy/requirements.lock | $(READY)
	@VIRTUAL_ENV=$(abspath $(VENV)) $(BIN)/uv pip install --quiet --compile-bytecode --require-hashes -r deploy/requirements.lock
	@touch $@

cluster: $(READY) $(VENV)/.cluster ## the whole job on Postgres, Redis and two Celery workers, compared with one process
	@$(BIN)/python -m deploy.cluster

$(AUDIT)/.ready: deploy/audit.lock | $(READY)
	@$(BIN)/uv venv --quiet --allow-existing $(AUDIT)
	@VIRTUAL_ENV=$(abspath $(AUDIT)) $(BIN)/uv pip install --quiet --require-hashes -r deploy/audit.lock
	@touch $@

sbom: $(AUDIT)/.ready ## every installed package, with version and licence, in CycloneDX: var/sbom.json
	@mkdir -p var
	@$(AUDIT)/bin/cyclonedx-py environment --output-reproducible --output-file var/sbom.json $(BIN)/python
	@echo "Written to var/sbom.json"

audit: $(AUDIT)/.ready ## what is known against the locked packages; says so where nobody can be asked
	@$(BIN)/python -m deploy.audit $(AUDIT)/bin/pip-audit

lock: ## resolve the lock files anew from pyproject.toml
	@$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --quiet --output-file requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --extra cluster --extra sftp --extra s3 --constraint requirements.lock --universal \
	  --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --quiet --output-file deploy/requirements.lock
	@$(BIN)/uv pip compile --group pyproject.toml:audit --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --quiet --output-file deploy/audit.lock

clean: stop ## remove the environment; deliveries, warehouse and reports under var/ stay
	@rm -rf $(VENV) $(AUDIT)
